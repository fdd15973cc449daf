import { relative } from 'node:path';

/** A socket's path has about a hundred bytes; from where the command runs it is often shorter. */
export function shortestPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return Buffer.byteLength(fromHere) < Buffer.byteLength(path) && fromHere !== '' ? `./${fromHere}` : path;
}
