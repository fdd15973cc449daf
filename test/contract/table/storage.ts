import type { Case } from './case.ts';

const row = (
  title: string,
  storage: Readonly<Record<string, unknown>>,
  more: Case['set'] = {},
  refused?: string,
): Case => ({
  title: `storage: ${title}`,
  kind: 'WebPageRecording',
  set: { 'spec.storage': { bucket: 'talks', credentialsSecretRef: { name: 's3' }, ...storage }, ...more },
  ...(refused !== undefined && { refused }),
});

const REGION = 'spec.storage.region';
const cn = { 'spec.region': 'cn' };
const na = { 'spec.region': 'na' };
const ap = { 'spec.region': 'ap' };

export const STORAGE_CASES: readonly Case[] = [
  row('S3 in the recording’s area', { vendor: 'AmazonS3', region: 'EU_NORTH_1' }),
  row('S3 in another area', { vendor: 'AmazonS3', region: 'US_EAST_1' }, {}, REGION),
  row(
    'S3 in another area where the region is only preferred',
    { vendor: 'AmazonS3', region: 'US_EAST_1' },
    { 'spec.regionPolicy': 'Preferred' },
  ),
  row(
    'S3 in another area where the recording is not pinned',
    { vendor: 'AmazonS3', region: 'US_EAST_1' },
    { 'spec.regionPolicy': 'Unpinned' },
  ),
  row('S3 in a region whose area is not told', { vendor: 'AmazonS3', region: 'SA_EAST_1' }),
  row('S3 in mainland China', { vendor: 'AmazonS3', region: 'CN_NORTH_1' }, cn),
  row('S3 in a region that it does not have', { vendor: 'AmazonS3', region: 'EU_CENTRAL_9' }, {}, REGION),
  row('S3 without a region', { vendor: 'AmazonS3' }, {}, REGION),
  row('Alibaba in the recording’s area', { vendor: 'AlibabaCloud', region: 'CN_HANGZHOU' }, cn),
  row('Alibaba in another area', { vendor: 'AlibabaCloud', region: 'CN_HONGKONG' }, cn, REGION),
  row('Alibaba in a region that it does not have', { vendor: 'AlibabaCloud', region: 'HANGZHOU' }, cn, REGION),
  row('Tencent in the recording’s area', { vendor: 'TencentCloud', region: 'NA_ASHBURN' }, na),
  row('Tencent in another area', { vendor: 'TencentCloud', region: 'AP_SINGAPORE' }, na, REGION),
  row('Tencent in a region that it does not have', { vendor: 'TencentCloud', region: 'EU_CENTRAL_1' }, {}, REGION),
  row('Huawei in the recording’s area', { vendor: 'HuaweiCloud', region: 'AP_SOUTHEAST_3' }, ap),
  row('Huawei in another area', { vendor: 'HuaweiCloud', region: 'CN_SOUTH_1' }, ap, REGION),
  row('Huawei in a region that it does not have', { vendor: 'HuaweiCloud', region: 'EU_WEST_1' }, {}, REGION),
  row('Huawei in a region whose area is not told', { vendor: 'HuaweiCloud', region: 'LA_SOUTH_2' }),
  row('Baidu in the recording’s area', { vendor: 'BaiduAICloud', region: 'SINGAPORE' }, ap),
  row('Baidu in another area', { vendor: 'BaiduAICloud', region: 'SINGAPORE' }, cn, REGION),
  row('Baidu in a region that it does not have', { vendor: 'BaiduAICloud', region: 'TOKYO' }, ap, REGION),
  row('Azure', { vendor: 'MicrosoftAzure' }),
  row('Google with a region', { vendor: 'GoogleCloud', region: 'EU_WEST_1' }, {}, REGION),
  row('S3Compatible', { vendor: 'S3Compatible', extensionParams: { endpoint: 'minio.example.com:9000' } }),
  row('S3Compatible without an endpoint', { vendor: 'S3Compatible' }, {}, 'spec.storage.extensionParams'),
  row(
    'an endpoint for S3',
    { vendor: 'AmazonS3', region: 'EU_WEST_1', extensionParams: { endpoint: 's3.example.com' } },
    {},
    'spec.storage.extensionParams.endpoint',
  ),
  row('sse and tag for S3', {
    vendor: 'AmazonS3',
    region: 'EU_WEST_1',
    extensionParams: { sse: 'kms', tag: 'RETENTION_DAYS=30' },
  }),
  row(
    'sse for Google',
    { vendor: 'GoogleCloud', extensionParams: { sse: 'kms' } },
    {},
    'spec.storage.extensionParams.sse',
  ),
  row('tag for Alibaba', {
    vendor: 'AlibabaCloud',
    region: 'EU_WEST_1',
    extensionParams: { tag: 'RETENTION_DAYS=30' },
  }),
  row(
    'tag for Google',
    { vendor: 'GoogleCloud', extensionParams: { tag: 'a=b' } },
    {},
    'spec.storage.extensionParams.tag',
  ),
  row('a vendor by number', { vendor: 1, region: 'EU_WEST_1' }, {}, 'spec.storage.vendor'),
  row('no bucket', { vendor: 'MicrosoftAzure', bucket: undefined }, {}, 'spec.storage.bucket'),
];
