import { chmod, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../core/hash.ts';
import { type Key, keyOf, splitKey } from '../../core/resource.ts';
import type { DeclaredSecret } from '../declared.ts';
import { type Durability, DurableFiles, isTemporary } from './durable.ts';
import { errorCode } from './filesystem.ts';
import { parseRecord, parseSecretRecord, recordText, type StateRecord, secretRecordText } from './record.ts';
import { StateError } from './state-error.ts';

/** What the state directory held when it was read. */
export interface StoredState {
  readonly records: ReadonlyMap<Key, StateRecord>;
  /** Values of removed Secrets that live tasks still need. */
  readonly secrets: readonly DeclaredSecret[];
}

/** Where a running `watch` answers other commands. */
export const socketPath = (stateDirectory: string): string => join(stateDirectory, 'socket');

/** Reads a state directory that may belong to a running process; changes nothing. */
export async function readState(stateDirectory: string): Promise<StoredState> {
  const mistakes: string[] = [];
  const records = new Map<Key, StateRecord>();
  for (const [name, text] of await readAll(join(stateDirectory, RESOURCES))) {
    const record = parseRecord(text);
    if (typeof record === 'string') mistakes.push(`${join(stateDirectory, RESOURCES, name)}: ${record}`);
    else if (recordName(keyOf(record.resource)) !== name) {
      mistakes.push(
        `${join(stateDirectory, RESOURCES, name)}: holds ${keyOf(record.resource)}, not what its name says`,
      );
    } else records.set(keyOf(record.resource), record);
  }
  const secrets: DeclaredSecret[] = [];
  for (const [name, text] of await readAll(join(stateDirectory, SECRETS))) {
    const secret = parseSecretRecord(text);
    if (typeof secret === 'string') mistakes.push(`${join(stateDirectory, SECRETS, name)}: ${secret}`);
    else secrets.push(secret);
  }
  if (mistakes.length > 0) throw new StateError(`${mistakes.join('\n')}\n${ADVICE}`);
  return { records, secrets };
}

/** A file a resource below a directory that only its owner may read (0700, 0600). */
export class StateStore {
  readonly #directory: string;
  readonly #files: DurableFiles;

  private constructor(directory: string, durability: Durability) {
    this.#directory = directory;
    this.#files = new DurableFiles(durability);
  }

  /** The caller holds the directory's lock. */
  static async open(directory: string, durability: Durability): Promise<StateStore> {
    for (const part of [RESOURCES, SECRETS]) {
      const path = join(directory, part);
      await mkdir(path, { recursive: true, mode: PRIVATE });
      // What a killed process was writing; the file it was to replace is whole.
      for (const name of await readdir(path)) if (isTemporary(name)) await rm(join(path, name), { force: true });
    }
    return new StateStore(directory, durability);
  }

  async write(record: StateRecord): Promise<void> {
    await this.#files.replace(join(this.#directory, RESOURCES, recordName(keyOf(record.resource))), recordText(record));
  }

  async remove(key: Key): Promise<void> {
    await this.#files.remove(join(this.#directory, RESOURCES, recordName(key)));
  }

  async writeSecret(secret: DeclaredSecret): Promise<void> {
    await this.#files.replace(this.#secretPath(secret.namespace, secret.name), secretRecordText(secret));
  }

  async removeSecret(namespace: string, name: string): Promise<void> {
    await this.#files.remove(this.#secretPath(namespace, name));
  }

  async close(): Promise<void> {
    await this.#files.idle();
  }

  #secretPath(namespace: string, name: string): string {
    return join(this.#directory, SECRETS, fileName('Secret', namespace, name));
  }
}

/**
 * Creates the state directory, or takes everybody else's rights from the one that is there. A directory that holds
 * something else is refused: a mistyped --state must not change it.
 */
export async function prepareState(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: PRIVATE }).catch((error: unknown) => {
    throw new StateError(`the state directory ${directory} cannot be made: ${errorCode(error) ?? 'unknown error'}`, {
      cause: error,
    });
  });
  const names = await readdir(directory);
  if (names.length > 0 && !names.includes('lock')) {
    throw new StateError(`${directory} holds something else than state; name an empty or new directory with --state`);
  }
  await chmod(directory, PRIVATE);
}

const PRIVATE = 0o700;
const RESOURCES = 'resources';
const SECRETS = 'secrets';
const SUFFIX = '.json';
/** File systems allow 255 bytes; a namespace and a name may have 316, and a temporary name is longer than its file's. */
const LONGEST = 200;

const ADVICE =
  'nothing was started, since forgetting these would leave their tasks running unowned: ' +
  'restore the files from a backup, or, once you have stopped their tasks by other means, delete them';

function recordName(key: Key): string {
  const { kind, namespace, name } = splitKey(key);
  return fileName(kind, namespace, name);
}

/** A namespace has no dot, so the parts stay apart; `~` and `%` are in no name. */
export function fileName(kind: string, namespace: string, name: string): string {
  const text = `${kind}.${encode(namespace)}.${encode(name)}`;
  const short = text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 33)}~${sha256(text, 32)}`;
  return `${short}${SUFFIX}`;
}

const encode = (text: string): string =>
  text.replace(/[^a-z0-9.-]/gu, (sign) => `%${Buffer.from(sign).toString('hex')}`);

async function readAll(directory: string): Promise<readonly (readonly [string, string])[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  const wanted = names.filter((name) => name.endsWith(SUFFIX)).sort();
  return Promise.all(wanted.map(async (name) => [name, await readFile(join(directory, name), 'utf8')] as const));
}
