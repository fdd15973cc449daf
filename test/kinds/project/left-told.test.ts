import { describe, expect, it } from 'vitest';
import { hours, type Instant, minutes, timestamp } from '../../../src/core/time.ts';
import type { ConverterEvent, Evidence, RecordingEvent } from '../../../src/kinds/evidence.ts';
import { projectKind } from '../../../src/kinds/project/kind.ts';
import { T0 } from '../recording/builders.ts';
import { member, ProjectPlay, row, task } from './play.ts';

const NAMED = { name: undefined, converterId: undefined, cname: 'media-keynote', uid: '77', resourceId: 'R1' };
const ENDED: RecordingEvent = { type: 'stopped', code: 1, message: 'max_recording_hour' };
const LIVES: RecordingEvent = { type: 'other', eventType: 33 };

/** A project that lists a recording, or a converter, whose resource is gone. */
function left(entry: object, kind: 'WebPageRecording' | 'RtmpConverter' = 'WebPageRecording'): ProjectPlay {
  const play = new ProjectPlay();
  play.otherwise = () => ({ rows: [row('c1')] });
  const of = { ...entry, phase: 'Unknown', endsAt: timestamp(T0 + hours(4)), reason: 'it was not answered' };
  play.members = [member({ kind, name: 'keynote', deletedAt: T0, tasks: [task(of)] })];
  play.run(1);
  play.members = [];
  play.run(minutes(10) / 1_000);
  expect(play.status.leftBehind).toHaveLength(1);
  return play;
}

function tell(play: ProjectPlay, evidence: Evidence): ProjectPlay {
  play.observation = projectKind.told?.(play.project, play.observation, evidence, play.now) ?? play.observation;
  play.run(1);
  return play;
}

const recording = (event: RecordingEvent, at: Instant, more: object = {}): Evidence => ({
  source: 'recording-notice',
  noticeId: 'n',
  receivedAt: at,
  sid: 's1',
  cname: 'media-keynote',
  uid: '77',
  at,
  event,
  ...more,
});

const converter = (event: ConverterEvent, at: Instant, more: object = {}): Evidence => ({
  source: 'converter-notice',
  noticeId: 'n',
  receivedAt: at,
  converterId: 'C1',
  at,
  event,
  ...more,
});

describe('WR-11, design §5.7 what was left behind is over when Agora tells its end', () => {
  it.each<[string, object, RecordingEvent, number, object, boolean]>([
    ['its sid', { ...NAMED, sid: 's1' }, ENDED, 5, {}, true],
    ['its sid, whenever that was', { ...NAMED, sid: 's1' }, { type: 'exited', exitStatus: 1 }, -5, {}, true],
    ['another sid of its cname and uid', { ...NAMED, sid: 's9' }, ENDED, 5, {}, false],
    ['its cname and uid, after it was left', NAMED, ENDED, 5, {}, true],
    ['its cname and uid, before: another start may have followed', NAMED, ENDED, 0, {}, false],
    ['another uid', NAMED, ENDED, 5, { uid: '78' }, false],
    ['another cname', NAMED, ENDED, 5, { cname: 'other' }, false],
    ['no sid', NAMED, ENDED, 5, { sid: '' }, false],
    ['a sign of life', { ...NAMED, sid: 's1' }, LIVES, 5, {}, false],
  ])('a recording, by %s', (_name, entry, event, minute, more, isOver) => {
    const play = tell(left(entry), recording(event, T0 + minutes(minute), more));
    expect(play.status.leftBehind ?? []).toHaveLength(isOver ? 0 : 1);
    expect(projectKind.held(play.project).slots).toHaveLength(isOver ? 0 : 1);
    expect(play.events.filter(({ reason }) => reason === 'TaskEnded')).toHaveLength(isOver ? 1 : 0);
    // Once, and for good.
    play.run(120);
    expect(play.status.leftBehind ?? []).toHaveLength(isOver ? 0 : 1);
    expect(play.events.filter(({ reason }) => reason === 'TaskEnded')).toHaveLength(isOver ? 1 : 0);
  });

  it.each<[string, object, ConverterEvent, object, boolean]>([
    ['its id, in whatever case', {}, { type: 'destroyed', reason: 'Idle Timeout' }, {}, true],
    ['another id of its name', {}, { type: 'destroyed', reason: '' }, { converterId: 'c2', name: 'name-c1' }, false],
    ['its name', { converterId: undefined }, { type: 'destroyed', reason: '' }, { name: 'name-c1' }, true],
    ['another name', { converterId: undefined }, { type: 'destroyed', reason: '' }, { name: 'other' }, false],
    ['a state', {}, { type: 'state', state: 'failed' }, {}, false],
  ])('a converter, by %s', (_name, entry, event, more, isOver) => {
    const play = tell(left(entry, 'RtmpConverter'), converter(event, T0 + minutes(5), more));
    expect(play.status.leftBehind ?? []).toHaveLength(isOver ? 0 : 1);
  });

  it('a sign of life brings the sid, by which a person can stop it and its end is told', () => {
    const play = tell(left(NAMED), recording(LIVES, T0 + minutes(5)));
    expect(play.status.leftBehind).toMatchObject([{ resourceId: 'R1', sid: 's1' }]);
    play.observation = projectKind.unseen(play.now);
    tell(play, recording(ENDED, T0 + minutes(6), { uid: '770' }));
    expect(play.status.leftBehind).toBeUndefined();
  });

  it('the end goes before the sign of life that comes late, and nothing is kept of what is not listed', () => {
    const play = left(NAMED);
    const evidence = [
      recording(ENDED, T0 + minutes(6)),
      recording(LIVES, T0 + minutes(5)),
      recording(ENDED, T0, { uid: '1' }),
    ];
    for (const each of evidence)
      play.observation = projectKind.told?.(play.project, play.observation, each, play.now) ?? play.observation;
    expect(play.observation.left).toHaveLength(1);
    play.run(1);
    expect(play.status.leftBehind).toBeUndefined();
    tell(play, recording(ENDED, T0 + minutes(7)));
    expect(play.status.leftBehind).toBeUndefined();
  });
});
