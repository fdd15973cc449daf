import type { Reason } from '../core/reasons.ts';
import type { KindName } from '../core/resource.ts';
import type { Phase } from '../kinds/task.ts';

/** What stands behind a reason or a phase. */
export interface Rationale {
  /** Rules of Agora's two documents (docs/rules.md): `WR` for recordings, `MP` for converters; empty where none asks for it. */
  readonly rules: readonly string[];
  /** Why it is so. */
  readonly because: string;
  /** What happens next, as a sentence that goes on with a time where one is known. */
  readonly next: string;
}

/** The one place that says why: reason → rules and sentences. */
export const REASON_RATIONALE: Readonly<Record<Reason, Rationale>> = {
  Pending: {
    rules: [],
    because: 'The controller has not decided anything about it yet.',
    next: 'It is looked at as soon as the controller has read everything.',
  },
  Running: {
    rules: ['WR-7', 'MP-7'],
    because: 'Agora shows the task running, and it has what is declared.',
    next: 'It is looked at again.',
  },
  OnHold: {
    rules: ['WR-7'],
    because: 'The page is open and recording is paused, as desiredState OnHold asks.',
    next: 'It goes on when desiredState is Running again.',
  },
  Stopped: {
    rules: [],
    because: 'The declaration asks for desiredState Stopped, and nothing may live.',
    next: 'Nothing, until the declaration changes.',
  },
  Scheduled: {
    rules: ['WR-1', 'MP-2'],
    because: 'Its window has not begun. A slot is claimed when it begins, not before, so that it keeps nobody waiting.',
    next: 'It claims its slot and starts.',
  },
  Completed: {
    rules: ['WR-11', 'MP-21'],
    because: 'The task came to its planned end, and restartPolicy or the window asks for no other.',
    next: 'Nothing, until the declaration changes.',
  },
  Suspended: {
    rules: [],
    because: 'The resource or its project is suspended, so no call is made for it.',
    next: 'Nothing, until suspend is unset.',
  },
  Starting: {
    rules: ['WR-6', 'MP-26'],
    because:
      'Only an answer with a handle counts as a start; where it is lost, its outcome is looked up before a repeat.',
    next: 'The answer to the call decides.',
  },
  Confirming: {
    rules: ['WR-7', 'MP-7'],
    because: 'A start that was answered is only believed when Agora shows the task running.',
    next: 'It is asked about again.',
  },
  Updating: {
    rules: ['MP-24', 'MP-25'],
    because: 'Agora’s update takes what changed, so the task goes on without an interruption.',
    next: 'The update is sent.',
  },
  Replacing: {
    rules: ['MP-25'],
    because: 'Agora’s update does not take what changed, so another task has to take the place of this one.',
    next: 'The old task is stopped and the new one begins, in the order of the update strategy.',
  },
  Stopping: {
    rules: [],
    because:
      'The task is not wanted. That it is not found is a look, not a proof: it is stopped until it is known to be gone.',
    next: 'It is stopped or looked at again.',
  },
  Recovering: {
    rules: ['WR-6', 'WR-7', 'WR-11', 'MP-7', 'MP-22'],
    because: 'The task failed or ended. It is created anew, each time after a longer wait while it keeps failing.',
    next: 'The next attempt begins.',
  },
  MigrationSuspected: {
    rules: ['MP-6', 'MP-22'],
    because: 'Agora does not find the task. It may be moving it to another server, so one bad answer proves nothing.',
    next: 'It is looked at again; when the window is over it counts as gone.',
  },
  WaitingForSlot: {
    rules: ['WR-1', 'WR-5', 'MP-2', 'MP-5'],
    because: 'Agora bounds how many tasks of a class may run in a region at once, and the limit is in use.',
    next: 'It starts by itself when a slot frees, in order of priority and then age.',
  },
  WaitingForRetry: {
    rules: ['WR-6', 'MP-22', 'MP-26'],
    because: 'The last call failed in a way that passes. Agora asks for a wait before it is repeated.',
    next: 'The call is repeated.',
  },
  WaitingForCleanup: {
    rules: ['WR-6', 'MP-7'],
    because: 'So many earlier tasks may still live that another one could not be kept track of.',
    next: 'It goes on when one of them is known to be gone.',
  },
  DependencyNotReady: {
    rules: [],
    because: 'A project, a Secret or a key that it names is not there.',
    next: 'It goes on as soon as that is there.',
  },
  ApiUnreachable: {
    rules: ['MP-12'],
    because: 'Calls fail on every domain that may be used. Faults of the API are never held against a running task.',
    next: 'Calls are repeated with growing waits.',
  },
  ProjectNotUsable: {
    rules: ['WR-6', 'MP-26'],
    because: 'Agora refuses the project itself, so that no call of its resources can succeed.',
    next: 'One call probes it every five minutes, and at once when its Secret changes.',
  },
  ParameterRefused: {
    rules: ['WR-6', 'MP-26'],
    because: 'Agora refused a parameter, and the same request would be refused again.',
    next: 'It is tried again when the declaration, a Secret it names or its project changes, or on request.',
  },
  NotYetSupported: {
    rules: [],
    because: 'A field is declared that this version does not act upon; it is not ignored in silence.',
    next: 'It goes on when the field is removed.',
  },
  InvalidSpec: {
    rules: ['WR-3', 'MP-3', 'MP-22'],
    because: 'Only the resolved values show that the declaration cannot be sent.',
    next: 'It goes on when the field that the message names is corrected.',
  },
  NameConflict: {
    rules: ['MP-17', 'MP-18'],
    because: 'A converter’s name is unique in a project, and its user in a channel; another one has it.',
    next: 'It goes on when the name is free, or when another name or conflictPolicy is declared.',
  },
  LimitExcludes: {
    rules: ['WR-1', 'MP-2'],
    because: 'Its class has no room in its region even where nothing else runs.',
    next: 'It goes on when spec.limits of the project, its region or its size is changed.',
  },
  StartBudgetExhausted: {
    rules: ['WR-9', 'WR-11', 'MP-21'],
    because: 'Each end is followed by a new start, but so many within an hour mean that starting does not help.',
    next: 'It is tried again when the hour has passed, on an edit or on request.',
  },
  StartOutcomeUnknown: {
    rules: ['WR-6'],
    because: 'Two starts may have succeeded without a handle coming back, and a third could be one too many.',
    next: 'It goes on when one of them has certainly ended.',
  },
  WindowMissed: {
    rules: [],
    because: 'The window ended before the task ever ran.',
    next: 'Nothing, until a new window is declared.',
  },
  IdleEnded: {
    rules: ['MP-21'],
    because: 'Nobody was in its channel for idleTimeout, so that Agora destroyed the converter; that is no failure.',
    next: 'With restartPolicy Always it is created again, spaced; else nothing, until the declaration changes.',
  },
  TaskEnded: {
    rules: ['WR-11', 'MP-21'],
    because: 'The task ended, and restartPolicy is Never.',
    next: 'Nothing, until the declaration changes.',
  },
  PageNotCapable: {
    rules: ['WR-11'],
    because: 'Agora said twice that the page is beyond what it records.',
    next: 'It is tried again on an edit or on request.',
  },
  PageAlive: {
    rules: ['WR-8', 'WR-12'],
    because: 'The page reports at regular intervals, and all that the declaration names is there and plays.',
    next: 'It goes on reporting.',
  },
  PageNotReady: {
    rules: ['WR-8', 'WR-9'],
    because: 'A recording that runs may record an empty page: only the page itself can say that it is as expected.',
    next: 'It reports that it is ready; if it does not in time, the recording is made anew.',
  },
  PageStale: {
    rules: ['WR-9'],
    because: 'The page reported and has ceased to. One missed report proves nothing, so it has the time of several.',
    next: 'It reports again; if it does not in time, the recording is made anew.',
  },
  PageFaulty: {
    rules: ['WR-12'],
    because: 'What the declaration names is missing in the page or does not play, in two reports at least.',
    next: 'The page reports that it is well again; if it does not in time, the recording is made anew.',
  },
  PageNotWatched: {
    rules: ['WR-8'],
    because: 'The address that Agora opened carries no token of ours, so no report can be known for its own.',
    next: 'The next start carries a token.',
  },
  PagesSilent: {
    rules: ['WR-9'],
    because: 'Pages that all fall silent at once point at what they report to, and that is the controller itself.',
    next: 'A page reports again; then those that stay silent are made anew.',
  },
  PagesHeard: { rules: ['WR-8'], because: 'Pages of the project report.', next: 'Nothing.' },
  ApiReachable: { rules: ['MP-12'], because: 'Agora answers.', next: 'Nothing.' },
  Listening: {
    rules: ['WR-11', 'MP-28'],
    because: 'The secrets are there and the controller listens.',
    next: 'A notification makes it look at once; without one it finds out by its own queries.',
  },
  NotListening: {
    rules: ['WR-11', 'MP-28'],
    because: 'The controller was started without --ingress-bind-address.',
    next: 'Queries find out what a notification would have told, only later.',
  },
  NotificationSecretMissing: {
    rules: ['WR-11', 'MP-28'],
    because: 'A Secret that spec.notifications names, or its key, is not there.',
    next: 'It is accepted as soon as that is there.',
  },
  CredentialsRejected: {
    rules: ['MP-26'],
    because: 'Agora answers 401: the customer ID or secret is wrong.',
    next: 'One call probes it every five minutes, and at once when the Secret changes.',
  },
  ServiceNotEnabled: {
    rules: ['MP-26', 'MP-27'],
    because: 'The App ID may not use the service, or the account is not active.',
    next: 'One call probes it every five minutes.',
  },
  SlotHeld: { rules: ['WR-1', 'MP-2'], because: 'Its slot is counted for it.', next: 'Nothing.' },
  SlotAwaited: {
    rules: ['WR-1', 'MP-2'],
    because: 'The limit is in use.',
    next: 'It starts by itself when a slot frees.',
  },
  NoSlotNeeded: { rules: [], because: 'Nothing runs.', next: 'Nothing.' },
  InUse: {
    rules: [],
    because: 'Resources still refer to the project.',
    next: 'It goes when they are gone.',
  },
  Accepted: { rules: [], because: 'The settings are in use.', next: 'Nothing, until they change.' },
  LimitsDiffer: {
    rules: ['WR-1', 'MP-2'],
    because: 'Two projects with one App ID declare different limits; Agora counts by App ID, so the lower holds.',
    next: 'Nothing, until one of them changes.',
  },
};

