import { describe, expect, it } from 'vitest';
import { handlesOf, restoredStatus } from '../../../src/hosts/kubernetes/handles.ts';
import { converterKind } from '../../../src/kinds/converter/kind.ts';
import { recordingKind } from '../../../src/kinds/recording/kind.ts';
import { type Play as ConverterPlay, running as runningConverter } from '../../kinds/converter/play.ts';
import { changing, type Play, running, types } from '../../kinds/recording/play.ts';

/** A backup is restored: another uid, the first generation, no status; what the controller saw is forgotten. */
function restore(play: Play): Play {
  const text = handlesOf(play.resource, undefined);
  const { status: _lost, ...rest } = play.resource;
  const bare = { ...rest, metadata: { ...rest.metadata, uid: 'restored', generation: 1, finalizers: [] } };
  const status = restoredStatus(bare, text);
  play.resource = { ...bare, ...(status === undefined ? {} : { status }) };
  play.observation = recordingKind.unseen(play.now);
  play.calls.length = 0;
  return play;
}

function restoreConverter(play: ConverterPlay): ConverterPlay {
  const text = handlesOf(play.resource, undefined);
  const { status: _lost, ...rest } = play.resource;
  const bare = { ...rest, metadata: { ...rest.metadata, uid: 'restored', generation: 1, finalizers: [] } };
  const status = restoredStatus(bare, text);
  play.resource = { ...bare, ...(status === undefined ? {} : { status }) };
  play.observation = converterKind.unseen(play.now);
  play.calls.length = 0;
  return play;
}

describe('a recording that is restored without its status', () => {
  it('goes on with the task that lives, once it was looked at', () => {
    const play = restore(running());
    const [sid] = play.living.keys();
    play.run(120);
    expect(changing(play.calls)).toEqual([]);
    expect(types(play.calls)).toContain('query');
    expect([play.ready, play.task?.sid, play.living.size]).toEqual(['True Running', sid, 1]);
  });

  it('starts anew where the task died meanwhile, after it has not been seen for as long as it may hide', () => {
    const play = restore(running().die());
    play.run(300);
    expect([play.ready, play.living.size]).toEqual(['True Running', 1]);
  });

  it('is stopped when it is deleted', () => {
    const play = restore(running());
    play.delete().run(60);
    expect([play.living.size, play.released]).toEqual([0, true]);
  });
});

describe('a converter that is restored without its status', () => {
  it('goes on with the task that lives, once it was looked at', () => {
    const play = restoreConverter(runningConverter());
    const [id] = play.living.keys();
    play.run(120);
    expect(play.calls.map(({ type }) => type).filter((type) => type === 'create' || type === 'delete')).toEqual([]);
    expect([play.resource.status?.tasks?.[0]?.converterId, play.living.size]).toEqual([id, 1]);
    expect(play.resource.status?.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
  });
});
