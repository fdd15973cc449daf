import type { Case } from './case.ts';

const row = (title: string, set: Case['set'], refused?: string, old?: Case['old']): Case => ({
  title,
  kind: 'AgoraProject',
  set,
  ...(refused !== undefined && { refused }),
  ...(old !== undefined && { old }),
});

export const PROJECT_CASES: readonly Case[] = [
  row('the least', {}),
  row('every setting', {
    'spec.location': 'MainlandChina',
    'spec.homeRegion': 'cn-east-1',
    'spec.adjacentDomains': ['cn-north-1', 'cn-east-1'],
    'spec.limits': {
      mixedResolution: 'Literal',
      recording: { cn: { SD: 10, HD: 5, FHD: 0 }, ap: { HD: 100 }, eu: {}, na: {}, total: 200, queriesPerSecond: 20 },
      converter: {
        eu: { SD: 40 },
        total: 299,
        createsPerSecond: 50,
        deletesPerSecond: 50,
        updatesPerSecond: 50,
        getsPerSecond: 50,
        listsPerMinute: 15,
      },
    },
    'spec.compatibility': {
      idleTimeoutKey: 'idleTimeOut',
      emptyAudioOptions: 'Null',
      sendConverterUser: true,
      storageInUpdate: 'Always',
    },
    'spec.suspend': true,
  }),
  row('notifications', { 'spec.notifications': { recordingSecretRef: { name: 'agora' } } }),
  row('notifications without any secret', { 'spec.notifications': {} }, 'spec.notifications'),
  row('no spec', { spec: undefined }, 'spec'),
  row('no appId', { 'spec.appId': undefined }, 'spec.appId'),
  row('an appId in capitals', { 'spec.appId': '0123456789ABCDEF0123456789ABCDEF' }, 'spec.appId'),
  row('no credentials', { 'spec.credentialsSecretRef': undefined }, 'spec.credentialsSecretRef'),
  row(
    'a secret name that no Secret can have',
    { 'spec.credentialsSecretRef.name': 'Agora' },
    'spec.credentialsSecretRef.name',
  ),
  row('a location that is not known', { 'spec.location': 'Moon' }, 'spec.location'),
  row('a home region that is not known', { 'spec.homeRegion': 'cn-east-2' }, 'spec.homeRegion'),
  row('an adjacent domain twice', { 'spec.adjacentDomains': ['eu-west-1', 'eu-west-1'] }, 'spec.adjacentDomains'),
  row('a limit below zero', { 'spec.limits.recording.cn.SD': -1 }, 'spec.limits.recording.cn.SD'),
  row('a limit that is no whole number', { 'spec.limits.recording.total': 1.5 }, 'spec.limits.recording.total'),
  row('a limit of a class that does not exist', { 'spec.limits.recording.cn.UHD': 1 }, 'spec.limits.recording.cn.UHD'),
  row('a rate of zero', { 'spec.limits.recording.queriesPerSecond': 0 }, 'spec.limits.recording.queriesPerSecond'),
  row('the same appId again', { 'spec.suspend': true }, undefined, {}),
  row('another appId', { 'spec.appId': 'ffffffffffffffffffffffffffffffff' }, 'spec.appId', {}),
  row('a label value that is too long', { 'metadata.labels': { a: 'x'.repeat(64) } }, 'metadata.labels.a'),
  row('a label key that is none', { 'metadata.labels': { 'a b': 'x' } }, 'metadata.labels[a b]'),
  row('a name that no resource can have', { 'metadata.name': 'Live' }, 'metadata.name'),
  row('a null, which counts as absent', { 'spec.homeRegion': null, 'spec.limits': null }),
];