/** What an entry of `tasks` means: phase → rules and sentence. */
export const PHASE_RATIONALE: Readonly<Record<Phase, Omit<Rationale, 'next'>>> = {
  Acquired: { rules: ['WR-6'], because: 'has a resource ID, nothing was started with it' },
  Starting: { rules: ['WR-6', 'MP-26'], because: 'its start was sent or is about to be; no handle yet' },
  Confirming: { rules: ['WR-7', 'MP-7'], because: 'has a handle; not yet seen running' },
  Running: { rules: ['WR-7', 'MP-7'], because: 'seen running' },
  Stopping: { rules: [], because: 'not wanted, and not known to be gone; its slot is kept' },
  Unknown: { rules: ['WR-6', 'MP-7'], because: 'may live; cannot be stopped now, and holds a slot of its own' },
  Lost: { rules: ['MP-22'], because: 'concluded gone by silence; stopped again if it is seen within ten minutes' },
};

/** Of several kinds' rules those of one. A project is asked by both documents. */
export function rulesFor(kind: KindName, rules: readonly string[]): readonly string[] {
  if (kind === 'AgoraProject') return rules;
  const start = kind === 'WebPageRecording' ? 'WR-' : 'MP-';
  return rules.filter((rule) => rule.startsWith(start));
}
