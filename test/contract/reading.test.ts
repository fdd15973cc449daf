import { describe, expect, it } from 'vitest';
import { formatFinding } from '../../src/hosts/files/findings.ts';
import { createManifestReader } from '../../src/hosts/files/manifest-reader.ts';
import { isDateTime } from '../../src/hosts/files/schema.ts';
import { createValidator } from '../../src/hosts/files/validate.ts';
import { createOffline } from './offline.ts';
import { VALID } from './table/case.ts';
import { YAML_CASES } from './table/yaml.ts';

const read = createManifestReader(await createValidator());
const offline = await createOffline();
const said = (text: string): readonly string[] => read(text, 'a.yaml', () => undefined).findings.map(formatFinding);

const RECORDING = `apiVersion: agora-reconciler.dev/v1alpha1
kind: WebPageRecording
metadata:
  name: keynote
  namespace: media
spec:
  projectRef: { name: live }
  region: eu
  url: https://stage.example.com/keynote
  audioProfile: 1
  videoWidth: 1280
  videoHeight: 720
  maxRecordingHour: 4
  storage:
    vendor: AmazonS3
    region: EU_CENTRAL_1
    bucket: talks
    credentialsSecretRef: { name: s3 }
`;

describe('a finding says where, which field, what is wrong and what to do', () => {
  it.each([
    [
      'a value',
      RECORDING.replace('1280', 'wide'),
      'a.yaml:11:15: spec.videoWidth: is not a whole number; write a whole number',
    ],
    [
      'an unknown field, at its name',
      RECORDING.replace('  region: eu', '  region: eu\n  onhold: true'),
      'a.yaml:9:3: spec.onhold: is not a field here; remove it or correct its name',
    ],
    [
      'a missing field, at what it is missing from',
      RECORDING.replace('    bucket: talks\n', ''),
      'a.yaml:14:3: spec.storage.bucket: is missing; add it',
    ],
    [
      'a rule',
      RECORDING.replace('1280', '1920').replace('720', '1900'),
      'a.yaml:12:16: spec.videoHeight: videoWidth × videoHeight is more than 1920 × 1080; lower one of them',
    ],
    [
      'a rule in a later document',
      `${RECORDING}---\n${RECORDING.replace('EU_CENTRAL_1', 'EU_CENTRAL_9')}`,
      /^a\.yaml:35:13: spec\.storage\.region: region is not one of AmazonS3’s; set one of US_EAST_1, /,
    ],
    [
      'a key twice',
      RECORDING.replace('  region: eu', '  region: eu\n  region: na'),
      'a.yaml:9:3: Map keys must be unique; remove one of the two',
    ],
    ['a broken document', RECORDING.replace('{ name: live }', '{ name: live'), /^a\.yaml:8:3: /],
    [
      'a key that came in by a merge',
      RECORDING.replace('  projectRef', '  <<: { videoFps: 60 }\n  projectRef'),
      'a.yaml:7:19: spec.videoFps: is more than 30; use at most 30',
    ],
    [
      'a kind that does not exist',
      RECORDING.replace('WebPageRecording', 'WebPageRecorder'),
      'a.yaml:2:7: kind: is not a kind of this API; use one of AgoraProject, WebPageRecording, RtmpConverter',
    ],
    [
      'a version that does not exist',
      RECORDING.replace('v1alpha1', 'v1'),
      'a.yaml:1:13: apiVersion: is not a version of this API; use agora-reconciler.dev/v1alpha1',
    ],
    [
      'no apiVersion',
      RECORDING.replace(/^apiVersion.*\n/, ''),
      'a.yaml:1:1: apiVersion: is missing or no text; add it',
    ],
    ['no name', RECORDING.replace('  name: keynote\n', ''), 'a.yaml:3:1: metadata.name: is missing; add it'],
    [
      'a document that is no map',
      '- 1\n',
      'a.yaml:1:1: is not a manifest; write a map with apiVersion, kind, metadata and spec',
    ],
  ])('%s', (_, text, finding) => {
    expect(said(text)).toEqual([finding instanceof RegExp ? expect.stringMatching(finding) : finding]);
  });

  it('several at once, in the order of the file', () => {
    const text = RECORDING.replace('1280', 'wide').replace('region: eu', 'region: mars');
    expect(said(text).map((line) => line.split(': ')[1])).toEqual(['spec.region', 'spec.videoWidth']);
  });

  it('never shows a value: it may be a secret', () => {
    const secret = 'rtmp ://live/stream-key-4711';
    expect(
      said(RECORDING.replace('  region: eu', `  region: eu\n  publish: { rtmpUrl: "${secret}" }`)).join(),
    ).not.toContain('4711');
    expect(
      said('apiVersion: v1\nkind: Secret\nmetadata: { name: a }\nstringData: { key: 04711 }\n').join(),
    ).not.toContain('04711');
  });
});

