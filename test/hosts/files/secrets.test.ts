import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { environmentName } from '../../../src/hosts/files/secrets.ts';
import { key, project, recording, status } from '../builders.ts';
import { type Run, startRun } from '../contract.ts';
import { Fixture, PRUNE_AFTER, secretManifest } from './fixture.ts';

let fixture: Fixture;
let run: Run | undefined;
beforeEach(async () => {
  fixture = await Fixture.open({ rescanMs: 1e9 });
});
afterEach(async () => {
  await run?.stop();
  run = undefined;
  await fixture.close();
});

const CANARY = 'canary-value';
const valueOf = async (name: string, field = 'key') => (await fixture.host()).secret('media', name, field)?.reveal();
const live = status('Running', { tasks: [{ attempt: 1, phase: 'Running' }] });
const idle = status('Stopped', { tasks: [] });

/** A recording that names `s3` itself and `agora` through its project, with both Secrets. */
async function declareAll(): Promise<void> {
  await fixture.declare('live.yaml', project(), recording());
  await fixture.write('s3.yaml', secretManifest('s3', { key: CANARY }));
  await fixture.write('agora.yaml', secretManifest('agora', { customerId: 'id' }));
  await fixture.scan();
}

describe('a reference', () => {
  it('is served by a Secret document, else by the environment', async () => {
    await fixture.restart({ environment: { AGORA_SECRET_MEDIA_S3_KEY: 'from-environment' } });
    await fixture.scan();
    expect(await valueOf('s3')).toBe('from-environment');
    await fixture.write('s3.yaml', secretManifest('s3', { key: CANARY }));
    await fixture.scan();
    expect(await valueOf('s3')).toBe(CANARY);
    expect(await valueOf('s3', 'other')).toBeUndefined();
  });

  it.each([
    ['media', 'cdn', 'url', 'AGORA_SECRET_MEDIA_CDN_URL'],
    ['media-eu', 'cdn.one', 'streamKey', 'AGORA_SECRET_MEDIA_EU_CDN_ONE_STREAMKEY'],
  ])('%s/%s, %s is the variable %s', (namespace, name, field, variable) => {
    expect(environmentName(namespace, name, field)).toBe(variable);
  });

  it('prints no value, wherever it is printed', async () => {
    await declareAll();
    const secret = (await fixture.host()).secret('media', 's3', 'key');
    const printed = [
      String(secret),
      inspect(secret),
      JSON.stringify({ secret, report: (await fixture.host()).report() }),
    ];
    expect(printed.join()).not.toContain(CANARY);
  });

  it('tells a changed value and nothing else', async () => {
    await declareAll();
    run = startRun(await fixture.host());
    await expect.poll(() => run?.synced).toBe(1);
    await fixture.write('s3.yaml', `# the same\n${secretManifest('s3', { key: CANARY })}`);
    await fixture.scan();
    expect(run.secrets).toEqual([]);
    await fixture.write('s3.yaml', secretManifest('s3', { key: 'another' }));
    await fixture.scan();
    expect(run.secrets).toEqual(['media/s3']);
  });
});

describe('a Secret that is removed', () => {
  beforeEach(declareAll);

  it('keeps its last value while a live task needs it, also over restarts, and is gone with it', async () => {
    await fixture.writeStatus(key('keynote'), live);
    await fixture.remove('s3.yaml');
    await fixture.remove('agora.yaml');
    await fixture.scan();
    await fixture.restart();
    await fixture.prune();
    await fixture.scanAfter(PRUNE_AFTER);
    expect(await valueOf('s3')).toBe(CANARY);
    expect(await valueOf('agora', 'customerId')).toBe('id');
    expect(await fixture.stateFiles('secrets')).toEqual(['Secret.media.agora.json', 'Secret.media.s3.json']);

    await fixture.writeStatus(key('keynote'), idle);
    await fixture.scan();
    expect(await valueOf('s3')).toBeUndefined();
    expect(await valueOf('agora', 'customerId')).toBeUndefined();
    expect(await fixture.stateFiles('secrets')).toEqual([]);
  });

  it('is in the state from the first scan on that misses it', async () => {
    await fixture.writeStatus(key('keynote'), live);
    expect(await fixture.stateFiles('secrets')).toEqual([]);
    await fixture.remove('s3.yaml');
    await fixture.scan();
    expect(await fixture.stateText('secrets/Secret.media.s3.json')).toContain(CANARY);
  });

  it('is no longer in the state once it is declared again', async () => {
    await fixture.writeStatus(key('keynote'), live);
    await fixture.remove('s3.yaml');
    await fixture.prune();
    await fixture.write('s3.yaml', secretManifest('s3', { key: 'another' }));
    await fixture.scan();
    expect(await valueOf('s3')).toBe('another');
    expect(await fixture.stateFiles('secrets')).toEqual([]);
  });

  it('is forgotten after prune-after where no live task needs it', async () => {
    run = startRun(await fixture.host());
    await expect.poll(() => run?.synced).toBe(1);
    await fixture.remove('s3.yaml');
    await fixture.scan();
    await fixture.scanAfter(PRUNE_AFTER - 1);
    expect(await valueOf('s3')).toBe(CANARY);
    await fixture.scanAfter(1);
    expect(await valueOf('s3')).toBeUndefined();
    expect(run.secrets).toEqual(['media/s3']);
    expect(await fixture.stateFiles('secrets')).toEqual([]);
  });

  it('is not forgotten in an emptied directory, nor while its file is not good', async () => {
    await fixture.write('s3.yaml', 'broken: [');
    await fixture.prune();
    await fixture.scanAfter(PRUNE_AFTER);
    expect(await valueOf('s3')).toBe(CANARY);
    for (const path of ['s3.yaml', 'agora.yaml', 'live.yaml']) await fixture.remove(path);
    await fixture.prune();
    await fixture.scanAfter(PRUNE_AFTER);
    expect(await valueOf('s3')).toBe(CANARY);
  });

  it('and no other value, is in no state file', async () => {
    await fixture.writeStatus(key('keynote'), live);
    for (const name of await fixture.stateFiles('resources')) {
      expect(await fixture.stateText(`resources/${name}`)).not.toContain(CANARY);
    }
  });
});
