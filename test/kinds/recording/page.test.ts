import { describe, expect, it } from 'vitest';
import { minutes } from '../../../src/core/time.ts';
import type { PageReport, RecordingNotice } from '../../../src/kinds/evidence.ts';
import { recordingKind } from '../../../src/kinds/recording/kind.ts';
import type { PageWatch, RecordingSpec } from '../../../src/kinds/recording/types.ts';
import { failure } from './builders.ts';
import { changing, Play, timed } from './play.ts';

type Report = Partial<Omit<PageReport, 'source'>>;

const WATCH: PageWatch = {
  readyWithinSeconds: 60,
  heartbeatSeconds: 15,
  elements: ['#stage video'],
  media: true,
  tokenIn: 'Query',
};
const BAD: Report = { faults: ['element: #stage video'] };

const alive = (play: Play): string => {
  const { status, reason } = play.condition('PageAlive') ?? {};
  return `${status} ${reason}`;
};

const started = (watch: Partial<PageWatch> = {}, more: Partial<RecordingSpec> = {}): Play => {
  const play = new Play({ pageWatch: { ...WATCH, ...watch }, ...more });
  play.run(10);
  return play;
};

/** A heartbeat after each 15 s, for so long. */
function beats(play: Play, forSeconds: number, report: Report = {}): Play {
  for (let passed = 0; passed < forSeconds; passed += 15) {
    play.run(15);
    play.report(report);
  }
  return play;
}

/** Ten seconds after its start, ready, and with three good heartbeats. */
const up = (watch: Partial<PageWatch> = {}, more: Partial<RecordingSpec> = {}): Play =>
  beats(started(watch, more).report(), 45);

/** Agora tells of the current recording. */
function tell(play: Play, event: RecordingNotice['event']): void {
  const { sid = '', cname = '', uid = '' } = play.task ?? {};
  const { now } = play;
  const notice = {
    source: 'recording-notice',
    noticeId: `${now}`,
    at: now,
    receivedAt: now,
    sid,
    cname,
    uid,
    event,
  } as const;
  play.observation = recordingKind.told?.(play.resource, play.observation, notice, now) ?? play.observation;
  play.pass();
}

/** Other pages of the project report without a break, since an hour before. */
const othersReport = (play: Play): void => {
  play.pages = { watched: 1, lastReportAt: play.now, heard: [{ since: play.now - minutes(60), lastAt: play.now }] };
};

describe('WR-8 the page says that it is ready', () => {
  it('until then the recording that runs is not Ready', () => {
    const play = started();
    expect(play.phases).toEqual(['1:Running']);
    expect(play.ready).toBe('False PageNotReady…');
    expect(alive(play)).toBe('False PageNotReady');
    play.report({ state: 'loading' });
    expect(play.ready).toBe('False PageNotReady…');
    play.report();
    expect(play.ready).toBe('True Running');
    expect(alive(play)).toBe('True PageAlive');
    expect(play.task?.pageReadyAt).toBe('2026-12-01T09:00:10.000Z');
    expect(play.events.filter(({ reason }) => reason === 'PageReady')).toHaveLength(1);
  });

  it('a page that is ready before Agora shows the recording running', () => {
    const play = new Play({ pageWatch: WATCH });
    play.run(2);
    play.report();
    expect(play.ready).toBe('False Confirming…');
    expect(alive(play)).toBe('True PageAlive');
    play.run(5);
    expect(play.ready).toBe('True Running');
  });

  it('heartbeats write nothing', () => {
    const play = up();
    const { writes } = play;
    beats(play, 1_800);
    expect(play.writes).toBe(writes);
    expect(play.ready).toBe('True Running');
  });

  it('a report of another attempt, or of none, changes nothing', () => {
    const play = started();
    play.report({ attempt: 2 }).report({ attempt: 0 });
    expect(play.observation.page).toBeUndefined();
    const none = new Play({ pageWatch: WATCH });
    none.report({ attempt: 1 });
    expect(none.observation.page).toBeUndefined();
  });

  it('the start sends a token whose hash stands in the status, the same for each retry', () => {
    const play = new Play({ pageWatch: WATCH }).answers('start', failure('server'), failure('server'), failure('lost'));
    play.run(0);
    const [first] = play.tasks;
    expect(first?.pageToken).toMatch(/^[0-9a-f]{64}$/);
    expect(first?.pageTokenExpiresAt).toBe('2026-12-01T14:14:45.000Z');
    play.run(60);
    expect(timed(play.calls).filter((call) => call.startsWith('start'))).toHaveLength(4);
    expect(play.task).toMatchObject({
      attempt: 1,
      pageToken: first?.pageToken,
      pageTokenExpiresAt: first?.pageTokenExpiresAt,
    });
    expect(JSON.stringify(play.status)).not.toContain('agoraPageToken');
  });

  it('the token covers the longest life of its attempt, however late its start is answered', () => {
    const play = new Play({ pageWatch: WATCH });
    play.otherwise = (action) =>
      action.type === 'start' && play.at < 7_200 ? failure('dns', { effect: 'none' }) : play.oblige(action);
    play.run(7_240);
    expect(play.task).toMatchObject({ attempt: 1, phase: 'Running' });
    expect(Date.parse(play.task?.pageTokenExpiresAt ?? '')).toBeGreaterThanOrEqual(Date.parse(play.task?.endsAt ?? ''));
  });

  it('without pageWatch there is none, and no condition', () => {
    const play = new Play();
    play.run(30);
    expect(play.task).not.toHaveProperty('pageToken');
    expect(play.condition('PageAlive')).toBeUndefined();
  });
});

