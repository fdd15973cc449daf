import { array, assert, constantFrom, integer, option, property, record, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashesOf, wishedValues } from '../../../src/kinds/converter/applied.ts';
import { changesTo, maskOf } from '../../../src/kinds/converter/changes.ts';
import { createBody, updateBody, valueAt } from '../../../src/kinds/converter/request.ts';
import type { ConverterSpec } from '../../../src/kinds/converter/types.ts';
import { converterSpec, projectSpec, T0, VIDEO } from './builders.ts';
import { Play } from './play.ts';
import { Cloud, checkListed, ENDINGS } from './random-cloud.ts';

const { compatibility } = projectSpec();
const TASK = { name: 'n', rtmpUrl: 'rtmp://cdn.example.com/a' };

const updatable = record({
  bitrate: integer({ min: 1, max: 3 }),
  gop: option(integer({ min: 1, max: 3 }), { nil: undefined }),
  frameRate: option(constantFrom(15, 30), { nil: undefined }),
  uids: option(array(constantFrom(1, 2, 3), { maxLength: 2 }), { nil: undefined }),
  volume: option(integer({ min: 0, max: 2 }), { nil: undefined }),
  jitterBufferSizeMs: option(constantFrom(0, 1_000), { nil: undefined }),
}).map(({ bitrate, gop, frameRate, uids, volume, jitterBufferSizeMs }): ConverterSpec => {
  const first = uids?.[0];
  const volumes = first === undefined || volume === undefined ? {} : { volumes: [{ rtcStreamUid: first, volume }] };
  const audioOptions = uids === undefined ? {} : { rtcStreamUids: uids, ...volumes };
  const videoOptions = {
    ...VIDEO,
    bitrate,
    ...(gop === undefined ? {} : { gop }),
    ...(frameRate === undefined ? {} : { frameRate }),
  };
  return converterSpec({
    transcodeOptions: { rtcChannel: 'show68', media: 'AudioVideo', audioOptions, videoOptions },
    ...(jitterBufferSizeMs === undefined ? {} : { jitterBufferSizeMs }),
  });
});

const appliedOf = (spec: ConverterSpec): Readonly<Record<string, string>> =>
  hashesOf('uid', wishedValues(spec, createBody(spec, TASK, compatibility)['converter'], { name: 'n', compatibility }));

/** A field mask as a server takes it: what it names is set, or cleared where the body has nothing. */
function masked(old: unknown, body: Readonly<Record<string, unknown>>): unknown {
  const next = structuredClone(old) as Record<string, unknown>;
  const fields = String(body['fields']);
  for (const path of fields === '' ? [] : fields.split(',')) {
    const names = path.split('.');
    const last = names.pop() ?? '';
    const holder = names.reduce((at, name) => at[name] as Record<string, unknown>, next);
    const value = valueAt(body['converter'], path);
    if (value === undefined) delete holder[last];
    else holder[last] = value;
  }
  return next;
}

describe('MP-25 properties', () => {
  it('what runs, changed by the update, is what a create of the new declaration would have made', () => {
    assert(
      property(updatable, updatable, (from, to) => {
        const changes = changesTo({ applied: appliedOf(from) }, to, appliedOf(to));
        expect(changes.every((change) => change.how === 'update')).toBe(true);
        const paths = maskOf(
          changes.map((change) => change.path),
          to,
        );
        const converter = createBody(from, TASK, compatibility)['converter'];
        const after = masked(converter, updateBody(to, TASK, paths, compatibility));
        expect(appliedOfBody(to, after)).toEqual(appliedOf(to));
      }),
    );
  });

  const appliedOfBody = (spec: ConverterSpec, converter: unknown): Readonly<Record<string, string>> => {
    const shown = converter as { readonly jitterBufferSizeMs?: number };
    const { jitterBufferSizeMs: _declared, ...rest } = spec;
    const seen =
      shown.jitterBufferSizeMs === undefined ? rest : { ...rest, jitterBufferSizeMs: shown.jitterBufferSizeMs };
    return hashesOf('uid', wishedValues(seen, converter, { name: 'n', compatibility }));
  };
});

