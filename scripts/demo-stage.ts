import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Loop, openLoop } from '../src/cli/loop.ts';
import { copyLimits } from '../src/cli/simulated-limits.ts';
import type { Clock } from '../src/core/clock.ts';
import { KIND_NAMES, makeKey, type Resource } from '../src/core/resource.ts';
import { realClock, scaledClock } from '../src/engine/clock.ts';
import { type TaskBase, type TaskStatus, tasksOf } from '../src/kinds/task.ts';
import type { Logger } from '../src/observability/log.ts';
import { type Cloud, createCloud } from '../src/simulator/cloud.ts';
import type { FaultRule } from '../src/simulator/fault-rules.ts';

/** A copy of the quickstart manifests, a cloud and a loop over both, on one clock. */
export interface Stage {
  readonly cloud: Cloud;
  readonly clock: Clock;
  readonly runtime: Loop['runtime'];
  /** Handles of all tasks that the statuses list. */
  listed(): readonly string[];
  /** The task that a resource is about to have, or has; undefined where it has no handle yet. */
  current(kind: 'WebPageRecording' | 'RtmpConverter', name: string): string | undefined;
  resources(): readonly Resource[];
  /** Replaces a text in a manifest, as an editor would. */
  edit(file: string, from: string, to: string): Promise<void>;
  /** Ends the loop in order. */
  end(): Promise<void>;
}

type Handled = TaskBase & { readonly sid?: string; readonly converterId?: string };

export async function openStage(options: {
  readonly speed: number;
  readonly faults: readonly FaultRule[];
  readonly log: Logger;
}): Promise<Stage> {
  const { speed, faults, log } = options;
  const directory = await mkdtemp(join(tmpdir(), 'agora-reconciler-demo-'));
  const manifests = join(directory, 'manifests');
  await cp(new URL('../examples/quickstart', import.meta.url), manifests, { recursive: true });
  const now = realClock().now();
  const clock = scaledClock({ speed, epochReal: now, epochScaled: now });
  const cloud = createCloud({ clock, seed: 'demo', anyProject: {}, faults, switches: { startAgain: 'with-sid' } });
  const loop = await openLoop({
    directory: manifests,
    stateDirectory: join(directory, 'state'),
    surroundings: {
      world: 'in-process',
      clock,
      speed,
      transport: cloud.transport,
      label: 'a simulated cloud',
      declared: (projects) => copyLimits(cloud, projects),
      close: async () => undefined,
    },
    environment: {},
    log,
  });
  const { runtime } = loop;
  const stop = new AbortController();
  const running = loop.run(stop.signal);
  // Whoever waits for something sees that the loop has ended; `end` says why.
  running.catch(() => undefined);
  const resources = (): readonly Resource[] => KIND_NAMES.flatMap((kind) => runtime.host.list(kind));
  return {
    cloud,
    clock,
    runtime,
    listed: () => resources().flatMap((resource) => tasks(resource).flatMap((task) => handleOf(task) ?? [])),
    current(kind, name) {
      const resource = runtime.host.get(makeKey(kind, 'media', name));
      const task = resource && tasks(resource).findLast(({ phase }) => ['Confirming', 'Running'].includes(phase));
      return task && handleOf(task);
    },
    resources,
    async edit(file, from, to) {
      const path = join(manifests, file);
      const text = await readFile(path, 'utf8');
      if (!text.includes(from)) throw new Error(`${file} does not contain ${from}`);
      await writeFile(path, text.replace(from, to));
    },
    async end() {
      stop.abort();
      await running;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const tasks = ({ status }: Resource): readonly Handled[] => tasksOf(status as TaskStatus<Handled> | undefined);

const handleOf = ({ sid, converterId }: Handled): string | undefined => sid ?? converterId;
