import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IngressOptions } from '../src/cli/ingress.ts';
import { type Loop, openLoop } from '../src/cli/loop.ts';
import { openSimulatedCloud } from '../src/cli/simulated-cloud.ts';
import type { Clock } from '../src/core/clock.ts';
import { KIND_NAMES, makeKey, type Resource } from '../src/core/resource.ts';
import { realClock, scaledClock } from '../src/engine/clock.ts';
import { type TaskBase, type TaskStatus, tasksOf } from '../src/kinds/task.ts';
import type { Logger } from '../src/observability/log.ts';
import type { PageBrowser } from '../src/simulator/browser.ts';
import type { Cloud } from '../src/simulator/cloud.ts';
import type { FaultRule } from '../src/simulator/fault-rules.ts';

/** A copy of the quickstart manifests with a page that is watched, a cloud and a loop over both, on one clock. */
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
  readonly faults?: readonly FaultRule[];
  readonly log: Logger;
  /** Opens pages for real. */
  readonly browser?: PageBrowser;
  /** Where real pages find the ingress. */
  readonly ingress?: IngressOptions;
  /** Changes the copy of the manifests before they are read. */
  readonly prepare?: (edit: Stage['edit']) => Promise<void>;
}): Promise<Stage> {
  const { speed, faults = [], log, browser, ingress } = options;
  const directory = await mkdtemp(join(tmpdir(), 'agora-reconciler-demo-'));
  const manifests = join(directory, 'manifests');
  await cp(new URL('../examples/quickstart', import.meta.url), manifests, { recursive: true });
  await watchKeynote(join(manifests, 'recordings.yaml'));
  const now = realClock().now();
  const edit: Stage['edit'] = async (file, from, to) => {
    const path = join(manifests, file);
    const text = await readFile(path, 'utf8');
    if (!text.includes(from)) throw new Error(`${file} does not contain ${from}`);
    await writeFile(path, text.replaceAll(from, to));
  };
  await options.prepare?.(edit);
  const clock = scaledClock({ speed, epochReal: now, epochScaled: now });
  const { cloud, declared, tell, close } = openSimulatedCloud({
    clock,
    seed: 'demo',
    faults,
    switches: { startAgain: 'with-sid' },
    ...(browser === undefined ? {} : { outside: { browser } }),
  });
  const loop = await openLoop({
    directory: manifests,
    stateDirectory: join(directory, 'state'),
    surroundings: {
      world: 'in-process',
      clock,
      speed,
      transport: cloud.transport,
      label: 'a simulated cloud',
      declared,
      tell,
      close,
    },
    environment: {},
    log,
    ...(ingress === undefined ? {} : { ingress }),
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
    edit,
    async end() {
      stop.abort();
      await running;
      await close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The quickstart's keynote, watched as the page of examples/page-watch is. */
async function watchKeynote(path: string): Promise<void> {
  const example = await readFile(new URL('../examples/page-watch/panel.yaml', import.meta.url), 'utf8');
  const [, pageWatch = ''] = /^( {2}pageWatch:\n(?: {4}.*\n)+)/mu.exec(example) ?? [];
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace('  priority: 10\n', `${pageWatch}  priority: 10\n`));
}

const tasks = ({ status }: Resource): readonly Handled[] => tasksOf(status as TaskStatus<Handled> | undefined);

const handleOf = ({ sid, converterId }: Handled): string | undefined => sid ?? converterId;
