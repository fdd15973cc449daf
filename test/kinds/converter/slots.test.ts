import { describe, expect, it } from 'vitest';
import { changesOf } from '../../../src/kinds/converter/changes.ts';
import { classOf } from '../../../src/kinds/converter/desired.ts';
import { held } from '../../../src/kinds/converter/held.ts';
import type { ConverterSpec } from '../../../src/kinds/converter/types.ts';
import type { Claims } from '../../../src/limits/slot.ts';
import { APP_ID, converterSpec, failure, VIDEO } from './builders.ts';
import { changing, Play, running, types } from './play.ts';

const canvas = (width: number, height: number): Partial<ConverterSpec> => ({
  transcodeOptions: {
    rtcChannel: 'show68',
    media: 'AudioVideo',
    audioOptions: {},
    videoOptions: { ...VIDEO, canvas: { width, height } },
  },
});
const slots = (claims: Claims | undefined): readonly string[] =>
  (claims?.slots ?? []).map((slot) => `${slot.region} ${slot.class}`);

describe('MP-3 classes', () => {
  it.each<[string, Partial<ConverterSpec>, string]>([
    ['640 × 360', canvas(640, 360), 'SD'],
    ['640 × 361', canvas(640, 361), 'HD'],
    ['360 × 640', canvas(360, 640), 'SD'],
    ['1280 × 720', canvas(1280, 720), 'HD'],
    ['1280 × 721', canvas(1280, 721), 'FHD'],
    ['audio only', { transcodeOptions: { rtcChannel: 'a', media: 'AudioOnly' } }, 'SD'],
  ])('%s is %s', (_what, spec, expected) => expect(classOf(converterSpec(spec))).toBe(expected));

  it('a raw converter is of the class that it declares', () => {
    const { transcodeOptions: _transcode, ...rest } = converterSpec({
      rawOptions: { rtcChannel: 'a', rtcStreamUid: 1 },
      capacityClass: 'HD',
    });
    expect(classOf(rest)).toBe('HD');
  });

  it('a canvas beyond 1920 × 1080 is refused before anything is sent', () => {
    const play = new Play(canvas(1920, 1082));
    expect(play.run(60)).toEqual([]);
    expect(play.ready).toBe('False InvalidSpec!');
  });
});

