import { readFile } from 'node:fs/promises';
import { keyOfDeclared } from '../builders.ts';
import { type HostHarness, hostContract } from '../contract.ts';
import { Fixture, manifests, PRUNE_AFTER, secretManifest } from './fixture.ts';

const harness = async (fixture: Fixture): Promise<HostHarness> => ({
  host: await fixture.host(),
  async apply(declared) {
    await fixture.write(fileOf(keyOfDeclared(declared)), manifests(declared));
    await fixture.scan();
  },
  async remove(key) {
    await fixture.remove(fileOf(key));
    await fixture.prune();
  },
  async touch(key) {
    const label = `team: '${fixture.clock.monotonic()}'`;
    const text = (await readManifest(fixture, key)).replace('metadata:\n', `metadata:\n  labels: { ${label} }\n`);
    await fixture.write(fileOf(key), text);
    await fixture.scan();
  },
  async setSecret(namespace, name, values) {
    await fixture.write(`${namespace}-${name}.yaml`, secretManifest(name, values, namespace));
    await fixture.scan();
  },
  async restart() {
    await fixture.restart();
    return harness(fixture);
  },
  close: () => fixture.close(),
});

const fileOf = (key: string): string => `${key.replaceAll('/', '-')}.yaml`;

const readManifest = (fixture: Fixture, key: string): Promise<string> => readFile(fixture.path(fileOf(key)), 'utf8');

// Removals of the only resource look like a mistake and wait for a confirmation: not what the contract is about.
hostContract('files', async () => harness(await Fixture.open({ prune: 'all', pruneAfterMs: PRUNE_AFTER })));
