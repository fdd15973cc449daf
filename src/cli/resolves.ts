import { lookup } from 'node:dns/promises';

/**
 * MP-22: whether a CDN's host has an address. Only the answer that there is no such name says no; a resolver that does
 * not answer proves nothing about the name.
 */
export async function resolves(host: string): Promise<boolean> {
  try {
    await lookup(host);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOTFOUND');
  }
}