describe('WR-8 an edit of the page watch', () => {
  it.each<[string, Partial<RecordingSpec>]>([
    ['removed', { pageWatch: undefined } as unknown as Partial<RecordingSpec>],
    ['another place of the token', { pageWatch: { ...WATCH, tokenIn: 'Fragment' } }],
  ])('%s: re-created, since its address carries another token', (_what, edit) => {
    const play = up();
    const calls = play.calls.length;
    play.edit(edit).run(30);
    expect(changing(play.calls.slice(calls))).toEqual(['stop', 'acquire', 'start']);
    expect(play.task?.attempt).toBe(2);
  });

  it('declared on a recording that runs: re-created', () => {
    const play = new Play();
    play.run(60);
    play.edit({ pageWatch: WATCH }).run(30);
    expect(play.task).toMatchObject({ attempt: 2, pageToken: expect.any(String) });
  });

  it.each<[string, Partial<PageWatch>]>([
    ['elements', { elements: ['#other'] }],
    ['media', { media: false }],
    ['heartbeatSeconds', { heartbeatSeconds: 20 }],
    ['staleAfterSeconds', { staleAfterSeconds: 600 }],
    ['readyWithinSeconds', { readyWithinSeconds: 120 }],
  ])('%s: in place, the page is told with its next report', (_what, edit) => {
    const play = up();
    const calls = play.calls.length;
    play.edit({ pageWatch: { ...WATCH, ...edit } });
    beats(play, 60);
    expect(changing(play.calls.slice(calls))).toEqual([]);
    expect(play.ready).toBe('True Running');
    expect(play.status.observedGeneration).toBe(2);
  });
});

describe('WR-9 at the planned end', () => {
  it('a page falls silent like everybody: what ended as planned is complete, whether a notice tells it or not', () => {
    const watch = { staleAfterSeconds: 30 };
    const play = beats(up(watch, { restartPolicy: 'OnFailure', maxRecordingHour: 1 }), 3_600 - 45);
    play.run(600);
    expect(play.ready).toBe('True Completed');
    expect(changing(play.calls)).toEqual(['acquire', 'start']);
  });

  it('one that runs on beyond it with a silent page is made anew after all', () => {
    const play = up({}, { restartPolicy: 'OnFailure', maxRecordingHour: 1 });
    const [[sid, living] = ['', undefined]] = play.living;
    if (living !== undefined) play.living.set(sid, { ...living, endsAt: Number.POSITIVE_INFINITY });
    beats(play, 3_600 - 45).run(600);
    expect(play.task?.attempt).toBe(1);
    play.run(300);
    expect(play.task?.attempt).toBeGreaterThan(1);
  });
});