describe('MP-5 claims', () => {
  it('a slot is asked for before the create, and the refusal says which limit', () => {
    const play = new Play();
    play.ledger = () => ({ why: 'wait', limit: 'converter eu SD: 20 of 20 in use', position: 3 });
    expect(play.run(60)).toEqual([]);
    expect(play.ready).toBe('False WaitingForSlot…');
    expect(play.tasks).toEqual([]);
    expect(play.status.admission).toBeUndefined();
    expect(play.status.queue).toMatchObject({ position: 3, since: '2026-12-01T09:00:00.000Z' });
    expect(held(play.resource)).toEqual({ slots: [], names: [] });
  });

  it('a claim that fits no limit is Stalled', () => {
    const play = new Play();
    play.ledger = () => ({ why: 'excluded', limit: 'converter eu FHD: 0' });
    play.run(60);
    expect(play.ready).toBe('False LimitExcludes!');
  });

  it('recovery keeps the slot', () => {
    const play = running();
    play.rows = () => [];
    play.otherwise = (action) => failure(action.type === 'create' ? 'no-resources' : 'not-found');
    play.run(600);
    expect(types(play.calls)).toContain('delete');
    expect(play.status.admission).toHaveLength(1);
  });

  it('a better class in place is claimed before the update, a lesser one let go after it', () => {
    const play = running();
    play.edit(canvas(1280, 720));
    play.run(30);
    expect(slots(play.claimed.at(-1))).toEqual(['eu HD']);
    expect(play.task?.class).toBe('HD');
    expect(slots(held(play.resource))).toEqual(['eu HD']);
    const asked = play.claimed.length;
    play.edit(canvas(320, 180));
    play.run(30);
    expect(play.claimed).toHaveLength(asked);
    expect(slots(held(play.resource))).toEqual(['eu SD']);
    expect(types(changing(play.calls))).toEqual(['create', 'update', 'update']);
  });

  it('while the better class is refused the task runs on as it is', () => {
    const play = running();
    play.ledger = () => ({ why: 'wait', limit: 'converter eu HD: 5 of 5 in use', position: 1 });
    play.edit(canvas(1280, 720));
    expect(changing(play.run(60))).toEqual([]);
    expect(play.ready).toBe('False WaitingForSlot…');
    expect(play.task?.class).toBe('SD');
    expect(slots(held(play.resource))).toEqual(['eu SD']);
  });

  it('another region claims its slot before the old converter is touched', () => {
    const play = running();
    play.ledger = () => ({ why: 'wait', limit: 'converter na SD: 20 of 20 in use', position: 1 });
    play.edit({ region: 'na' });
    expect(changing(play.run(60))).toEqual([]);
    expect(play.task).toMatchObject({ region: 'eu', phase: 'Running' });
    play.ledger = () => undefined;
    expect(types(changing(play.run(60)))).toEqual(['delete', 'create']);
    expect(slots(play.claimed[1])).toEqual(['eu SD', 'na SD']);
    expect(slots(held(play.resource))).toEqual(['na SD']);
    expect(play.calls.find((call) => call.type === 'delete')?.action.region).toBe('eu');
  });

  it('where both regions never fit, the new slot takes the place of the old', () => {
    const play = running();
    play.ledger = (claims) => (claims.slots.length > 1 ? { why: 'excluded', limit: 'converter total: 1' } : undefined);
    play.edit({ region: 'na' });
    expect(types(changing(play.run(60)))).toEqual(['delete', 'create']);
    expect(play.ready).toBe('True Running');
  });

  it('where not even the new one fits, the old one runs on', () => {
    const play = running();
    play.ledger = () => ({ why: 'excluded', limit: 'converter na FHD: 0' });
    play.edit({ region: 'na' });
    expect(changing(play.run(60))).toEqual([]);
    expect(play.ready).toBe('False LimitExcludes!');
    expect(play.task?.phase).toBe('Running');
  });

  it('only the counted class of a raw converter changes: no stream is interrupted', () => {
    const play = new Play({ rawOptions: { rtcChannel: 'a', rtcStreamUid: 1 }, capacityClass: 'HD' }).watched();
    const { transcodeOptions: _transcode, ...rest } = play.resource.spec;
    play.resource = { ...play.resource, spec: rest };
    play.run(20);
    play.edit({ capacityClass: 'FHD' });
    expect(changesOf(play.resource, play.context())).toEqual([]);
    play.run(20);
    expect(slots(held(play.resource))).toEqual(['eu FHD']);
    play.edit({ capacityClass: 'SD' });
    play.run(20);
    expect(slots(held(play.resource))).toEqual(['eu SD']);
    expect(types(changing(play.calls))).toEqual(['create']);
    expect(play.ready).toBe('True Running');
  });
});

describe('MP-18 and MP-17 names are claimed', () => {
  it('the name at Agora, from the first intent until nothing may live', () => {
    const play = running();
    expect(held(play.resource).names).toEqual([`${APP_ID}/converter/show68_vertical`]);
    play.edit({ desiredState: 'Stopped' });
    play.run(20);
    expect(held(play.resource)).toEqual({ slots: [], names: [] });
  });

  it('MP-17 the user in its channel, sent or not', () => {
    const play = running({ user: { uid: 42 } });
    expect(held(play.resource).names).toContain(`${APP_ID}/show68/42`);
  });

  it('MP-17 the later of two that share a user is told before anything is created', () => {
    const play = new Play({ user: { account: 'bot' } });
    play.ledger = () => ({ why: 'name', name: `${APP_ID}/show68/bot`, owner: 'RtmpConverter/media/other' });
    expect(play.run(60)).toEqual([]);
    expect(play.ready).toBe('False NameConflict!');
    expect(play.message).toContain('RtmpConverter/media/other');
  });

  it('between a task and its replacement the name stays claimed', () => {
    const play = running();
    play.script = { delete: [{ call: 'deleteConverter' }], create: [failure('dns'), failure('dns')] };
    play.edit({ idleTimeout: 100 });
    play.run(1);
    expect(held(play.resource).names).toEqual([`${APP_ID}/converter/show68_vertical`]);
    expect(held(play.resource).slots).toHaveLength(1);
  });
});
