import { spawnSync } from 'node:child_process';

/** The libraries that Argo CD leaves out: only the base and table libraries are there. */
const WITHOUT_LIBRARIES = 'string, io, os, math, debug, coroutine, require, package = nil';

/** What the script returns for each object, told as `status<TAB>message`; the script sees it as the global `obj`. */
export function runHealth(lua: string, script: string, objects: readonly unknown[]): readonly string[] {
  const program = [
    'local write = print',
    `local script = assert((loadstring or load)(${literal(script)}))`,
    WITHOUT_LIBRARIES,
    ...objects.flatMap((object) => [
      `obj = ${literal(object)}`,
      'do local result = script(); write(result.status .. "\\t" .. result.message) end',
    ]),
  ].join('\n');
  const { status, stdout, stderr } = spawnSync(lua, ['-'], { input: program, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${lua} failed: ${stderr}`);
  return stdout.trimEnd().split('\n');
}

/** A value as Lua source; null is nil, as in Argo CD. */
function literal(value: unknown): string {
  if (value === null || value === undefined) return 'nil';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return `"${[...Buffer.from(value)].map(byte).join('')}"`;
  if (Array.isArray(value)) return `{${value.map(literal).join(',')}}`;
  return `{${Object.entries(value)
    .map(([key, member]) => `[${literal(key)}]=${literal(member)}`)
    .join(',')}}`;
}

const byte = (code: number): string =>
  /[\w ]/.test(String.fromCharCode(code)) ? String.fromCharCode(code) : `\\${String(code).padStart(3, '0')}`;
