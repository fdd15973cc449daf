import type { HttpAnswer } from '../../src/core/http.ts';
import { type Cloud, type CloudOptions, createCloud } from '../../src/simulator/cloud.ts';
import { basic } from '../../src/simulator/projects.ts';
import { ManualClock } from './manual-clock.ts';

export const APP = '0123456789abcdef0123456789abcdef';
export const OTHER_APP = 'fedcba9876543210fedcba9876543210';
const AUTHORIZATION = basic('id', 'secret');

export type Body = Readonly<Record<string, unknown>>;

export interface Said {
  readonly status: number;
  // What a test reads of an answer is what it asserts.
  readonly body: ReturnType<typeof JSON.parse>;
  readonly headers: Readonly<Record<string, string>>;
}

export interface CallOptions {
  readonly appId?: string;
  readonly authorization?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly host?: string;
  readonly signal?: AbortSignal;
}

/** A cloud on a manual clock, without latency unless asked for, and the calls of both products against it. */
export function rig(options: Partial<CloudOptions> = {}) {
  const clock = new ManualClock();
  const cloud: Cloud = createCloud({
    clock,
    seed: 'test',
    projects: [
      { appId: APP, customerId: 'id', customerSecret: 'secret' },
      { appId: OTHER_APP, customerId: 'other', customerSecret: 'secret' },
    ],
    ...options,
    timings: { latencyMs: [0, 0], ...options.timings },
  });
  const send = (method: string, path: string, body?: unknown, call: CallOptions = {}): Promise<HttpAnswer> => {
    const authorization = call.authorization === undefined ? AUTHORIZATION : call.authorization;
    return cloud.transport(
      {
        method: method as 'GET',
        url: `https://${call.host ?? 'api.agora.io'}${path}`,
        headers: {
          ...(authorization === null ? {} : { Authorization: authorization }),
          'Content-Type': 'application/json',
          ...call.headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      },
      call.signal ?? new AbortController().signal,
    );
  };
  const request = async (method: string, path: string, body?: unknown, call?: CallOptions): Promise<Said> => {
    const answer = await clock.run(send(method, path, body, call));
    return {
      status: answer.status,
      headers: answer.headers,
      body: answer.body === '' ? undefined : JSON.parse(answer.body),
    };
  };
  const recordingPath = (call: CallOptions = {}): string => `/v1/apps/${call.appId ?? APP}/cloud_recording`;
  const projectPath = (call: CallOptions = {}): string => `/v1/projects/${call.appId ?? APP}`;
  const acquire = (more: { cname?: string; uid?: string; clientRequest?: Body } = {}, call?: CallOptions) =>
    request('POST', `${recordingPath(call)}/acquire`, acquireBody(more), call);
  const start = (resourceId: string, more: Parameters<typeof startBody>[0] = {}, call?: CallOptions) =>
    request('POST', `${recordingPath(call)}/resourceid/${resourceId}/mode/web/start`, startBody(more), call);
  const about = (handle: Handle): string => `/resourceid/${handle.resourceId}/sid/${handle.sid}/mode/web`;
  return {
    clock,
    cloud,
    send,
    request,
    acquire,
    start,
    /** Acquire and start, both answered 200. */
    async record(more: Parameters<typeof startBody>[0] & { acquire?: Body } = {}): Promise<Handle> {
      const { acquire: clientRequest, ...rest } = more;
      const acquired = await acquire({ ...rest, clientRequest: { scene: 1, ...clientRequest } });
      const started = await start(acquired.body.resourceId, rest);
      if (started.status !== 200) throw new Error(`start said ${started.status} ${JSON.stringify(started.body)}`);
      return {
        resourceId: acquired.body.resourceId,
        sid: started.body.sid,
        cname: rest.cname ?? 'show',
        uid: rest.uid ?? '1',
      };
    },
    query: (handle: Handle, call?: CallOptions) =>
      request('GET', `${recordingPath(call)}${about(handle)}/query`, undefined, call),
    update: (handle: Handle, clientRequest: Body, call?: CallOptions) =>
      request(
        'POST',
        `${recordingPath(call)}${about(handle)}/update`,
        { cname: handle.cname, uid: handle.uid, clientRequest },
        call,
      ),
    stop: (handle: Handle, clientRequest: Body = {}, call?: CallOptions) =>
      request(
        'POST',
        `${recordingPath(call)}${about(handle)}/stop`,
        { cname: handle.cname, uid: handle.uid, clientRequest },
        call,
      ),
    create: (converter: Body = {}, call: CallOptions & { region?: string } = {}) =>
      request(
        'POST',
        `/${call.region ?? 'cn'}${projectPath(call)}/rtmp-converters`,
        { converter: transcoded(converter) },
        call,
      ),
    get: (id: string, call: CallOptions & { region?: string } = {}) =>
      request('GET', `/${call.region ?? 'cn'}${projectPath(call)}/rtmp-converters/${id}`, undefined, call),
    remove: (id: string, call: CallOptions = {}) =>
      request('DELETE', `/cn${projectPath(call)}/rtmp-converters/${id}`, undefined, call),
    patch: (id: string, sequence: number | string, converter: Body, fields = Object.keys(converter).join(',')) =>
      request('PATCH', `/cn${projectPath()}/rtmp-converters/${id}?sequence=${sequence}`, { converter, fields }),
    list: (cursor?: string | number, call: CallOptions = {}) =>
      request(
        'GET',
        `${projectPath(call)}/rtmp-converters${cursor === undefined ? '' : `?cursor=${cursor}`}`,
        undefined,
        call,
      ),
  };
}

export type Rig = ReturnType<typeof rig>;

export interface Handle {
  readonly resourceId: string;
  readonly sid: string;
  readonly cname: string;
  readonly uid: string;
}

export const acquireBody = ({
  cname = 'show',
  uid = '1',
  clientRequest = { scene: 1 },
}: {
  cname?: string;
  uid?: string;
  clientRequest?: Body;
} = {}): Body => ({ cname, uid, clientRequest });

export const STORAGE = { vendor: 1, region: 7, bucket: 'talks', accessKey: 'key', secretKey: 'secret' };

export interface StartOptions {
  readonly cname?: string;
  readonly uid?: string;
  /** Members of the page recorder. */
  readonly web?: Body;
  readonly publishTo?: string;
  readonly storage?: Body;
  readonly clientRequest?: Body;
}

export const startRequest = ({ web = {}, publishTo, storage = {}, clientRequest = {} }: StartOptions = {}): Body => ({
  recordingFileConfig: { avFileType: ['hls'] },
  storageConfig: { ...STORAGE, ...storage },
  extensionServiceConfig: {
    extensionServices: [
      {
        serviceName: 'web_recorder_service',
        serviceParam: {
          url: 'https://stage.example.com/',
          audioProfile: 1,
          videoWidth: 1280,
          videoHeight: 720,
          maxRecordingHour: 2,
          ...web,
        },
      },
      ...(publishTo === undefined
        ? []
        : [{ serviceName: 'rtmp_publish_service', serviceParam: { outputs: [{ rtmpUrl: publishTo }] } }]),
    ],
  },
  ...clientRequest,
});

export const startBody = ({ cname = 'show', uid = '1', ...more }: StartOptions = {}): Body => ({
  cname,
  uid,
  clientRequest: startRequest(more),
});

/** Video of 640x360 and audio, unless `more` says otherwise; raw where it has rawOptions. */
export const transcoded = (more: Body = {}): Body => ({
  rtmpUrl: 'rtmp://cdn.example.com/live/key',
  ...('rawOptions' in more
    ? {}
    : { transcodeOptions: { rtcChannel: 'room', audioOptions: {}, videoOptions: video(640, 360) } }),
  ...more,
});

export const video = (width: number, height: number, more: Body = {}): Body => ({
  canvas: { width, height },
  layout: [],
  bitrate: 800,
  ...more,
});

export const sized = (width: number, height: number, rtcChannel = 'room'): Body => ({
  transcodeOptions: { rtcChannel, audioOptions: {}, videoOptions: video(width, height) },
});
