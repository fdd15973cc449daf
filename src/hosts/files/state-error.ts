/** The state directory cannot be used; the message says what a person must do. */
export class StateError extends Error {
  override readonly name = 'StateError';
}
