import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNoServer } from './api-server.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { rehearseStorm } from './storm/rehearse.ts';

const reason = whyNoServer(process.env);
if (reason !== undefined && process.env['CI']) it('has an API server to test against', () => expect.fail(reason));

/** Scaled; `node scripts/fault-rehearsal.ts` searches longer. */
const MINUTES = 4;
const SPEED = 10;

describe.skipIf(reason !== undefined)(`the controller in a storm${reason === undefined ? '' : ` (${reason})`}`, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster(process.env);
  });
  afterAll(() => cluster?.stop());

  it('misses nothing, doubles nothing and loses no handle, with an edit or a label during every call', {
    timeout: 300_000,
  }, async () => {
    const seed = process.env['STORM_SEED'] ?? '1';
    const report = await rehearseStorm(cluster, { minutes: MINUTES, speed: SPEED, seed, longestOutageMs: 4_000 });
    console.log(JSON.stringify(report));
    expect(report.problems).toEqual([]);
    expect(report.user['label during a call']).toBeGreaterThan(20);
    expect(report.handles).toBeGreaterThanOrEqual(12);
  });
});
