import { type Ask, type Asks, parseAnswer, type Request, requestLine } from './protocol.ts';

/** Takes a request to `POST /control` of a controller and brings the body of its answer. */
export type Exchange = (request: string, signal: AbortSignal) => Promise<string>;

/** Throws a `ControlError` where the controller answers with one, and whatever the exchange throws. */
export async function askBy<Which extends Ask>(
  exchange: Exchange,
  { ask, request }: { readonly ask: Which; readonly request: Asks[Which]['request'] },
  signal: AbortSignal,
): Promise<Asks[Which]['answer']> {
  const line = await exchange(requestLine({ ask, ...request } as unknown as Request), signal);
  // The controller is of the same version, which `parseAnswer` has checked.
  return parseAnswer(line) as Asks[Which]['answer'];
}
