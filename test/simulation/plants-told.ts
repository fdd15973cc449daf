import type { Key } from '../../src/core/resource.ts';
import type { ConverterAction } from '../../src/kinds/converter/action.ts';
import type { ConverterStatus, ConverterTask } from '../../src/kinds/converter/types.ts';
import type { AnyKind } from '../../src/kinds/index.ts';
import type { Step } from '../../src/kinds/kind.ts';
import { watchedTask } from '../../src/kinds/recording/page.ts';
import type { RecordingResource } from '../../src/kinds/recording/situation.ts';
import type { RecordingStatus, RecordingTask } from '../../src/kinds/recording/types.ts';
import { tasksOf, withTask } from '../../src/kinds/task.ts';
import type { Plant } from './plants.ts';

/** What a notice says is done at once, and nobody looks which attempt it speaks of (WR-11). */
const noticeTaken: Plant = {
  name: 'notice-taken-as-truth-for-a-newer-attempt',
  from: 3,
  kinds: (kinds) => {
    const kind = kinds.WebPageRecording;
    const ended = new Set<string>();
    const told: NonNullable<AnyKind['told']> = (resource, observation, evidence, now) => {
      const ends = evidence.source === 'recording-notice' && ['stopped', 'exited'].includes(evidence.event.type);
      if (ends) ended.add(resource.metadata.uid);
      return kind.told?.(resource, observation, evidence, now) ?? observation;
    };
    const decide: AnyKind['decide'] = (resource, observation, context, now) => {
      const { status } = resource as RecordingResource;
      const current = tasksOf<RecordingTask>(status).find(({ phase }) => phase === 'Running');
      if (status === undefined || current === undefined || !ended.delete(resource.metadata.uid))
        return kind.decide(resource, observation, context, now);
      const without = withTask<RecordingTask, RecordingStatus>(status, current.attempt, undefined);
      return kind.decide({ ...resource, status: without }, observation, context, now);
    };
    return { ...kinds, WebPageRecording: { ...kind, told, decide } };
  },
};

/** A token is asked whether it is good, not whose it is (WR-12): what one page says is taken for all. */
const foreignPage: Plant = {
  name: 'report-of-a-foreign-page-accepted',
  from: 2,
  ingress: (world) => {
    const watched = new Set<Key>();
    return {
      ...world,
      tell(key, evidence) {
        if (evidence.source !== 'page') return world.tell(key, evidence);
        watched.add(key);
        for (const each of watched) {
          const attempt = watchedTask(world.get(each) as RecordingResource | undefined)?.attempt;
          if (attempt !== undefined) world.tell(each, { ...evidence, attempt });
        }
      },
    };
  },
};

/** The one that takes over begins at the priority of the one that failed (MP-9). */
const priorityReused: Plant = {
  name: 'priority-used-again-at-a-hand-over',
  from: 5,
  kinds: (kinds) => {
    const kind = kinds.RtmpConverter;
    const decide: AnyKind['decide'] = (resource, observation, context, now) => {
      const step = kind.decide(resource, observation, context, now) as Step<ConverterStatus, ConverterAction>;
      if (step.do !== 'call' || step.action.type !== 'create' || step.action.member !== 'p2') return step;
      const { attempt } = step.action;
      const tasks = tasksOf<ConverterTask>(step.status).map((task) =>
        task.attempt === attempt ? { ...task, member: 'p1' } : task,
      );
      return { ...step, action: { ...step.action, member: 'p1' }, status: { ...step.status, tasks } };
    };
    return { ...kinds, RtmpConverter: { ...kind, decide } };
  },
};

/** Mistakes about what Agora, the page and a twin tell. */
export const TOLD_PLANTS: readonly Plant[] = [noticeTaken, foreignPage, priorityReused];
