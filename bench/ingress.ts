/** From a notification's last byte to its answer, over real sockets, with the journal on the disk (WR-11: within a second). */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import { realClock } from '../src/engine/clock.ts';
import { createIngress } from '../src/ingress/ingress.ts';
import { openJournal } from '../src/ingress/journal-file.ts';
import { startIngressServer } from '../src/ingress/server.ts';
import { SILENT } from '../src/observability/log.ts';
import { post, project, recordingNotice, recordingWith, SID, worldOf } from '../test/ingress/builders.ts';
import { largest, quantile, report } from './stage/report.ts';

const COUNT = 20_000;
/** As many as Agora is said to keep open at least (reference D.3). */
const AT_ONCE = 100;
const BOUND_MS = 1_000;

const directory = await mkdtemp(join(tmpdir(), 'agora-reconciler-bench-'));
const clock = realClock();
const world = { ...worldOf([project(), recordingWith({ sid: SID })]), now: () => clock.now() };
const { journal, close } = await openJournal({ directory, clock, log: SILENT });
const { handle } = createIngress({ world, log: SILENT, journal });
const server = await startIngressServer({ address: { host: '127.0.0.1', port: 0 }, handle, clock });
const pool = new Pool(`http://127.0.0.1:${server.port}`, { connections: AT_ONCE });

const waits: number[] = [];
let refused = 0;
let next = 0;
async function sender(): Promise<void> {
  while (next < COUNT) {
    next += 1;
    const { target, headers, body } = post(
      recordingNotice(33, {}, { sequence: next }, { noticeId: `bench:${next}`, notifyMs: clock.now() }),
    );
    const began = performance.now();
    const answer = await pool.request({ method: 'POST', path: target, headers: { ...headers }, body });
    await answer.body.dump();
    waits.push(performance.now() - began);
    if (answer.statusCode !== 200) refused += 1;
  }
}
const began = performance.now();
await Promise.all(Array.from({ length: AT_ONCE }, sender));
const seconds = (performance.now() - began) / 1_000;
await pool.close();
await server.close();
await close();
await rm(directory, { recursive: true, force: true });

report(
  `ingress: ${COUNT.toLocaleString('en')} notices from ${AT_ONCE} connections that never rest, signed, journalled and told`,
  [
    {
      what: 'slowest answer',
      measured: largest(waits),
      against: { kind: 'bound', value: BOUND_MS, what: '200 within a second' },
      unit: 'ms',
    },
    {
      what: 'p99',
      measured: quantile(waits, 0.99),
      against: { kind: 'bound', value: BOUND_MS, what: '200 within a second' },
      unit: 'ms',
    },
  ],
  [
    `p50 ${quantile(waits, 0.5).toFixed(1)} ms; ${Math.round(COUNT / seconds)} a second, sender and receiver in one process`,
    `failures: ${refused}; told: ${world.told.length}`,
  ],
);
