/** What the impure parts log through; pino fulfils it. Fields first, then a constant message (style: logs). */
export interface Logger {
  debug(fields: Fields, message: string): void;
  info(fields: Fields, message: string): void;
  warn(fields: Fields, message: string): void;
  error(fields: Fields, message: string): void;
}

export type Fields = Readonly<Record<string, unknown>>;

export const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };
