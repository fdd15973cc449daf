import type { Case } from './case.ts';

const row = (title: string, set: Case['set'], refused?: string, old?: Case['old']): Case => ({
  title,
  kind: 'RtmpConverter',
  set,
  ...(refused !== undefined && { refused }),
  ...(old !== undefined && { old }),
});

const secret = { secretKeyRef: { name: 'cdn', key: 'url' } };
const OPTIONS = 'spec.transcodeOptions';
const VIDEO = `${OPTIONS}.videoOptions`;
const region = { xPos: 0, yPos: 0, zIndex: 0, width: 100, height: 100 };
const layout = [{ rtcStreamUid: 1, region }];
const raw = {
  'spec.transcodeOptions': undefined,
  'spec.rawOptions': { rtcChannel: 'show68', rtcStreamUid: 7 },
  'spec.capacityClass': 'HD',
};
const audioOnly = { [`${OPTIONS}.media`]: 'AudioOnly', [VIDEO]: undefined };
const output = (name: string): object => ({ name, rtmpUrl: `rtmp://${name}.example.com/live` });
const parallel = (...names: readonly string[]): Case['set'] => ({
  'spec.rtmpUrl': undefined,
  'spec.redundancy': { mode: 'Parallel', outputs: names.map(output) },
});
/** Outputs a and b, the second with what is given. */
const twoOutputs = (second: object): Case['set'] => ({
  'spec.rtmpUrl': undefined,
  'spec.redundancy': { mode: 'Parallel', outputs: [output('a'), { name: 'b', ...second }] },
});
const users = (a: object, b: object): Case['set'] => ({
  'spec.rtmpUrl': undefined,
  'spec.redundancy': {
    mode: 'Parallel',
    outputs: [
      { name: 'a', rtmpUrl: 'rtmp://a.example.com/live', user: a },
      { name: 'b', rtmpUrl: 'rtmp://b.example.com/live', ...(Object.keys(b).length === 0 ? {} : { user: b }) },
    ],
  },
});
const standby = { mode: 'Standby', priorityParameter: 'priority' };

