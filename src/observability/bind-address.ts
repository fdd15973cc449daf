/** Where a server listens; without a host, on every address of the machine. */
export interface BindAddress {
  readonly host?: string;
  /** 0 takes any free one. */
  readonly port: number;
}

/** `:8080`, `127.0.0.1:8080` or `[::1]:8080`; `0` serves nothing, as in controller-runtime. */
export function parseBindAddress(text: string): BindAddress | undefined {
  if (text === '0') return undefined;
  const [, bracketed, plain, digits = ''] = /^(?:\[([\da-fA-F:.]+)\]|([\w.-]*)):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === '' || port > 65_535)
    throw new Error(`cannot listen on ${text}: write :8080, 127.0.0.1:8080, or 0 for none`);
  const host = bracketed ?? plain;
  return host === undefined || host === '' ? { port } : { host, port };
}

export const sameAddress = (a: BindAddress, b: BindAddress): boolean =>
  a.port !== 0 && a.port === b.port && a.host === b.host;
