import { isObject } from './json.ts';
import {
  anyObject,
  arrayOf,
  boolean,
  integer,
  object,
  oneOf,
  type Problem,
  type Rule,
  text,
  together,
} from './schema.ts';
import { MAX_PIXELS } from './sizes.ts';
import { storageConfig } from './storage.ts';

/** The safe rule of reference B.2: the 89-character set, at most 64 bytes. */
export const CHANNEL_NAME = /^[A-Za-z0-9 !#$%&()+\-:;<=.>?@[\]^_{}|~,]{1,64}$/;
/** RTMP and RTMPS only. */
export const RTMP_URL = /^rtmps?:\/\/[^\s/]+(\/\S*)?$/;

/** Whether the page recorder's parameters are those of a recording above 1280x720 matters only for billing. */
const webRecorder = object(
  {
    required: {
      url: text({ pattern: /^https?:\/\/\S+$/ }),
      audioProfile: oneOf(0, 1, 2),
      videoWidth: integer(240, 1920),
      videoHeight: integer(240, 1920),
      maxRecordingHour: integer(1, 720),
    },
    optional: {
      videoBitrate: integer(50, 8000),
      videoFps: integer(5, 60),
      mobile: boolean,
      maxVideoDuration: integer(30, 240),
      onhold: boolean,
      readyTimeout: integer(0, 60),
    },
  },
  together(
    'videoWidth',
    'a picture of at most 1920x1080 pixels',
    ({ videoWidth, videoHeight }) => Number(videoWidth) * Number(videoHeight) <= MAX_PIXELS,
  ),
);

const outputs = arrayOf(object({ required: { rtmpUrl: text({ pattern: RTMP_URL, max: 1024 }) } }), { min: 1, max: 1 });

const webService = object({
  required: { serviceName: oneOf('web_recorder_service'), serviceParam: webRecorder },
  optional: { errorHandlePolicy: oneOf('error_abort') },
});
const publishService = object({
  required: { serviceName: oneOf('rtmp_publish_service'), serviceParam: object({ required: { outputs } }) },
  optional: { errorHandlePolicy: oneOf('error_ignore') },
});

const service: Rule = (value, path) => {
  const name = isObject(value) ? value['serviceName'] : undefined;
  return name === 'rtmp_publish_service' ? publishService(value, path) : webService(value, path);
};

const named = (services: unknown, name: string): number =>
  Array.isArray(services) ? services.filter((each) => isObject(each) && each['serviceName'] === name).length : 0;

const startRequest = object({
  required: {
    storageConfig,
    extensionServiceConfig: object(
      {
        required: { extensionServices: arrayOf(service, { min: 1, max: 2 }) },
        optional: { errorHandlePolicy: oneOf('error_abort'), apiVersion: oneOf('v1') },
      },
      together(
        'extensionServices',
        'one web_recorder_service and at most one rtmp_publish_service',
        ({ extensionServices }) =>
          named(extensionServices, 'web_recorder_service') === 1 &&
          named(extensionServices, 'rtmp_publish_service') <= 1,
      ),
    ),
  },
  optional: {
    token: text(),
    recordingFileConfig: object(
      { optional: { avFileType: arrayOf(oneOf('hls', 'mp4'), { min: 1, max: 2 }) } },
      together(
        'avFileType',
        'hls, alone or with mp4',
        ({ avFileType }) =>
          avFileType === undefined ||
          (Array.isArray(avFileType) && avFileType[0] === 'hls' && new Set(avFileType).size === avFileType.length),
      ),
    ),
  },
});

const acquireRequest = object({
  required: { scene: oneOf(1) },
  optional: {
    resourceExpiredHour: integer(1, 720),
    excludeResourceIds: arrayOf(text()),
    region: oneOf('CN', 'AP', 'EU', 'NA'),
    regionAffinity: oneOf(0, 1, 2, 3, 4),
    // An invalid one does not fail acquire; start then fails.
    startParameter: anyObject,
  },
});

const updateRequest = (storage: 'optional' | 'required'): Rule => {
  const optional = {
    webRecordingConfig: object({ optional: { onhold: boolean } }),
    rtmpPublishConfig: object({ required: { outputs } }),
  };
  return storage === 'required'
    ? object({ required: { storageConfig }, optional })
    : object({ optional: { ...optional, storageConfig } });
};

const uid: Rule = (value, path) =>
  text({ pattern: /^[1-9][0-9]{0,9}$/ })(value, path) ??
  (Number(value) <= 4_294_967_295 ? undefined : { path, why: 'value', expected: 'at most 4294967295' });

/** `cname` is looked at by its own code (401 or 1013), so any text passes here. */
const body = (clientRequest: Rule): Rule => object({ required: { cname: text(), uid, clientRequest } });

export const acquireBody = body(acquireRequest);
export const startBody = body(startRequest);
export const updateBodies = { optional: body(updateRequest('optional')), required: body(updateRequest('required')) };
export const stopBody = body(object({ optional: { async_stop: boolean } }));

/** In the manner of the service: it names the call and the field, and says whether the type or the value is wrong. */
export function recordingReason(call: string, { path, why }: Problem): string {
  const dot = path.lastIndexOf('.');
  const field = path.slice(dot + 1);
  const parent = dot < 0 ? 'body' : path.slice(0, dot);
  switch (why) {
    case 'value':
      return `${call}: invalid ${field} value!`;
    case 'unknown':
      return `${call}: unknown ${field} under ${parent}!`;
    default:
      return `${call}: ${field === '' ? 'body' : field} type mismatch or missing under ${parent}!`;
  }
}