describe('WR-9 a page that does not come up', () => {
  it('is not ready within its time: the recording is stopped and begun anew, and the reason is kept', () => {
    const play = started();
    play.run(49.9);
    expect(play.phases).toEqual(['1:Running']);
    play.run(0.2);
    expect(changing(play.calls)).toEqual(['acquire', 'start', 'stop', 'acquire', 'start']);
    expect(timed(play.calls)).toContain('stop@60');
    expect(play.status.restarts?.lastReason).toBe('the page was not ready within 60 s');
    expect(play.events.find(({ reason }) => reason === 'PageLost')?.note).toBe(
      'attempt 1 is stopped and begun anew: the page was not ready within 60 s',
    );
    expect(play.living.size).toBe(1);
    play.run(10);
    expect(play.phases).toEqual(['2:Running']);
    expect(alive(play)).toBe('False PageNotReady');
  });

  it('each attempt has a token of its own', () => {
    const play = started();
    const first = play.task?.pageToken;
    play.run(70);
    expect(play.task?.attempt).toBe(2);
    expect(play.task?.pageToken).toMatch(/^[0-9a-f]{64}$/);
    expect(play.task?.pageToken).not.toBe(first);
  });

  it('reports that it is still loading buy no time', () => {
    const play = started();
    for (let at = 10; at < 60; at += 5) {
      play.report({ state: 'loading' });
      play.run(5);
    }
    expect(play.status.restarts?.lastReason).toBe('the page was not ready within 60 s');
  });

  it('goes on within the spacing and the budget of starts; when that is used up the recording goes on, and it is said', () => {
    const play = started({}, { maxStartsPerHour: 3 });
    play.run(600);
    expect(play.task).toMatchObject({ attempt: 3, phase: 'Running' });
    expect(play.ready).toBe('False StartBudgetExhausted!');
    expect(play.message).toMatch(/goes on although its page is lost, and is made anew at 2026-12-01T10:00:00/);
    expect(play.living.size).toBe(1);
    play.run(3_000);
    expect(play.task?.attempt).toBe(4);
    // Ready after all: nothing is to be made anew.
    play.report();
    play.run(10);
    expect(play.ready).toBe('True Running');
  });

  it('does not stop what could not begin anew', () => {
    const play = started();
    play.secrets = {};
    play.run(300);
    expect(changing(play.calls)).toEqual(['acquire', 'start']);
    expect(play.phases).toEqual(['1:Running']);
  });
});

describe('WR-9 a page that falls silent', () => {
  it.each<[string, Partial<PageWatch>, number, number]>([
    ['four heartbeats by default', {}, 37.5, 60],
    ['as declared', { staleAfterSeconds: 120 }, 37.5, 120],
    ['two heartbeats, the least', { staleAfterSeconds: 30 }, 30, 30],
  ])('%s', (_what, watch, saidAfter, lostAfter) => {
    const play = up(watch);
    const from = play.at;
    play.run(saidAfter - 0.1);
    expect(alive(play)).toBe('True PageAlive');
    play.run(0.1);
    if (saidAfter < lostAfter) {
      expect(alive(play)).toBe('False PageStale');
      expect(play.ready).toBe('False PageStale…');
    }
    play.run(lostAfter - saidAfter - 0.1);
    play.run(0.2);
    expect(timed(play.calls, from)).toContain(`stop@${lostAfter}`);
    expect(play.status.restarts?.lastReason).toBe(`no good report of the page for ${lostAfter} s`);
  });

  it('one report that is late or lost changes nothing', () => {
    const play = up();
    const { writes } = play;
    play.run(30);
    play.report();
    expect(play.writes).toBe(writes);
  });

  it('coming back takes two good reports', () => {
    const play = up();
    play.run(40);
    expect(alive(play)).toBe('False PageStale');
    play.report();
    expect(alive(play)).toBe('False PageStale');
    play.run(15);
    play.report();
    expect(alive(play)).toBe('True PageAlive');
    expect(play.ready).toBe('True Running');
  });

  it('after a restart nobody is stale before a whole window', () => {
    const play = up();
    play.run(30);
    const { writes } = play;
    play.restart();
    play.run(59.9);
    expect(play.phases).toEqual(['1:Running']);
    expect(alive(play)).toBe('True PageAlive');
    expect(play.writes).toBe(writes);
    play.run(0.2);
    expect(play.status.restarts?.lastReason).toBe('no good report of the page for 60 s');
  });

  it('after a restart a page that was never ready has a whole window to say that it is', () => {
    const play = started();
    play.run(45);
    play.restart().run(59);
    expect(play.phases).toEqual(['1:Running']);
    play.report();
    expect(alive(play)).toBe('True PageAlive');
  });

  it('after a restart the page is owed no second time to load: that it was ready is kept', () => {
    const play = up();
    play.restart();
    expect(play.task?.pageReadyAt).toBeDefined();
    play.run(61);
    expect(changing(play.calls)).toContain('stop');
  });
});

