import { describe, expect, it } from 'vitest';
import { running as runningConverter } from './converter/play.ts';
import { changing, running as runningRecording } from './recording/play.ts';

/** As a backup without status brings it back: the handle, and whether the declaration is the one it was made from. */
const withoutStatus = <Task extends { readonly generation: number }>(
  tasks: readonly Task[] | undefined,
  same: boolean,
): readonly Task[] =>
  (tasks ?? []).map((task) => ({
    ...task,
    phase: 'Confirming',
    applied: {},
    sequence: undefined,
    generation: same ? task.generation : 0,
  }));

describe('§5.4 a task of which only the handle came back', () => {
  it('a recording of the same declaration goes on, and a later edit is seen', () => {
    const play = runningRecording();
    const before = play.calls.length;
    play.resource = { ...play.resource, status: { ...play.status, tasks: withoutStatus(play.status.tasks, true) } };
    play.run(60);
    expect(play.ready).toBe('True Running');
    expect(changing(play.calls.slice(before))).toEqual([]);
    play.edit({ url: 'https://stage.example.com/other' }).run(60);
    expect(changing(play.calls.slice(before))).toEqual(['stop', 'acquire', 'start']);
  });

  it('a recording of another declaration is made anew', () => {
    const play = runningRecording();
    const before = play.calls.length;
    play.resource = { ...play.resource, status: { ...play.status, tasks: withoutStatus(play.status.tasks, false) } };
    play.run(60);
    expect(changing(play.calls.slice(before))).toEqual(['stop', 'acquire', 'start']);
  });

  it('MP-24 a converter goes on, and its next update has a time for its sequence', () => {
    const play = runningConverter();
    play.resource = { ...play.resource, status: { ...play.status, tasks: withoutStatus(play.status.tasks, true) } };
    play.run(60);
    expect(play.ready).toBe('True Running');
    const before = play.task?.attempt;
    const { transcodeOptions } = play.resource.spec;
    if (transcodeOptions?.videoOptions === undefined) throw new Error('the builder transcodes video');
    play.edit({
      transcodeOptions: { ...transcodeOptions, videoOptions: { ...transcodeOptions.videoOptions, bitrate: 999 } },
    });
    const updates = play.run(60).filter((call) => call.type === 'update');
    expect(updates).toHaveLength(1);
    expect(play.task?.sequence).toBeGreaterThan(1_000_000_000);
    expect(play.task?.attempt).toBe(before);
  });
});
