import { readCrdTexts } from '../hosts/files/crd-files.ts';
import { EXIT, type Io } from './io.ts';

/** `agora-reconciler crds`: prints the CustomResourceDefinitions, ready for `kubectl apply -f -`. */
export function crdsCommand(io: Io): number {
  const texts = [...readCrdTexts().values()].map((text) => text.replace(/^---\n/, '').trimEnd());
  io.stdout.write(`${texts.join('\n---\n')}\n`);
  return EXIT.ok;
}