describe('WR-12 a page with faults', () => {
  it('a single bad heartbeat changes nothing', () => {
    const play = up();
    const { writes } = play;
    play.run(15);
    play.report(BAD);
    beats(play, 30);
    expect(play.writes).toBe(writes);
    expect(alive(play)).toBe('True PageAlive');
  });

  it('two in a row are said, with what is wrong', () => {
    const play = beats(up(), 30, BAD);
    expect(alive(play)).toBe('False PageFaulty');
    expect(play.ready).toBe('False PageFaulty…');
    expect(play.message).toBe('the page reports: element: #stage video');
  });

  it('two in the same second are one', () => {
    const play = up();
    play.run(15);
    play.report(BAD).report(BAD);
    expect(alive(play)).toBe('True PageAlive');
  });

  it.each([['element: #stage video'], ['video: frozen'], ['audio: silent'], ['media: failed']])(
    '%s that lasts for four heartbeats is a lost page',
    (fault) => {
      const play = up();
      const from = play.at;
      beats(play, 60, { faults: [fault] });
      expect(timed(play.calls, from)).toContain('stop@60');
      expect(play.status.restarts?.lastReason).toBe(`the page had faults for 60 s: ${fault}`);
    },
  );

  it('a good report in between begins its time anew', () => {
    const play = beats(up(), 30, BAD);
    beats(play, 15);
    beats(play, 45, BAD);
    expect(play.phases).toEqual(['1:Running']);
    expect(alive(play)).toBe('False PageFaulty');
  });

  it('good and bad by turns: what was said stays', () => {
    const play = up();
    for (let turn = 0; turn < 20; turn += 1) {
      beats(play, 15, BAD);
      beats(play, 15);
    }
    expect(alive(play)).toBe('True PageAlive');
    beats(play, 30, BAD);
    for (let turn = 0; turn < 20; turn += 1) {
      beats(play, 15);
      beats(play, 15, BAD);
    }
    expect(alive(play)).toBe('False PageFaulty');
    expect(play.phases).toEqual(['1:Running']);
  });

  it('errors in scripts alone are held against no page', () => {
    const play = beats(up(), 600, { faults: ['script: error'] });
    expect(play.ready).toBe('True Running');
    expect(play.observation.page).toMatchObject({ scriptErrors: true, faults: [] });
  });

  it('ready, but with a fault from the beginning, is ready and faulty', () => {
    const play = started().report(BAD);
    expect(play.task?.pageReadyAt).toBeDefined();
    beats(play, 30, BAD);
    expect(alive(play)).toBe('False PageFaulty');
    beats(play, 30, BAD);
    expect(play.status.restarts?.lastReason).toBe('the page had faults for 60 s: element: #stage video');
  });
});

describe('WR-9 a page that is loaded anew', () => {
  it('has its time to load again', () => {
    const play = up();
    play.run(15);
    play.report({ state: 'loading', load: 'second' });
    play.run(59);
    expect(play.phases).toEqual(['1:Running']);
    expect(alive(play)).toBe('False PageNotReady');
    play.report({ load: 'second' });
    expect(alive(play)).toBe('True PageAlive');
  });

  it('but one time only, however often it loads', () => {
    const play = up();
    const from = play.at;
    for (let turn = 0; turn < 8; turn += 1) {
      play.run(10);
      play.report({ state: 'loading', load: `load ${turn}` });
    }
    expect(timed(play.calls, from).find((call) => call.startsWith('stop'))).toBe('stop@70');
    expect(play.status.restarts?.lastReason).toBe('the page was loaded anew and was not ready within 60 s');
  });

  it('one that is ready at once is nothing to speak of', () => {
    const play = up();
    const { writes } = play;
    play.run(15);
    play.report({ load: 'second' });
    beats(play, 60, { load: 'second' });
    expect(play.writes).toBe(writes);
  });
});

