import { describe, expect, it } from 'vitest';
import { frame } from '../../src/cli/live-table.ts';
import { resourceLines } from '../../src/cli/resource-table.ts';
import type { Runtime } from '../../src/cli/runtime.ts';
import { keyOf, type Resource } from '../../src/core/resource.ts';
import { Ledger } from '../../src/limits/ledger.ts';
import { limitsFor } from '../../src/limits/tables.ts';
import { resource } from './resources.ts';

const APP_ID = '0123456789abcdef0123456789abcdef';
const NOW = Date.parse('2026-01-01T10:00:00Z');

function runtime(resources: readonly Resource[]): Runtime {
  const ledger = new Ledger({ limitsFor: () => limitsFor({ converter: { eu: { HD: 3 } } }) });
  ledger.ready();
  for (const each of resources) {
    if (each.kind !== 'RtmpConverter') continue;
    const slots = [{ appId: APP_ID, service: 'converter', region: 'eu', class: 'HD' } as const];
    ledger.request(keyOf(each), { claims: { slots, names: [] }, priority: 0, since: NOW }, NOW);
  }
  const stats = { appId: APP_ID, limit: 'recording', sentInLastSecond: 4, cap: 10, fullCap: 10, waiting: 7 };
  return {
    clock: { now: () => NOW },
    host: { list: (kind: string) => resources.filter((each) => each.kind === kind) },
    lanes: { stats: () => [stats] },
    ledger,
  } as unknown as Runtime;
}

const converters = (count: number): readonly Resource[] =>
  Array.from({ length: count }, (_, index) =>
    resource({ kind: 'RtmpConverter', name: `a-converter-with-quite-a-long-name-${index}`, message: 'm'.repeat(90) }),
  );
const project = resource({ kind: 'AgoraProject', name: 'live', spec: { appId: APP_ID }, reason: 'Accepted' });
const view = { columns: 80, rows: 24, colours: false, title: 't'.repeat(100), notices: ['n'.repeat(200)] };

describe('the live table', () => {
  it('shows resources, and queries and slots in use with who waits', () => {
    const lines = frame(runtime([project, ...converters(4)]), view);
    expect(lines).toContain('queries  recording 4/10 (7 wait)');
    expect(lines).toContain('slots    converter eu HD 3/3 (1 wait)');
    expect(lines.filter((line) => line.startsWith('✓'))).toHaveLength(5);
  });

  it('is never wider or higher than the screen', () => {
    const lines = frame(runtime([project, ...converters(40)]), view);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(lines.join('\n')).toMatch(/and \d+ more/);
  });
});

describe('a line of a resource', () => {
  const line = (each: Resource): string | undefined =>
    resourceLines([each], { columns: 100, colours: false, now: NOW })[1];

  it('tells since when it runs, and how often it was started again', () => {
    const tasks = [{ phase: 'Running', runningSince: '2026-01-01T09:48:00.000Z' }, { phase: 'Unknown' }];
    const each = resource({ status: { tasks, restarts: { count: 2 } } });
    expect(line(each)).toBe('✓ recording  media/keynote  Running  for 12 min, restarts 2, 1 more may live unseen');
  });

  it('tells the place in the queue', () => {
    const queue = { position: 2, limit: 'recording eu HD: 30 of 30 in use' };
    const each = resource({ ready: 'False', reason: 'WaitingForSlot', status: { queue } });
    expect(line(each)).toMatch(
      /^… recording {2}media\/keynote {2}WaitingForSlot {2}place 2, recording eu HD: 30 of 30/,
    );
  });

  it('tells why it works or is stalled', () => {
    const each = resource({ ready: 'False', reason: 'NameConflict', stalled: true, message: 'the name is taken' });
    expect(line(each)).toBe('✗ recording  media/keynote  NameConflict  the name is taken');
  });

  it('marks the state in colour only where colours are wanted', () => {
    const [, coloured = ''] = resourceLines([resource()], { columns: 80, colours: true, now: NOW });
    expect(coloured.startsWith('\u001B[32m✓\u001B[39m recording')).toBe(true);
  });
});
