import { deletionRequested, type Key, keyOf, type Resource } from '../../src/core/resource.ts';
import type { HostListener, ResourceHost, WriteResult } from '../../src/hosts/host.ts';
import type { Dice } from './dice.ts';

export class HostAway extends Error {
  override readonly name = 'HostAway';
}

/** How bad the way to the host is in a run. */
export interface BadWay {
  /** Drawn before each talk with the host: is it out of reach? */
  away(talk: 'write' | 'read'): boolean;
  /** Drawn for each write that was done: is its answer lost? */
  answerLost(): boolean;
  /** Drawn for each change: is the host told of it, and of what follows, so many milliseconds later? */
  frozenMs(): number | undefined;
}

const LONGEST_FREEZE_MS = 20_000;

export function badWay(dice: (what: string) => Dice, isBad: () => boolean): BadWay {
  const [away, lost, frozen] = [dice('host'), dice('lost answers'), dice('frozen watch')];
  const awayRate = away.pick([0, 0.01, 0.05]);
  const lostRate = lost.pick([0, 0.01, 0.05]);
  const frozenRate = frozen.pick([0, 0.005, 0.05]);
  return {
    // What follows a conflict is, mostly, in a run that has it at all.
    away: (talk) => isBad() && away.chance(talk === 'write' || awayRate === 0 ? awayRate : 0.5),
    answerLost: () => isBad() && lost.chance(lostRate),
    frozenMs: () => (isBad() && frozen.chance(frozenRate) ? frozen.whole(1_000, LONGEST_FREEZE_MS) : undefined),
  };
}

/**
 * A host as an API server behind a bad network is: out of reach now and then; answers of writes that were done are lost; and what
 * others change is known late, as behind a frozen watch, while our own writes and reads are known at once.
 */
export function badHost(host: ResourceHost, way: BadWay): ResourceHost {
  const view = new Map<Key, Resource>();
  /** Changed since the watch froze; undefined: it is not frozen. */
  let late: Set<Key> | undefined;
  /** The first list is told whole before it is called whole: a host that cannot hold to that is not one. */
  let isSynced = false;
  let listener: HostListener | undefined;

  const see = (key: Key): void => {
    const resource = host.get(key);
    if (resource === undefined) view.delete(key);
    else view.set(key, resource);
    listener?.changed(key);
  };
  const thaw = (): void => {
    const keys = late ?? [];
    late = undefined;
    for (const key of keys) see(key);
  };
  const changed = (key: Key): void => {
    const frozenMs = isSynced && late === undefined ? way.frozenMs() : undefined;
    if (frozenMs !== undefined) {
      late = new Set();
      setTimeout(thaw, frozenMs);
    }
    if (late === undefined) see(key);
    else late.add(key);
  };
  /** What a write of ours was answered; something newer may be known already. */
  const wrote = (resource: Resource): void => {
    const key = keyOf(resource);
    const known = view.get(key)?.metadata;
    const { uid, resourceVersion, finalizers } = resource.metadata;
    if (known?.uid !== uid || Number(known.resourceVersion) > Number(resourceVersion)) return;
    if (deletionRequested(resource) && finalizers.length === 0) view.delete(key);
    else view.set(key, resource);
    listener?.changed(key);
  };
  const write = async (ask: () => Promise<WriteResult>): Promise<WriteResult> => {
    if (way.away('write')) throw new HostAway('out of reach');
    const written = await ask();
    if (way.answerLost()) throw new HostAway('the answer was lost');
    if (written.result === 'written') wrote(written.resource);
    return written;
  };

  return {
    ...host,
    run(to, signal) {
      const all = (['AgoraProject', 'WebPageRecording', 'RtmpConverter'] as const).flatMap((kind) => host.list(kind));
      for (const resource of all) view.set(keyOf(resource), resource);
      listener = to;
      const synced = (): void => {
        isSynced = true;
        to.synced();
      };
      return host.run({ ...to, changed, synced }, signal);
    },
    get: (key) => view.get(key),
    list: (kind) => [...view.values()].filter((resource) => resource.kind === kind).sort(byName),
    writeStatus: (resource, status) => write(() => host.writeStatus(resource, status)),
    setFinalizer: (resource, finalizer) => write(() => host.setFinalizer(resource, finalizer)),
    async refresh(key) {
      if (way.away('read')) throw new HostAway('out of reach');
      const resource = await host.refresh(key);
      if (view.get(key) !== resource) see(key);
      return resource;
    },
  };
}

const byName = (a: Resource, b: Resource): number => (keyOf(a) < keyOf(b) ? -1 : 1);