describe('WR-9 a page that Agora loads anew, as its notices tell', () => {
  it.each<[string, RecordingNotice['event']]>([
    ['73, for silence', { type: 'reloaded', reason: 'audio_silence' }],
    ['12, on another server', { type: 'failover', newUid: '527842' }],
  ])('%s: it has its time to load again, and no more', (_what, event) => {
    const play = up();
    const from = play.at;
    play.run(20);
    tell(play, event);
    play.run(79.9 - 20);
    expect(changing(play.calls)).not.toContain('stop');
    play.run(0.2);
    expect(timed(play.calls, from)).toContain('stop@80');
    expect(play.status.restarts?.lastReason).toBe('the page was loaded anew and was not ready within 60 s');
  });

  it('once it is good again the old notice is over', () => {
    const play = up();
    play.run(15);
    tell(play, { type: 'reloaded', reason: 'audio_silence' });
    play.run(10);
    play.report({ load: 'second' });
    const from = play.at;
    play.run(61);
    expect(timed(play.calls, from)).toContain('stop@60');
  });

  it('it is a second sign: the ingress is not suspected', () => {
    const play = up();
    othersReport(play);
    play.run(15);
    tell(play, { type: 'reloaded', reason: 'audio_silence' });
    play.run(61);
    expect(changing(play.calls)).toContain('stop');
  });
});

describe('WR-9 what is not judged', () => {
  it('a recording on hold; afterwards a whole window has to pass', () => {
    const play = up();
    play.edit({ desiredState: 'OnHold' }).run(600);
    expect(play.phases).toEqual(['1:Running']);
    expect(play.ready).toBe('True OnHold');
    expect(alive(play)).toBe('Unknown OnHold');
    play.edit({ desiredState: 'Running' }).run(59);
    expect(play.phases).toEqual(['1:Running']);
    play.run(2);
    expect(play.status.restarts?.lastReason).toBe('no good report of the page for 60 s');
  });

  it('a suspended one', () => {
    const play = up();
    play.edit({ suspend: true }).run(600);
    expect(play.phases).toEqual(['1:Running']);
    expect(alive(play)).toBe('True PageAlive');
  });

  it('one that is being stopped, and one that is wanted no more', () => {
    const play = up();
    play.answers('stop', failure('server'), failure('server'));
    play.edit({ desiredState: 'Stopped' }).run(2);
    expect(play.condition('PageAlive')).toBeUndefined();
    const calls = play.calls.length;
    play.run(120);
    expect(changing(play.calls.slice(calls))).toEqual(['stop', 'stop']);
    expect(play.ready).toBe('True Stopped');
  });

  it('one that was started without a token; it is said so', () => {
    const play = up();
    const tasks = play.tasks.map(
      ({ pageToken: _token, pageTokenExpiresAt: _at, pageReadyAt: _ready, ...task }) => task,
    );
    play.resource = { ...play.resource, status: { ...play.status, tasks } };
    play.run(600);
    expect(play.phases).toEqual(['1:Running']);
    expect(alive(play)).toBe('Unknown PageNotWatched');
    expect(play.ready).toBe('True Running');
  });

  it('one whose reports nobody listens for; it is said so', () => {
    const play = new Play({ pageWatch: WATCH });
    play.ingress = { listens: false };
    play.run(3_600);
    expect(play.phases).toEqual(['1:Running']);
    expect(play.ready).toBe('True Running');
    expect(alive(play)).toBe('Unknown NotListening');
  });

  it('one where nobody can tell, as in a plan', () => {
    const play = up();
    play.ingress = undefined;
    play.run(600);
    expect(alive(play)).toBe('True PageAlive');
    expect(play.phases).toEqual(['1:Running']);
  });

  it('one that is out of sight: silence ends it by its own rule', () => {
    const play = up();
    const dead = failure('not-found', { status: 404 });
    play.otherwise = (action) => (action.type === 'query' ? dead : play.oblige(action));
    play.request('now').run(85);
    expect(play.ready).toBe('Unknown MigrationSuspected…');
    expect(changing(play.calls)).toEqual(['acquire', 'start']);
    // It is back, and its page has to load where it went.
    play.otherwise = (action) => play.oblige(action);
    play.run(30);
    expect(play.phases).toEqual(['1:Running']);
    play.run(20);
    expect(play.phases).toEqual(['1:Running']);
    play.report({ load: 'elsewhere' });
    play.run(20);
    expect(play.ready).toBe('True Running');
  });

  it.each(['server', 'lost', 'dns'] as const)('while Agora cannot be reached (%s) nothing is made anew', (kind) => {
    const play = up();
    play.otherwise = (action) => (action.type === 'query' ? failure(kind) : play.oblige(action));
    play.request('now').run(900);
    expect(changing(play.calls)).toEqual(['acquire', 'start']);
    expect(alive(play)).toBe('False PageStale');
    play.otherwise = (action) => play.oblige(action);
    play.run(50);
    expect(play.task?.attempt).toBe(2);
  });
});