describe('what is read', () => {
  it('defaults are filled in and nulls dropped, as by the API server', () => {
    const { resources } = read(
      RECORDING.replace('  region: eu', '  region: eu\n  videoFps: null\n  cname: ~'),
      'a.yaml',
      () => undefined,
    );
    expect(resources[0]?.value).toMatchObject({
      kind: 'WebPageRecording',
      namespace: 'media',
      name: 'keynote',
      spec: {
        videoFps: 15,
        avFileType: ['hls'],
        desiredState: 'Running',
        restartPolicy: 'Always',
        maxStartsPerHour: 12,
      },
    });
    expect(resources[0]?.value.spec).not.toHaveProperty('cname');
  });

  it('a resource that names no namespace is in default', () => {
    const { resources } = read(RECORDING.replace('  namespace: media\n', ''), 'a.yaml', () => undefined);
    expect(resources[0]?.value.namespace).toBe('default');
  });

  it('each resource says where it begins', () => {
    const { resources } = read(
      `# first\n${RECORDING}---\n${RECORDING.replace('keynote', 'second')}`,
      'a.yaml',
      () => undefined,
    );
    expect(resources.map(({ line, column }) => [line, column])).toEqual([
      [2, 1],
      [21, 1],
    ]);
  });

  it('the items of a List', () => {
    const items = [VALID.AgoraProject, VALID.WebPageRecording];
    const { resources, findings } = read(
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items }),
      'a.json',
      () => undefined,
    );
    expect([resources.map(({ value }) => value.kind), findings]).toEqual([['AgoraProject', 'WebPageRecording'], []]);
  });

  it('a Secret: data decoded, stringData before it, and nothing of it printed', () => {
    const text =
      'apiVersion: v1\nkind: Secret\nmetadata: { name: agora, namespace: media }\ndata: { customerId: ZGVtbw==, both: eA== }\nstringData: { both: y1 }\n';
    const { secrets, findings } = read(text, 'a.yaml', () => undefined);
    expect(findings).toEqual([]);
    const values = secrets[0]?.value.values ?? {};
    expect(Object.entries(values).map(([key, value]) => [key, value.reveal()])).toEqual([
      ['customerId', 'demo'],
      ['both', 'y1'],
    ]);
    expect(JSON.stringify(secrets)).not.toContain('demo');
  });

  it.each([
    ['a value that is no text', 'stringData: { a: 1 }', 'stringData.a'],
    ['a value that is not base64', 'data: { a: "%" }', 'data.a'],
    ['a key that is none', 'stringData: { "a b": x }', 'stringData[a b]'],
    ['an unknown field', 'datas: {}', 'datas'],
  ])('a Secret with %s is refused', (_, line, field) => {
    const { secrets, findings } = read(
      `apiVersion: v1\nkind: Secret\nmetadata: { name: a }\n${line}\n`,
      'a.yaml',
      () => undefined,
    );
    expect([secrets, findings.map((finding) => finding.field)]).toEqual([[], [field]]);
  });

  it.each(YAML_CASES.filter(({ reads }) => reads === 'refused here'))('stricter than kubectl: $title', ({ text }) => {
    expect(offline.syntaxErrors(text)).toBeGreaterThan(0);
  });
});

describe('warnings leave a resource valid', () => {
  const warned = (text: string): readonly (readonly [string, number])[] => {
    const { resources, findings } = read(text, 'a.yaml', () => undefined);
    expect(findings.map(({ severity }) => severity)).toEqual(findings.map(() => 'warning'));
    expect(resources.length).toBe(text.includes('ConfigMap') ? 0 : 1);
    return findings.map(({ field, line }) => [field, line]);
  };
  const CONVERTER = JSON.stringify(VALID.RtmpConverter, null, 2);

  it.each([
    [
      'MP-15 cdnArea that differs from region',
      CONVERTER.replace('"region": "eu",', '"region": "eu",\n"cdnArea": "na",'),
      [['spec.cdnArea', 13]],
    ],
    ['a status', `${RECORDING}status: {}\n`, [['status', 19]]],
    ['a kind that is not ours', 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n', [['kind', 2]]],
    ['a number that YAML 1.2 reads otherwise', RECORDING.replace('720', '01320'), [['', 12]]],
  ])('%s', (_, text, expected) => {
    expect(warned(text)).toEqual(expected);
  });

  it('MP-15 cdnArea equal to region: none', () => {
    expect(warned(CONVERTER.replace('"region": "eu",', '"region": "eu",\n"cdnArea": "eu",'))).toEqual([]);
  });
});

it.each([
  ['2024-02-29T00:00:00Z', true],
  ['2025-02-29T00:00:00Z', false],
  ['2000-02-29T00:00:00Z', true],
  ['1900-02-29T00:00:00Z', false],
  ['2026-04-31T00:00:00Z', false],
  ['2026-13-01T00:00:00Z', false],
  ['2026-00-01T00:00:00Z', false],
  ['2026-01-01T23:59:59.999+14:00', true],
  ['2026-01-01T23:60:00Z', false],
  ['2026-01-01T00:00:00+24:00', false],
  ['2026-01-01', false],
])('%s is a date-time: %s', (text, expected) => {
  expect(isDateTime(text)).toBe(expected);
});
