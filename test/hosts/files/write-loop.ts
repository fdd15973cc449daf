import { seconds } from '../../../src/core/time.ts';
import { openFilesHost } from '../../../src/hosts/files/host.ts';
import { key, recording } from '../builders.ts';
import { ManualClock } from '../manual-clock.ts';

/*
 * A process to be killed: writes statuses as fast as it can and prints each count once its write was answered.
 * Arguments: the directory of manifests, the state directory.
 */
const [directory = '', stateDirectory = ''] = process.argv.slice(2);
const names = ['a', 'b', 'c', 'd'];
const host = await openFilesHost({
  directory,
  stateDirectory,
  clock: new ManualClock(),
  environment: {},
  pruneAfterMs: seconds(10),
  read: () => ({
    resources: names.map((name) => ({ value: recording({ name }), line: 1, column: 1 })),
    secrets: [],
    findings: [],
  }),
});
await host.scan();
process.stdout.write('ready\n');

async function loop(name: string): Promise<void> {
  for (let count = 1; ; count += 1) {
    const resource = host.get(key(name));
    if (resource === undefined) throw new Error(`${name} is not there`);
    const status = { observedGeneration: count, conditions: [], note: '.'.repeat(2_000) };
    const written = await host.writeStatus(resource, status);
    if (written.result !== 'written') throw new Error(written.result);
    process.stdout.write(`${name} ${count}\n`);
  }
}

await Promise.all(names.map(loop));
