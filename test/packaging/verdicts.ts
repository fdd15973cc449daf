import { type Condition, setConditions, type Verdict } from '../../src/core/conditions.ts';
import { REASONS, type Reason } from '../../src/core/reasons.ts';

/** Every shape that `decide` may give a verdict; design §4's table names the rows. `Suspended` keeps Ready as it was. */
export const SHAPES = [
  { ready: 'True', progress: 'Settled', kstatus: 'Current', argo: 'Healthy' },
  { ready: 'True', progress: 'Reconciling', kstatus: 'InProgress', argo: 'Progressing' },
  { ready: 'False', progress: 'Reconciling', kstatus: 'InProgress', argo: 'Progressing' },
  { ready: 'Unknown', progress: 'Reconciling', kstatus: 'InProgress', argo: 'Progressing' },
  { ready: 'False', progress: 'Stalled', kstatus: 'Failed', argo: 'Degraded' },
  { ready: 'Unknown', progress: 'Stalled', kstatus: 'Failed', argo: 'Degraded' },
  { ready: 'True', progress: 'Stalled', kstatus: 'Failed', argo: 'Degraded' },
  { ready: 'False', progress: 'Settled', kstatus: 'InProgress', argo: 'Progressing' },
  { ready: 'Unknown', progress: 'Settled', kstatus: 'InProgress', argo: 'Progressing' },
] as const satisfies readonly (Pick<Verdict, 'ready' | 'progress'> & {
  readonly kstatus: string;
  readonly argo: string;
})[];

export type Shape = (typeof SHAPES)[number];

export const ALL_REASONS = Object.keys(REASONS) as readonly Reason[];

export const verdict = ({ ready, progress }: Shape, reason: Reason): Verdict => ({
  ready,
  progress,
  reason,
  message: REASONS[reason],
  further: { Admitted: { status: 'False', reason: 'NoSlotNeeded', message: REASONS.NoSlotNeeded } },
});

const NOW = Date.parse('2026-12-01T09:00:00Z');

/** The conditions after one verdict upon another, in the order in which they stand in the status. */
export const conditionsAfter = (old: readonly Condition[], next: Verdict, generation = 1): readonly Condition[] =>
  setConditions(old, next, { generation, now: NOW });

/** What the controller may write over: nothing, what the definition's default says, and each shape. */
export const BEFORE: readonly (readonly Condition[])[] = [
  [],
  ['Ready', 'Reconciling'].map((type) => ({
    type,
    status: type === 'Ready' ? ('Unknown' as const) : ('True' as const),
    reason: 'Pending',
    message: '',
    lastTransitionTime: '1970-01-01T00:00:00Z',
  })),
  ...SHAPES.map((shape) => conditionsAfter([], verdict(shape, 'Pending'))),
];
