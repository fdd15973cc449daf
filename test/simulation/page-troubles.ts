import type { Resource } from '../../src/core/resource.ts';
import type { ResourceHost } from '../../src/hosts/host.ts';
import type { RecordingSpec, RecordingStatus } from '../../src/kinds/recording/types.ts';
import type { Cloud } from '../../src/simulator/cloud.ts';
import type { PageFault } from '../../src/simulator/fault-rules.ts';
import type { Task } from '../../src/simulator/ledger.ts';
import type { Dice } from './dice.ts';

/** One page after the other gets into trouble, while nothing else goes wrong: then each verdict has a bound. */
export interface PageTroubles {
  /** To be called every few seconds; what was not replaced in time. */
  step(): readonly string[];
  /** A recording ended: undefined where that had a cause. */
  ended(task: Task): string | undefined;
}

interface Trouble {
  readonly sid: string;
  readonly name: string;
  readonly what: string;
  readonly at: number;
  /** When it must be over for its recording; absent: it passes, and nothing may be done for it. */
  readonly replacedBy: number | undefined;
}

/** The spacing of re-creations begins anew after ten steady minutes (design §5.5). */
const EVERY_MS = 13 * 60_000;
/** Reports and looks have their rhythm, and a call takes its time. */
const SLACK_MS = 40_000;

/** What falls silent shortly before its planned end has come to it, as far as anybody can tell. */
const BEFORE_END_MS = 10 * 60_000;

type Recording = Resource<RecordingSpec, RecordingStatus>;

export function createPageTroubles(parts: {
  readonly cloud: Cloud;
  readonly host: ResourceHost;
  readonly dice: Dice;
  readonly now: () => number;
  readonly say: (line: string) => void;
}): PageTroubles {
  const { cloud, host, dice, now, say } = parts;
  const causes = new Map<string, Trouble>();
  let open: Trouble | undefined;
  let nextAt = now() + EVERY_MS;

  function begin(): void {
    const able = (host.list('WebPageRecording') as readonly Recording[]).flatMap((recording) => {
      const task = runningOf(recording);
      const { pageWatch, desiredState } = recording.spec;
      const endsAt = Date.parse(task?.startedAt ?? '') + recording.spec.maxRecordingHour * 3_600_000;
      const isAble = task?.pageReadyAt !== undefined && desiredState === 'Running' && now() < endsAt - BEFORE_END_MS;
      return !isAble || pageWatch === undefined ? [] : [{ recording, pageWatch, sid: String(task.sid) }];
    });
    if (able.length === 0) return;
    const { recording, pageWatch, sid } = dice.pick(able);
    const staleMs = 1_000 * (pageWatch.staleAfterSeconds ?? 4 * pageWatch.heartbeatSeconds);
    const passes = dice.chance(0.3);
    const fault = dice.pick(faultsFor(pageWatch.media));
    // What passes is over so long before the verdict that a heartbeat can still say so.
    const forSeconds = Math.floor(staleMs / 1_000) - 2 * pageWatch.heartbeatSeconds - 2;
    const passing = passes && forSeconds > 0 && fault.kind !== 'page-goes-silent';
    const rule = { ...fault, ...(passing ? { forSeconds } : {}), match: { taskId: sid }, count: 1 };
    const [id = ''] = cloud.addFaults([rule]);
    if (cloud.faults().find((each) => each.id === id)?.hits !== 1) return;
    // Agora reloads a page that went silent, and it has the time of a page that loads once more.
    const loadMs = fault.kind === 'page-goes-silent' ? 1_000 * pageWatch.readyWithinSeconds : 0;
    const boundMs = Math.max(staleMs, loadMs) + 2_000 * pageWatch.heartbeatSeconds + SLACK_MS;
    open = {
      sid,
      name: recording.metadata.name,
      what: fault.kind,
      at: now(),
      replacedBy: passing ? undefined : now() + boundMs,
    };
    if (!passing) causes.set(sid, open);
    say(`page trouble: ${open.name} ${sid} ${fault.kind}${passing ? ` for ${forSeconds} s` : ''}`);
  }

  return {
    step() {
      if (open?.replacedBy !== undefined && now() > open.replacedBy) {
        const { sid, name, what, at } = open;
        open = undefined;
        if (isAlive(cloud, sid))
          return [`${name}: its page has ${what} since ${new Date(at).toISOString()}, and goes on`];
      }
      if (now() >= nextAt) {
        nextAt = now() + EVERY_MS;
        begin();
      }
      return [];
    },
    ended(task) {
      if (task.product !== 'recording' || task.endedBy !== 'stop' || causes.has(task.id)) return undefined;
      return `recording ${task.name} ${task.id} was stopped though nothing that lasts was wrong with it or its page`;
    },
  };
}

const isAlive = (cloud: Cloud, sid: string): boolean => cloud.liveTasks().some(({ id }) => id === sid);

const runningOf = ({ status }: Recording) => status?.tasks?.find(({ phase }) => phase === 'Running');

/** Those that its declaration has the script look for. */
const faultsFor = (media: boolean): readonly PageFault[] => [
  { kind: 'page-loses-element' },
  { kind: 'page-script-stops' },
  ...(media ? ([{ kind: 'page-video-freezes' }, { kind: 'page-goes-silent' }] as const) : []),
];
