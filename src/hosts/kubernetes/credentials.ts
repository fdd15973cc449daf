export interface TlsOptions {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly pfx?: string | Buffer;
  readonly passphrase?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** Who asks. Secret: neither logged nor put into an error. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsOptions;
}

/** Where an API server is and how it knows us. */
export interface Access {
  /** Without a slash at its end. */
  readonly server: string;
  readonly proxy?: string;
  /** Of the context, or that the Pod runs in. */
  readonly namespace: string;
  /** Read anew now and then by itself, and at once for `renewed`: what was given last has been refused. */
  credentials(how: 'cached' | 'renewed'): Promise<Credentials>;
}

/** A configuration that cannot be used; the message says what to do. */
export class AccessError extends Error {
  override readonly name = 'AccessError';
}
