/**
 * Adds to package-lock.json the optional packages of other platforms that a dependency names. A registry mirror that
 * carries only some platforms makes `npm install` leave them out, and `npm ci` then refuses the lock file. Run it after
 * `npm install`; with `--check` it only says what is missing.
 */
import { readFileSync, writeFileSync } from 'node:fs';

interface LockedPackage {
  readonly version?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly peer?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const PLATFORM =
  /(android|darwin|freebsd|linux|openharmony|win32)-(arm64|arm|x64|ia32|ppc64|riscv64|s390x)(?:-(gnu|musl|eabi|msvc)\w*)?$/;

const LIBC: Readonly<Record<string, string>> = { gnu: 'glibc', musl: 'musl' };

const path = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, LockedPackage> };

const missing = Object.values(lock.packages).flatMap(({ dev, peer, optionalDependencies }) =>
  Object.entries(optionalDependencies ?? {}).flatMap(([name, version]) => {
    const known = Object.keys(lock.packages).some((location) => location.endsWith(`node_modules/${name}`));
    const platform = PLATFORM.exec(name);
    return known || platform === null ? [] : [entry(name, version, platform, { dev, peer })];
  }),
);

if (missing.length > 0 && process.argv.includes('--check')) {
  console.error(`package-lock.json lacks ${missing.map(([location]) => location).join(', ')}`);
  process.exitCode = 1;
} else if (missing.length > 0) {
  const [root, ...others] = [...Object.entries(lock.packages), ...missing];
  others.sort(([a], [b]) => a.localeCompare(b, 'en'));
  lock.packages = Object.fromEntries([root, ...others].filter((each) => each !== undefined));
  writeFileSync(path, `${JSON.stringify(lock, undefined, 2)}\n`);
  console.log(`added ${missing.length} packages of other platforms to package-lock.json`);
}

function entry(
  name: string,
  version: string,
  [, os, cpu, abi]: RegExpExecArray,
  { dev, peer }: { readonly dev: boolean | undefined; readonly peer: boolean | undefined },
): [string, LockedPackage] {
  const libc = os === 'linux' ? LIBC[abi ?? ''] : undefined;
  return [
    `node_modules/${name}`,
    {
      version,
      ...(cpu === undefined ? {} : { cpu: [cpu] }),
      ...(dev === true ? { dev } : {}),
      ...(libc === undefined ? {} : { libc: [libc] }),
      optional: true,
      ...(os === undefined ? {} : { os: [os] }),
      ...(peer === true ? { peer } : {}),
    },
  ];
}
