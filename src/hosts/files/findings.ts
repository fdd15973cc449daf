/** Something in a file that a person should look at. */
export interface Finding {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** Path of the field, as `spec.storage.fileNamePrefix[0]`; empty where it is about the file. */
  readonly field: string;
  /** What is wrong, without the value: it may be a secret. */
  readonly message: string;
  /** What to do. */
  readonly advice: string;
  readonly severity: 'error' | 'warning';
}

export const hasError = (findings: readonly Finding[]): boolean =>
  findings.some(({ severity }) => severity === 'error');

/** `file:line:column: field: what is wrong; what to do`, a warning marked as such at its end. */
export function formatFinding({ file, line, column, field, message, advice, severity }: Finding): string {
  const what = [field, advice === '' ? message : `${message}; ${advice}`].filter((part) => part !== '').join(': ');
  return `${file}:${line}:${column}: ${what}${severity === 'warning' ? ' (warning)' : ''}`;
}