export const CONVERTER_CASES: readonly Case[] = [
  row('the least', {}),
  row('raw', raw),
  row('raw and transcoded', { ...raw, [OPTIONS]: { rtcChannel: 'show68', media: 'AudioOnly' } }, OPTIONS),
  row('neither raw nor transcoded', { [OPTIONS]: undefined }, OPTIONS),
  row('raw without a class', { ...raw, 'spec.capacityClass': undefined }, 'spec.capacityClass'),
  row('a class for what is transcoded', { 'spec.capacityClass': 'HD' }, 'spec.capacityClass'),
  row('an address from a Secret', { 'spec.rtmpUrl': undefined, 'spec.rtmpUrlFrom': secret }),
  row('no address', { 'spec.rtmpUrl': undefined }, 'spec.rtmpUrl'),
  row('two addresses', { 'spec.rtmpUrlFrom': secret }, 'spec.rtmpUrl'),
  row(
    'an address and outputs',
    { 'spec.redundancy': { mode: 'Parallel', outputs: [output('a'), output('b')] } },
    'spec.rtmpUrl',
  ),
  row('MP-15 a region in capitals', { 'spec.region': 'EU' }, 'spec.region'),
  row('MP-15 a region that does not exist', { 'spec.region': 'sa' }, 'spec.region'),
  row('MP-15 a CDN in another area', { 'spec.cdnArea': 'na' }),
  row('MP-17 a user by uid', { 'spec.user': { uid: 4294967295 } }),
  row('MP-17 a user by account', { 'spec.user': { account: 'pusher' } }),
  row('MP-17 a user by uid and account', { 'spec.user': { uid: 1, account: 'pusher' } }, 'spec.user'),
  row('MP-17 a user without either', { 'spec.user': {} }, 'spec.user'),
  row('MP-17 a uid beyond 32 bits', { 'spec.user': { uid: 4294967296 } }, 'spec.user.uid'),
  row('MP-20 audio and video with audio options', { [`${OPTIONS}.audioOptions`]: {} }),
  row('MP-20 audio and video without video options', { [VIDEO]: undefined }, VIDEO),
  row('MP-20 audio alone', audioOnly),
  row('MP-20 audio alone with video options', { [`${OPTIONS}.media`]: 'AudioOnly' }, VIDEO),
  row('MP-20 video alone', { [`${OPTIONS}.media`]: 'VideoOnly' }),
  row('MP-20 video alone without video options', { [`${OPTIONS}.media`]: 'VideoOnly', [VIDEO]: undefined }, VIDEO),
  row(
    'MP-20 video alone with audio options',
    { [`${OPTIONS}.media`]: 'VideoOnly', [`${OPTIONS}.audioOptions`]: {} },
    `${OPTIONS}.audioOptions`,
  ),
  row('MP-23 SEI beside audio alone', {
    ...audioOnly,
    [`${OPTIONS}.sei`]: { userUid: 7, source: { metadata: true }, sink: { type: 100 } },
  }),
  row('MP-23 SEI beside video', { [`${OPTIONS}.sei`]: { userUid: 7 } }, `${OPTIONS}.sei`),
  row('MP-23 SEI without its user', { ...audioOnly, [`${OPTIONS}.sei`]: {} }, `${OPTIONS}.sei.userUid`),
  row('MP-3 1920 × 1080', { [`${VIDEO}.canvas`]: { width: 1920, height: 1080 } }),
  row('MP-3 1081 × 1920', { [`${VIDEO}.canvas`]: { width: 1081, height: 1920 } }, `${VIDEO}.canvas.height`),
  row('MP-3 30 frames a second', { [`${VIDEO}.frameRate`]: 30 }),
  row('MP-3 31 frames a second', { [`${VIDEO}.frameRate`]: 31 }, `${VIDEO}.frameRate`),
  row('a canvas of 65', { [`${VIDEO}.canvas.width`]: 65 }, `${VIDEO}.canvas.width`),
  row('layoutType 0 with layout', { [`${VIDEO}.layoutType`]: 0 }),
  row('layoutType 0 without layout', { [`${VIDEO}.layout`]: undefined }, `${VIDEO}.layout`),
  row('layoutType 0 with vertical', { [`${VIDEO}.vertical`]: {} }, `${VIDEO}.vertical`),
  row('layoutType 1 with vertical', {
    [`${VIDEO}.layoutType`]: 1,
    [`${VIDEO}.layout`]: undefined,
    [`${VIDEO}.vertical`]: {},
  }),
  row(
    'layoutType 1 without vertical',
    { [`${VIDEO}.layoutType`]: 1, [`${VIDEO}.layout`]: undefined },
    `${VIDEO}.vertical`,
  ),
  row('layoutType 1 with layout', { [`${VIDEO}.layoutType`]: 1, [`${VIDEO}.vertical`]: {} }, `${VIDEO}.layout`),
  row('layoutType 2', { [`${VIDEO}.layoutType`]: 2 }, `${VIDEO}.layoutType`),
  row('a stream and an image', {
    [`${VIDEO}.layout`]: [...layout, { imageUrl: 'https://img.example.com/a.png', region, fillMode: 'fit' }],
  }),
  row('a view of nothing', { [`${VIDEO}.layout`]: [{ region }] }, `${VIDEO}.layout[0]`),
  row(
    'a view of a stream and an image',
    { [`${VIDEO}.layout`]: [...layout, { rtcStreamUid: 2, imageUrl: 'https://img.example.com/a.png', region }] },
    `${VIDEO}.layout[1]`,
  ),
  row(
    'a placeholder for an image',
    {
      [`${VIDEO}.layout`]: [
        { imageUrl: 'https://img.example.com/a.png', placeholderImageUrl: 'https://img.example.com/b.png', region },
      ],
    },
    `${VIDEO}.layout[0].placeholderImageUrl`,
  ),
  row('a view that hangs over the canvas', {
    [`${VIDEO}.layout`]: [{ rtcStreamUid: 1, region: { ...region, xPos: -50 } }],
  }),
  row('H.265 with its profile', { [`${VIDEO}.codec`]: 'H.265', [`${VIDEO}.codecProfile`]: 'main' }),
  row(
    'H.265 with another profile',
    { [`${VIDEO}.codec`]: 'H.265', [`${VIDEO}.codecProfile`]: 'high' },
    `${VIDEO}.codecProfile`,
  ),
  row('volumes of users who are mixed', {
    [`${OPTIONS}.audioOptions`]: { rtcStreamUids: [1, 2], volumes: [{ rtcStreamUid: 2, volume: 200 }] },
  }),
  row(
    'a volume of a user who is not mixed',
    { [`${OPTIONS}.audioOptions`]: { rtcStreamUids: [1], volumes: [{ rtcStreamUid: 2 }] } },
    `${OPTIONS}.audioOptions.volumes`,
  ),
  row(
    'a volume where everybody is mixed',
    { [`${OPTIONS}.audioOptions`]: { volumes: [{ rtcStreamUid: 2 }] } },
    `${OPTIONS}.audioOptions.volumes`,
  ),
  row(
    'two volumes of one user',
    { [`${OPTIONS}.audioOptions`]: { rtcStreamUids: [1], volumes: [{ rtcStreamUid: 1 }, { rtcStreamUid: 1 }] } },
    `${OPTIONS}.audioOptions.volumes`,
  ),
  row('nobody mixed', { [`${OPTIONS}.audioOptions`]: { rtcStreamUids: [] } }),
  row('MP-21 idleTimeout 600', { 'spec.idleTimeout': 600 }),
  row('MP-21 idleTimeout 601', { 'spec.idleTimeout': 601 }, 'spec.idleTimeout'),
  row('a hint that is an address', { 'spec.regionHintIp': '203.0.113.10' }),
  row('a hint that is none', { 'spec.regionHintIp': '203.0.113.256' }, 'spec.regionHintIp'),
  row('MP-18 a name of 64 characters', { 'spec.name': 'n'.repeat(64) }),
  row('MP-18 a name of 65 characters', { 'spec.name': 'n'.repeat(65) }, 'spec.name'),
  row('MP-18 a name with a dot', { 'spec.name': 'a.b' }, 'spec.name'),
  row('MP-18 a name of 44 characters with Overlap', { 'spec.name': 'n'.repeat(44), 'spec.updateStrategy': 'Overlap' }),
  row(
    'MP-18 a name of 45 characters with Overlap',
    { 'spec.name': 'n'.repeat(45), 'spec.updateStrategy': 'Overlap' },
    'spec.name',
  ),
  row(
    'MP-18 a name of 45 characters with redundancy',
    { 'spec.name': 'n'.repeat(45), 'spec.redundancy': standby },
    'spec.name',
  ),
  row('MP-8 two outputs at once', parallel('a', 'b')),
  row('MP-8 no outputs', { 'spec.redundancy': { mode: 'Parallel' } }, 'spec.redundancy.outputs'),
  row('MP-8 one output', parallel('a'), 'spec.redundancy.outputs'),
  row('MP-8 two outputs of one name', parallel('a', 'a'), 'spec.redundancy.outputs'),
  row(
    'MP-8 an output to nowhere',
    { 'spec.rtmpUrl': undefined, 'spec.redundancy': { mode: 'Parallel', outputs: [output('a'), { name: 'b' }] } },
    'spec.redundancy.outputs[1]',
  ),
  row(
    'MP-8 more ready than there are',
    { ...parallel('a', 'b'), 'spec.redundancy.minReady': 3 },
    'spec.redundancy.minReady',
  ),
  row(
    'MP-8 a priority parameter',
    { ...parallel('a', 'b'), 'spec.redundancy.priorityParameter': 'priority' },
    'spec.redundancy.priorityParameter',
  ),
  row('MP-8 a name that replacements have', parallel('a', 'b-r2'), 'spec.redundancy.outputs'),
  row('MP-8 a name like a replacement’s alone', parallel('a', 'r2'), 'spec.redundancy.outputs'),
  row('MP-8 names in which the letter r is just a letter', parallel('r', 'ar2')),
  row(
    'MP-8 two outputs to one address',
    twoOutputs({ rtmpUrl: 'rtmp://a.example.com/live' }),
    'spec.redundancy.outputs',
  ),
  row('MP-17 outputs with users of their own', users({ uid: 1 }, { uid: 2 })),
  row('MP-17 one user for two outputs', users({ uid: 1 }, { uid: 1 }), 'spec.redundancy.outputs'),
  row('MP-17 one account for two outputs', users({ account: 'a' }, { account: 'a' }), 'spec.redundancy.outputs'),
  row('MP-17 a uid and an account', users({ uid: 1 }, { account: '1' })),
  row(
    'MP-17 an output with a user by uid and account',
    users({ uid: 1, account: 'a' }, {}),
    'spec.redundancy.outputs[0].user',
  ),
  row('MP-17 a user for all outputs', { ...parallel('a', 'b'), 'spec.user': { uid: 1 } }, 'spec.user'),
  row('MP-17 a user that priorities count up from', { 'spec.redundancy': standby, 'spec.user': { uid: 4294967288 } }),
  row(
    'MP-17 a user that leaves no room for priorities',
    { 'spec.redundancy': standby, 'spec.user': { uid: 4294967289 } },
    'spec.user',
  ),
  row(
    'MP-17 an account that leaves no room for priorities',
    { 'spec.redundancy': standby, 'spec.user': { account: 'a'.repeat(253) } },
    'spec.user',
  ),
  row('MP-8 an overlap of outputs', { ...parallel('a', 'b'), 'spec.updateStrategy': 'Overlap' }),
  row(
    'MP-9 an overlap at one priority',
    { 'spec.redundancy': standby, 'spec.updateStrategy': 'Overlap' },
    'spec.updateStrategy',
  ),
  row('MP-9 one address with priorities', { 'spec.redundancy': { ...standby, priorities: 3 } }),
  row('MP-9 no priority parameter', { 'spec.redundancy': { mode: 'Standby' } }, 'spec.redundancy.priorityParameter'),
  row(
    'MP-9 outputs',
    { ...parallel('a', 'b'), 'spec.redundancy.mode': 'Standby', 'spec.redundancy.priorityParameter': 'priority' },
    'spec.redundancy.outputs',
  ),
  row('MP-10 three ways', { ...parallel('a', 'b', 'c'), 'spec.redundancy.isolation': true }),
  row(
    'MP-10 four ways',
    { ...parallel('a', 'b', 'c', 'd'), 'spec.redundancy.isolation': true },
    'spec.redundancy.outputs',
  ),
  row(
    'MP-10 four priorities',
    { 'spec.redundancy': { ...standby, priorities: 4, isolation: true } },
    'spec.redundancy.priorities',
  ),
  row(
    'a window of no length',
    { 'spec.schedule': { startAt: '2026-12-01T09:00:00Z', stopAt: '2026-12-01T09:00:00Z' } },
    'spec.schedule.stopAt',
  ),
  row('a state that converters do not have', { 'spec.desiredState': 'OnHold' }, 'spec.desiredState'),
  row('the same project again', { 'spec.idleTimeout': 100 }, undefined, {}),
  row('another project', { 'spec.projectRef.name': 'other' }, 'spec.projectRef.name', {}),
];
