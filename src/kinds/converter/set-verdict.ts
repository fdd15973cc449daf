import type { Verdict } from '../../core/conditions.ts';
import { settled, waiting } from '../gate.ts';
import type { Wish } from '../wish.ts';
import { type Member, modeOf } from './members.ts';
import type { ConverterResource } from './resource.ts';

/** What is to be said of one member. */
export interface Said {
  readonly member: Member;
  readonly verdict: Verdict;
}

/** What is to be said of a set: of the active priority, or of as many outputs as are needed (MP-8, MP-9). */
export function verdictOf(resource: ConverterResource, said: readonly Said[], wish: Wish): Verdict | undefined {
  const wanted = said.filter(({ member }) => member.unwanted === undefined);
  const [first] = wanted;
  if (first === undefined) return wish.want === 'running' ? NOBODY : said[0]?.verdict;
  if (wish.want === 'suspended') return { ...first.verdict, further: {} };
  if (wish.want !== 'running') {
    const open = said.find(({ verdict }) => verdict.progress === 'Reconciling');
    return without(open?.verdict ?? counted(wanted, wanted.length) ?? first.verdict);
  }
  switch (modeOf(resource)) {
    case 'Single':
      return without(first.verdict);
    case 'Standby':
      return active(first, resource);
    case 'Parallel':
      return parallel(wanted, resource.spec.redundancy?.minReady ?? wanted.length);
  }
}

/** A Standby whose active priority is declared no more, while earlier converters may live at those that are. */
const NOBODY = waiting('Recovering', 'the declared priorities begin when earlier converters are known to be gone');

/** Nothing is said of redundancy where none is wanted. */
const without = (verdict: Verdict): Verdict => ({ ...verdict, further: { RedundancySatisfied: undefined } });

function active({ member, verdict }: Said, resource: ConverterResource): Verdict {
  const priorities = resource.spec.redundancy?.priorities ?? 2;
  const message = `priority ${member.priority?.value ?? 1} of ${priorities}: ${verdict.message}`;
  const status = verdict.ready === 'True' ? 'True' : 'False';
  return { ...verdict, message, further: { RedundancySatisfied: { status, reason: verdict.reason, message } } };
}

function parallel(wanted: readonly Said[], needed: number): Verdict {
  const missing = wanted.find(({ verdict }) => verdict.ready !== 'True');
  const verdict = counted(wanted, needed) ?? settled('Running', '');
  const satisfied =
    missing === undefined
      ? ({ status: 'True', reason: verdict.reason, message: `all ${wanted.length} outputs run` } as const)
      : ({ status: 'False', reason: missing.verdict.reason, message: summary(wanted, wanted.length) } as const);
  return { ...verdict, further: { RedundancySatisfied: satisfied } };
}

/** Changes of an edit are seen through even where enough outputs run meanwhile; failures are what the others are for. */
const ROLLOUT: readonly string[] = ['Updating', 'Replacing'];

function counted(wanted: readonly Said[], needed: number): Verdict | undefined {
  const good = wanted.filter(({ verdict }) => verdict.ready === 'True');
  const bad = wanted.filter(({ verdict }) => verdict.ready !== 'True');
  const shown = good.find(({ verdict }) => verdict.reason === 'Running') ?? good[0];
  const [worst] = bad;
  if (worst === undefined) {
    if (shown === undefined || wanted.length === 1) return shown?.verdict;
    const message = shown.verdict.reason === 'Running' ? `all ${wanted.length} outputs run` : shown.verdict.message;
    return { ...shown.verdict, message };
  }
  const message = summary(wanted, needed);
  if (shown !== undefined && good.length >= needed) {
    const rollout = bad.find(({ verdict }) => ROLLOUT.includes(verdict.reason));
    if (rollout === undefined) return { ...shown.verdict, message };
    return { ready: 'True', reason: rollout.verdict.reason, message, progress: 'Reconciling' };
  }
  const unseen = bad.filter(({ verdict }) => verdict.ready === 'Unknown');
  const hidden = unseen[0];
  if (hidden !== undefined && good.length + unseen.length >= needed) return { ...hidden.verdict, message };
  const moving = bad.filter(({ verdict }) => verdict.progress === 'Reconciling');
  // Where those that go on by themselves cannot make it enough, a person must act.
  const stuck = good.length + moving.length < needed;
  const pick = stuck ? bad.find(({ verdict }) => verdict.progress === 'Stalled') : moving.find(isNot('Unknown'));
  return { ...(pick ?? worst).verdict, message };
}

const isNot =
  (ready: Verdict['ready']) =>
  ({ verdict }: Said): boolean =>
    verdict.ready !== ready;

/** Who does not run, and why. */
function summary(wanted: readonly Said[], needed: number): string {
  const good = wanted.filter(({ verdict }) => verdict.ready === 'True').length;
  const bad = wanted.filter(({ verdict }) => verdict.ready !== 'True');
  const short = good < needed && needed < wanted.length ? `, ${needed} are needed` : '';
  const named = bad.map(({ member, verdict }) => `${member.name}: ${verdict.message}`);
  return `${good} of ${wanted.length} outputs run${short}; ${named.join('; ')}`;
}
