import { readFileSync } from 'node:fs';
import { EXIT, type Io, print } from './io.ts';

/** `agora-reconciler version`: reads one file and loads nothing else. */
export function versionCommand(io: Io): number {
  print(io.stdout, packageVersion());
  return EXIT.ok;
}

export function packageVersion(): string {
  const manifest = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }).version;
}
