import { readdirSync, readFileSync } from 'node:fs';
import { install } from '@sinonjs/fake-timers';
import { afterEach, describe, expect, it } from 'vitest';
import { openSimulatedCloud } from '../../src/cli/simulated-cloud.ts';
import { findCondition } from '../../src/core/conditions.ts';
import { keyOf, type Resource, type StatusBase } from '../../src/core/resource.ts';
import { Secret } from '../../src/core/secret.ts';
import { realClock } from '../../src/engine/clock.ts';
import type { Declared, DeclaredSecret } from '../../src/hosts/declared.ts';
import { createManifestReader } from '../../src/hosts/files/manifest-reader.ts';
import { createValidator } from '../../src/hosts/files/validate.ts';
import { createMemoryHost } from '../../src/hosts/memory/host.ts';
import { KINDS } from '../../src/kinds/index.ts';
import type { ProjectSpec } from '../../src/kinds/project/types.ts';
import { incarnate } from './incarnation.ts';
import { FAKED } from './simulate.ts';

const folder = new URL('../../examples/', import.meta.url);
const read = createManifestReader(await createValidator());
const declarations = (() => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
  const readings = files.map((name) => read(readFileSync(new URL(name, folder), 'utf8'), name, () => undefined));
  return {
    resources: readings.flatMap(({ resources }) => resources.map(({ value }) => value)),
    secrets: readings.flatMap(({ secrets }) => secrets.map(({ value }) => value)),
  };
})();

/** The evening before the windows that the examples declare. */
const BEFORE = Date.UTC(2026, 10, 30, 20);
const HOUR = 3_600_000;

let timers: ReturnType<typeof install> | undefined;
afterEach(() => timers?.uninstall());

describe('every example, brought to its end in simulation', () => {
  it('is as declared, waits for a limit, or comes to the end of its window; then goes without a trace', async () => {
    timers = install({ now: BEFORE, toFake: [...FAKED] });
    const { host, cloud, life, close } = world(declarations.resources, declarations.secrets);
    await timers.tickAsync(10 * 60_000);
    const reasons = (): readonly string[] =>
      (['AgoraProject', 'WebPageRecording', 'RtmpConverter'] as const).flatMap((kind) =>
        host.list(kind).map((resource) => {
          const ready = findCondition((resource.status as StatusBase | undefined)?.conditions, 'Ready');
          return `${kind}/${resource.metadata.name} ${ready?.status} ${ready?.reason}`;
        }),
      );
    expect(reasons().filter((line) => !SETTLED.test(line))).toEqual([]);
    // Past every window and every planned end.
    await timers.tickAsync(14 * HOUR);
    // A recording at its planned end is out of sight for 90 s.
    if (reasons().some((line) => line.includes('MigrationSuspected'))) await timers.tickAsync(5 * 60_000);
    expect(reasons().filter((line) => !SETTLED.test(line))).toEqual([]);
    expect(cloud.audit().limits.exceeded).toEqual([]);
    expect(cloud.audit().queries.exceeded).toEqual([]);

    for (const kind of ['WebPageRecording', 'RtmpConverter', 'AgoraProject'] as const) {
      for (const resource of host.list(kind)) await host.remove(keyOf(resource));
    }
    await timers.tickAsync(30 * 60_000);
    expect(host.list('WebPageRecording').concat(host.list('RtmpConverter'), host.list('AgoraProject'))).toEqual([]);
    const orphans = declarations.resources.filter(
      (one) => (one.spec as { deletionPolicy?: string }).deletionPolicy === 'Orphan',
    );
    expect(cloud.liveTasks().length).toBeLessThanOrEqual(orphans.length);
    const { notices, reports } = cloud.audit().told;
    expect([notices.acknowledged, notices.givenUp]).toEqual([notices.told, 0]);
    expect(Object.keys(reports.answers)).toEqual(['200']);
    const stopped = life.stop().then(close);
    await timers.tickAsync(60_000);
    await stopped;
  }, 120_000);
});

const SETTLED =
  / True (Accepted|Running|OnHold|Stopped|Scheduled|Completed|LimitsDiffer|Suspended)$| False WaitingForSlot$/;

/** Values for the Secrets that the examples name and leave to their readers. */
function namedSecrets(value: unknown, field = ''): readonly (readonly [string, Readonly<Record<string, string>>])[] {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.entries(value).flatMap(([name, member]) =>
    namedSecrets(member, name === 'secretKeyRef' ? field : name),
  );
  const { name, key } = value as { readonly name?: unknown; readonly key?: unknown };
  if (typeof name !== 'string') return inside;
  if (field === 'urlFrom' && typeof key === 'string') return [[name, { [key]: 'https://stage.example.com/secret' }]];
  if (field.endsWith('From') && typeof key === 'string')
    return [[name, { [key]: 'rtmp://cdn.example.com/live/secret' }]];
  if (field === 'recordingSecretRef') return [[name, { recordingNotificationSecret: 'signs recordings' }]];
  if (field === 'mediaPushSecretRef') return [[name, { mediaPushNotificationSecret: 'signs converters' }]];
  if (field !== 'credentialsSecretRef') return inside;
  return [[name, { customerId: 'id', customerSecret: 'secret', accessKey: 'access', secretKey: 'secret' }]];
}

function withMissing(resources: readonly Declared[], secrets: readonly DeclaredSecret[]): readonly DeclaredSecret[] {
  const all = new Map(secrets.map((secret) => [`${secret.namespace}/${secret.name}`, secret]));
  for (const { namespace, spec } of resources) {
    for (const [name, values] of namedSecrets(spec)) {
      const known = all.get(`${namespace}/${name}`)?.values ?? {};
      const added = Object.entries(values).map(([key, value]) => [key, new Secret(value)] as const);
      all.set(`${namespace}/${name}`, { namespace, name, values: { ...Object.fromEntries(added), ...known } });
    }
  }
  return [...all.values()];
}

function world(resources: readonly Declared[], secrets: readonly DeclaredSecret[]) {
  const clock = realClock();
  let uids = 0;
  const host = createMemoryHost({
    now: () => clock.now(),
    newUid: () => `uid-${(uids += 1)}`,
    secrets: withMissing(resources, secrets),
  });
  const { cloud, declared, tell, close } = openSimulatedCloud({ clock, seed: 'examples', faults: [] });
  for (const resource of resources) void host.declare(resource);
  declared(host.list('AgoraProject') as readonly Resource<ProjectSpec>[], (...named) => host.secret(...named));
  const life = incarnate({ clock, host, transport: cloud.transport, number: 1, kinds: KINDS, dies: () => false });
  tell(life.handle);
  return { host, cloud, life, close };
}
