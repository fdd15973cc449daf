import type { Resource } from '../../core/resource.ts';
import type { Secret } from '../../core/secret.ts';
import type { Context } from '../context.ts';
import { missingSecret } from '../reference.ts';
import type { RecordingSpec } from './types.ts';

/** The secret values that a recording's requests need, resolved from its references. */
export interface Inputs {
  readonly url: Secret | string;
  readonly publishUrl?: Secret | string;
  readonly token?: Secret;
  readonly accessKey: Secret;
  readonly secretKey: Secret;
  readonly stsToken?: Secret;
  readonly stsExpiration?: Secret;
}

export type Resolved =
  | { readonly ok: true; readonly inputs: Inputs }
  | { readonly ok: false; readonly missing: string };

/** Resolves every reference, or names the first Secret key that is missing and where its value could come from. */
export function resolveInputs(resource: Resource<RecordingSpec>, context: Pick<Context, 'secret'>): Resolved {
  const { spec } = resource;
  const missing: string[] = [];
  const required = (name: string, key: string): Secret | undefined => {
    const value = context.secret(name, key);
    if (value === undefined) missing.push(missingSecret(resource.metadata.namespace, name, key));
    return value;
  };
  const from = (
    reference: { readonly secretKeyRef: { readonly name: string; readonly key: string } } | undefined,
  ): Secret | undefined =>
    reference === undefined ? undefined : required(reference.secretKeyRef.name, reference.secretKeyRef.key);

  const url = spec.url ?? from(spec.urlFrom);
  const publishUrl = spec.publish?.rtmpUrl ?? from(spec.publish?.rtmpUrlFrom);
  const token = from(spec.tokenFrom);
  const storage = spec.storage.credentialsSecretRef.name;
  const accessKey = required(storage, 'accessKey');
  const secretKey = required(storage, 'secretKey');
  if (url === undefined || accessKey === undefined || secretKey === undefined || missing.length > 0) {
    return { ok: false, missing: missing[0] ?? 'spec.url or spec.urlFrom is needed' };
  }
  const stsToken = context.secret(storage, 'stsToken');
  const stsExpiration = context.secret(storage, 'stsExpiration');
  return {
    ok: true,
    inputs: {
      url,
      accessKey,
      secretKey,
      ...(publishUrl === undefined ? {} : { publishUrl }),
      ...(token === undefined ? {} : { token }),
      ...(stsToken === undefined ? {} : { stsToken }),
      ...(stsExpiration === undefined ? {} : { stsExpiration }),
    },
  };
}
