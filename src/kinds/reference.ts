import type { Secret } from '../core/secret.ts';

/** Says both places where the value of a reference may come from (design §4, files mode). */
export function missingSecret(namespace: string, name: string, key: string): string {
  const variable = `AGORA_SECRET_${namespace}_${name}_${key}`.toUpperCase().replace(/[^A-Z0-9]/g, '_');
  return `Secret ${name} has no key ${key}; create it, or without a cluster set ${variable}`;
}

/** The text of a value that was declared in clear or came by reference. */
export const reveal = (value: Secret | string): string => (typeof value === 'string' ? value : value.reveal());