describe('WR-9 our own ingress is suspected', () => {
  it('every other page fell silent too: nothing is made anew, and it is said', () => {
    const play = up();
    othersReport(play);
    play.run(900);
    expect(play.phases).toEqual(['1:Running']);
    expect(alive(play)).toBe('Unknown PagesSilent');
    expect(play.ready).toBe('True Running');
  });

  it('the others go on reporting: it alone is lost', () => {
    const play = up();
    const from = play.at;
    for (let at = 0; at < 90; at += 5) {
      othersReport(play);
      play.run(5);
    }
    expect(timed(play.calls, from)).toContain('stop@60');
  });

  it('they report again: this one has a whole window more to do so, then it is lost', () => {
    const play = up();
    othersReport(play);
    play.run(300);
    expect(alive(play)).toBe('Unknown PagesSilent');
    const back = play.now;
    const from = play.at;
    for (let at = 0; at < 90; at += 5) {
      play.pages = { watched: 1, lastReportAt: play.now, heard: [{ since: back, lastAt: play.now }] };
      play.run(5);
    }
    const [stop] = timed(play.calls, from).filter((call) => call.startsWith('stop'));
    expect(Number(stop?.slice(5))).toBeGreaterThanOrEqual(60);
    expect(Number(stop?.slice(5))).toBeLessThanOrEqual(60 + 15);
  });

  it('they report again, and so does this one: all is well', () => {
    const play = up();
    othersReport(play);
    play.run(300);
    play.pages = { watched: 1, lastReportAt: play.now, heard: [{ since: play.now, lastAt: play.now }] };
    play.run(10);
    play.report();
    expect(alive(play)).toBe('True PageAlive');
    expect(play.phases).toEqual(['1:Running']);
  });

  it('after a restart no page is heard: those that the statuses know count as silent', () => {
    const play = up();
    play.restart();
    play.pages = { watched: 3 };
    play.run(600);
    expect(alive(play)).toBe('Unknown PagesSilent');
    expect(play.phases).toEqual(['1:Running']);
  });

  it('a page that never came up is not made anew either while all others are silent', () => {
    const play = started();
    othersReport(play);
    play.run(300);
    expect(play.phases).toEqual(['1:Running']);
    expect(alive(play)).toBe('Unknown PagesSilent');
  });

  it.each<[string, (play: Play) => void]>([
    ['there is no other page', (play) => void (play.pages = { watched: 0 })],
    [
      'a second sign: its push is disconnected',
      (play) => {
        othersReport(play);
        play.otherwise = (action) =>
          action.type === 'query'
            ? { call: 'query', status: 5, onhold: false, publishStatus: 'disconnected' }
            : play.oblige(action);
        play.request('look').run(0);
      },
    ],
  ])('not where %s', (_what, arrange) => {
    const play = up();
    arrange(play);
    play.run(61);
    expect(changing(play.calls)).toContain('stop');
  });

  it('not where it reports, but faults', () => {
    const play = up();
    othersReport(play);
    beats(play, 60, BAD);
    expect(play.status.restarts?.lastReason).toBe('the page had faults for 60 s: element: #stage video');
  });
});

describe('WR-9 an address from a Secret', () => {
  const urlFrom = { secretKeyRef: { name: 'page', key: 'url' } };
  const spec = { url: undefined, urlFrom, pageWatch: WATCH } as unknown as Partial<RecordingSpec>;

  it('that is too long with the token is refused before anything begins', () => {
    const play = new Play(spec);
    play.secrets = { ...play.secrets, 'page/url': `https://a.example/${'x'.repeat(3_563)}` };
    play.run(30);
    expect(play.calls).toEqual([]);
    expect(play.ready).toBe('False InvalidSpec!');
    expect(play.message).toContain('longer than 3580 characters');
  });

  it('that becomes too long changes nothing about a recording that runs', () => {
    const play = new Play(spec);
    play.secrets = { ...play.secrets, 'page/url': 'https://a.example/' };
    play.run(10);
    play.report();
    play.secrets = { ...play.secrets, 'page/url': `https://a.example/${'x'.repeat(3_563)}` };
    beats(play, 60);
    expect(play.phases).toEqual(['1:Running']);
    expect(play.ready).toBe('False InvalidSpec!');
  });
});
