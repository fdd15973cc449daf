/**
 * Every reason a condition can carry, with the sentence that tells its user what it means and what to do.
 * The list is closed: `docs/reference/conditions.md` is generated from it and a test holds the two together.
 */
export const REASONS = {
  Pending: 'The controller has not looked at this resource yet. Nothing to do.',
  Running: 'The task runs as declared.',
  OnHold: 'The recording has its page open and writes nothing, as declared.',
  Stopped: 'No task runs, as declared.',
  Scheduled: 'The window has not begun; the slot is claimed when it does.',
  Completed: 'The task came to its planned end for this generation. Edit the declaration to run it again.',
  Suspended: 'No call is made while suspend is set; a running task goes on unwatched. Unset it to go on.',
  Starting: 'The start was sent or is about to be; the answer decides.',
  Confirming: 'The start was answered; queries confirm that the task runs.',
  Updating: 'A change is being made in place.',
  Replacing: 'A change that cannot be made in place replaces the task.',
  Stopping: 'The task is being stopped.',
  Recovering: 'The task is dead and is being replaced.',
  MigrationSuspected: 'The task is out of sight; Agora may be moving it to another server. Wait out the window.',
  WaitingForSlot: 'A limit of Agora is in use. It starts by itself when a slot frees; the queue field says which.',
  WaitingForRetry: 'The last call failed in a way that passes. It is repeated by itself at the time named.',
  WaitingForCleanup: 'Too many earlier tasks may still live. Nothing new starts until some are known to be gone.',
  DependencyNotReady: 'A project or a Secret that it names is missing. Create it, or correct the reference.',
  ApiUnreachable: 'Agora cannot be reached. Running tasks are left alone; check the network and Agora’s status.',
  ProjectNotUsable:
    'The project cannot be used: credentials, entitlement or account. The project’s conditions say what to do.',
  ApiReachable: 'Agora answers.',
  Listening: 'Agora’s notifications are accepted at the address named; give Agora’s console that address.',
  NotListening:
    'The controller does not listen for notifications and pages. Start it with --ingress-bind-address; until then queries do all.',
  NotificationSecretMissing:
    'A Secret that spec.notifications names, or its key, is missing. Create it; until then queries do all.',
  CredentialsRejected: 'Agora refuses the credentials. Put the right customerId and customerSecret into the Secret.',
  ServiceNotEnabled: 'The App ID may not use the service. Enable it in the console or ask Agora’s support.',
  ParameterRefused: 'Agora refused a parameter. Correct the field that the message names.',
  NotYetSupported: 'The field named is not supported yet. Remove it to go on.',
  InvalidSpec:
    'The declaration contradicts itself in a way that only its resolved values show. Correct the field named.',
  NameConflict: 'The name belongs to another task or resource. Choose another name, or set conflictPolicy.',
  LimitExcludes: 'Not even an empty account has room for it under the limits. Raise spec.limits if Agora raised yours.',
  StartBudgetExhausted:
    'Too many starts in an hour. Find out why it dies; edit it or request a reconcile to try at once.',
  StartOutcomeUnknown: 'Two starts may live without a handle. Wait until they end, or look in Agora’s console.',
  WindowMissed: 'The window ended before the task ever ran. Declare a new window.',
  IdleEnded:
    'Agora destroyed the converter because nobody was in its channel for idleTimeout. It comes back as restartPolicy says; edit it to run it again.',
  TaskEnded: 'The task ended and restartPolicy is Never. Edit the declaration to run it again.',
  PageNotCapable: 'The page is beyond what Agora records. Change the page, then edit or request a reconcile.',
  PageAlive: 'The page reports that its elements and media are as declared.',
  PageNotReady: 'The page has not reported that it is ready. If it does not in time, the recording is made anew.',
  PageStale: 'The page has ceased to report. If it does not begin again in time, the recording is made anew.',
  PageFaulty: 'The page reports faults, which the message names. If they last, the recording is made anew.',
  PageNotWatched:
    'The recording was started without a token for its page, so its page is not judged. The next start carries one.',
  PagesSilent:
    'No watched page of the project reports any more, so nothing is made anew for it. Check that pages reach the controller: --ingress-bind-address, its address from outside, certificates.',
  PagesHeard: 'Pages of the project report to the controller.',
  SlotHeld: 'A slot of the limit is held for this resource.',
  SlotAwaited: 'No slot is free; the queue field says which limit and what place.',
  NoSlotNeeded: 'Nothing runs, so no slot is held.',
  InUse: 'Resources still refer to this project; it goes when they are gone.',
  Accepted: 'The settings are in use.',
  LimitsDiffer: 'Another project with the same App ID declares other limits; the lower of each holds.',
} as const;

export type Reason = keyof typeof REASONS;