const EDITS = [
  'none',
  'none',
  'bitrate',
  'idleTimeout',
  'name',
  'region',
  'stop',
  'run',
  'overlap',
  'die',
  'hide',
] as const;

function edit(play: Play, cloud: Cloud, what: (typeof EDITS)[number], n: number): void {
  const { transcodeOptions } = converterSpec();
  if (what === 'bitrate' && transcodeOptions !== undefined)
    play.edit({ transcodeOptions: { ...transcodeOptions, videoOptions: { ...VIDEO, bitrate: 100 + n } } });
  if (what === 'idleTimeout') play.edit({ idleTimeout: 100 + n });
  if (what === 'name') play.edit({ name: `name${n}` });
  if (what === 'region') play.edit({ region: n % 2 === 0 ? 'eu' : 'na' });
  if (what === 'stop') play.edit({ desiredState: 'Stopped' });
  if (what === 'run') play.edit({ desiredState: 'Running' });
  if (what === 'overlap') play.edit({ updateStrategy: n % 2 === 0 ? 'Overlap' : 'StopFirst' });
  const id = play.task?.converterId;
  if (id !== undefined && what === 'die') cloud.living.delete(id);
  if (id !== undefined && what === 'hide') cloud.hidden.add(id);
}

describe('MP-24, MP-7, MP-18 under random faults, crashes and edits', () => {
  const steps = array(tuple(constantFrom(...ENDINGS), constantFrom(...EDITS), integer({ min: 0, max: 40 })), {
    maxLength: 25,
  });
  it('sequences grow, nothing lives unlisted, and in the end all is as declared', { timeout: 60_000 }, () => {
    assert(
      property(steps, (script) => {
        const play = new Play({ maxStartsPerHour: 60 });
        const cloud = new Cloud(play);
        for (const [index, [ending, what, wait]] of script.entries()) {
          let used = false;
          play.otherwise = (action) => {
            const how = used ? 'ok' : ending;
            used = true;
            return cloud.faulty(action, how);
          };
          edit(play, cloud, what, index);
          play.run(wait + 1);
          checkListed(play, cloud);
        }
        play.otherwise = (action) => cloud.answer(action);
        play.run(300);
        cloud.hidden.clear();
        play.run(2_400);
        checkListed(play, cloud);
        const wanted = play.resource.spec.desiredState === 'Running';
        expect(play.ready).toBe(wanted ? 'True Running' : 'True Stopped');
        expect([...cloud.living.keys()]).toEqual(wanted ? [play.task?.converterId] : []);
        expect(play.status.admission?.length ?? 0).toBe(wanted ? 1 : 0);
        // A sweep every five seconds is a pass; nothing else may run hot.
        expect(play.passes).toBeLessThan(((play.now - T0) / 1_000) * 0.5 + 300);
      }),
      { numRuns: 150 },
    );
  });

  it('with deletion at the end nothing lives', { timeout: 60_000 }, () => {
    assert(
      property(steps, (script) => {
        const play = new Play({ maxStartsPerHour: 60 });
        const cloud = new Cloud(play);
        for (const [index, [ending, what, wait]] of script.entries()) {
          let used = false;
          play.otherwise = (action) => {
            const how = used ? 'ok' : ending;
            used = true;
            return cloud.faulty(action, how);
          };
          edit(play, cloud, what === 'hide' ? 'none' : what, index);
          play.run(wait + 1);
        }
        play.otherwise = (action) => cloud.answer(action);
        play.delete();
        play.run(1_200);
        expect(play.released).toBe(true);
        expect([...cloud.living.keys()]).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('decide is idempotent: the same inputs, the same status', () => {
    assert(
      property(steps, (script) => {
        const play = new Play();
        const cloud = new Cloud(play);
        for (const [index, [ending, what, wait]] of script.entries()) {
          let used = false;
          play.otherwise = (action) => {
            const how = used ? 'ok' : ending;
            used = true;
            return cloud.faulty(action, how);
          };
          edit(play, cloud, what, index);
          play.run(wait + 1);
          expect(play.decide()).toEqual(play.decide());
        }
        expect(play.now).toBeGreaterThanOrEqual(T0);
      }),
      { numRuns: 30 },
    );
  });
});
