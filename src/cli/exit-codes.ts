export interface ExitCode {
  readonly code: number;
  readonly means: string;
}

/** What the exit codes of each command mean; `docs/reference/cli.md` has the same table, and a test holds the two together. */
export const EXIT_CODES = {
  watch: {
    ended: { code: 0, means: 'ended in order; with `--once`: settled, and tasks go on running' },
    stalled: { code: 1, means: '`--once`: something is Stalled, or a manifest is wrong' },
    cannotRun: { code: 2, means: 'directory, state or endpoint cannot be used' },
    notSettled: { code: 4, means: '`--once`: not settled within `--timeout`' },
  },
  plan: {
    nothing: { code: 0, means: 'nothing to do' },
    failed: { code: 1, means: 'a manifest is wrong, or a path, state or cluster cannot be used' },
    changes: { code: 2, means: 'there are changes' },
  },
  validate: {
    valid: { code: 0, means: 'valid, perhaps with warnings' },
    invalid: { code: 1, means: 'at least one error was found' },
    cannotRun: { code: 2, means: 'it could not run: a path or cluster cannot be used' },
  },
  doctor: {
    good: { code: 0, means: 'nothing failed; there may be warnings' },
    found: { code: 1, means: 'something failed; with `--strict`: or there are warnings' },
    cannotRun: { code: 2, means: 'it could not run, or not to its end within `--timeout`' },
  },
  get: {
    shown: { code: 0, means: 'shown' },
    notFound: { code: 1, means: 'there is no such resource' },
    cannotRun: { code: 2, means: 'state or cluster cannot be used' },
  },
  explain: {
    shown: { code: 0, means: 'shown' },
    notFound: { code: 1, means: 'there is no such resource' },
    cannotRun: { code: 2, means: 'state or cluster cannot be used' },
  },
  support: {
    shown: { code: 0, means: 'shown' },
    notFound: { code: 1, means: 'there is no such resource' },
    cannotRun: { code: 2, means: 'state or cluster cannot be used' },
  },
  prune: {
    done: { code: 0, means: 'nothing is held back, or what was held is confirmed' },
    held: { code: 1, means: 'removals are held back and were listed only, or the list changed meanwhile' },
    noController: { code: 2, means: 'no controller answered' },
  },
  controller: {
    ended: { code: 0, means: 'ended in order: running calls ended, the lease was given back; tasks go on running' },
    lost: { code: 1, means: 'lost the lease: another replica leads' },
    cannotRun: { code: 2, means: 'cluster, endpoint or address cannot be used' },
  },
  suspend: {
    done: { code: 0, means: 'done' },
    notFound: { code: 1, means: 'there is no such resource; what was found before it is done' },
    cannotRun: { code: 2, means: 'the cluster cannot be used' },
  },
  resume: {
    done: { code: 0, means: 'done' },
    notFound: { code: 1, means: 'there is no such resource; what was found before it is done' },
    cannotRun: { code: 2, means: 'the cluster cannot be used' },
  },
  reconcile: {
    done: { code: 0, means: 'requested' },
    notFound: { code: 1, means: 'there is no such resource; what was found before it is done' },
    cannotRun: { code: 2, means: 'the cluster cannot be used' },
  },
  simulate: {
    ended: { code: 0, means: 'ended in order' },
    cannotRun: { code: 2, means: 'the port, the faults file or Chromium cannot be used' },
  },
  crds: { printed: { code: 0, means: 'printed' } },
  version: { printed: { code: 0, means: 'printed' } },
  'every command': {
    usage: { code: 64, means: 'the command line is wrong' },
    defect: { code: 70, means: 'a mistake in this program: please report it' },
    interrupted: { code: 130, means: 'ended by Ctrl-C before it was done' },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, ExitCode>>>>;
