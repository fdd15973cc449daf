import { canonical } from '../core/hash.ts';
import { coded, ok, type Reply } from './answers.ts';
import { isObject, type Json } from './json.ts';
import { documentedForm } from './lenient.ts';
import { Recording, type Resource } from './recording.ts';
import { identityReply, queryReply, stopReply } from './recording-answers.ts';
import type { Admitted } from './request.ts';
import type { AcquireRoute, RecordingRoute, StartRoute } from './routes.ts';
import type { Rule } from './schema.ts';
import type { Area } from './sizes.ts';
import { addressIn, HOUR_MS, settingsOf, sizeOf } from './start-request.ts';
import { storageFitsArea } from './storage.ts';
import { RESOURCE_TTL_MS } from './timings.ts';
import { acquireBody, CHANNEL_NAME, recordingReason, startBody, stopBody, updateBodies } from './validate-recording.ts';
import type { World } from './world.ts';

const NOT_FOUND = coded(404, 404, 'failed to find worker');
const OVER_LOAD = coded(400, 406, 'vendor_over_load');
const DEFAULT_EXPIRED_HOURS = 72;

interface Placed extends Resource {
  readonly area: Area;
  /** A hard region: the storage has to be there too. */
  readonly fenced: boolean;
}

/** Cloud Recording in web page mode (reference B). */
export class Recordings {
  readonly #world: World;
  readonly #resources = new Map<string, Placed>();
  readonly #bySid = new Map<string, Recording>();
  /** By App ID, cname and uid: two at one time are code 53. */
  readonly #running = new Map<string, Recording>();

  constructor(world: World) {
    this.#world = world;
  }

  find(sid: string): Recording | undefined {
    return this.#bySid.get(sid);
  }

  /** The cname of a resource, for faults that name it. */
  cnameOf(resourceId: string): string | undefined {
    return this.#resources.get(resourceId)?.cname;
  }

  acquire({ project, body, now }: Admitted<AcquireRoute>): Reply {
    const read = this.#read('Acquire', acquireBody, body);
    if ('status' in read) return read;
    const { cname, uid, request } = read;
    const { startParameter } = request;
    const { area, fenced } = this.#place(request);
    if (!project.hasRoom('recording', area, sizeOf(startParameter)?.class ?? 'SD', this.#world.switches))
      return OVER_LOAD;
    const id = this.#world.ids.resource();
    this.#resources.set(id, {
      id,
      appId: project.appId,
      cname,
      uid,
      expiresAt: now + RESOURCE_TTL_MS,
      callableMs: Number(request['resourceExpiredHour'] ?? DEFAULT_EXPIRED_HOURS) * HOUR_MS,
      startParameter: startParameter === undefined ? undefined : canonical(startParameter),
      sid: undefined,
      area,
      fenced,
    });
    return ok(this.#world.switches.acquireAnswer === 'full' ? { cname, uid, resourceId: id } : { resourceId: id });
  }

  start({ route, project, body, requestId, now }: Admitted<StartRoute>): Reply {
    const { switches, ledger } = this.#world;
    const read = this.#read('start', startBody, body);
    if ('status' in read) return read;
    const { cname, uid, request } = read;
    const resource = this.#resources.get(route.resourceId);
    if (resource === undefined) return coded(400, 1001, 'failed to parse resourceId');
    if (resource.appId !== project.appId || resource.cname !== cname || resource.uid !== uid) return mismatch();
    if (resource.sid !== undefined) {
      const known =
        switches.startAgain === 'with-sid' ? { cname, uid, resourceId: resource.id, sid: resource.sid } : {};
      return { status: 201, body: { code: 7, reason: 'already started', ...known } };
    }
    if (now >= resource.expiresAt) return coded(400, 433, 'resourceId expired');
    if (resource.startParameter !== undefined && resource.startParameter !== canonical(request))
      return coded(400, 2, 'start: clientRequest differs from startParameter!');
    if (resource.fenced && !storageFitsArea(request['storageConfig'], resource.area))
      return coded(400, 2, 'start: invalid region value!');
    const twin = identity(project.appId, cname, uid);
    if (this.#running.has(twin)) return coded(400, 53, 'task conflict');
    const size = sizeOf(request);
    const settings = settingsOf(request);
    if (size === undefined || settings === undefined) return coded(400, 2, 'start: invalid extensionServices value!');
    if (!project.hasRoom('recording', resource.area, size.class, switches)) {
      return switches.overLimitAtStart === 'no-worker' ? coded(500, 502, 'Failed to allocate worker') : OVER_LOAD;
    }
    const sid = this.#world.ids.task();
    resource.sid = sid;
    project.occupy('recording', resource.area, size.class, { at: now, ledger, switches });
    const entry = ledger.begin(
      {
        product: 'recording',
        id: sid,
        appId: project.appId,
        name: cname,
        uid,
        resourceId: resource.id,
        area: resource.area,
        requestId,
      },
      size.pixels,
      size.class,
      now,
    );
    const recording = new Recording({
      entry,
      resource,
      settings,
      world: this.#world,
      project,
      ended: () => this.#running.delete(twin),
    });
    this.#bySid.set(sid, recording);
    this.#running.set(twin, recording);
    if (settings.publishUrl !== undefined) recording.setPublish(settings.publishUrl, now);
    this.#world.faults.taskBegan(entry, now);
    return ok({ cname, uid, resourceId: resource.id, sid });
  }

  query({ route, project, now }: Admitted<RecordingRoute>): Reply {
    const found = this.#reach(route, project.appId, now);
    if ('refusal' in found) return found.refusal;
    const status = found.recording.status(now);
    if (status === undefined) return NOT_FOUND;
    if ((status === 6 || status === 7 || status === 8) && this.#world.switches.queryWhileExiting === 'code-501')
      return coded(400, 501, 'service is exiting');
    return queryReply(found.recording, status, now, this.#world.switches);
  }

  update({ route, project, body, now }: Admitted<RecordingRoute>): Reply {
    const read = this.#read('update', updateBodies[this.#world.switches.storageInUpdate], body);
    if ('status' in read) return read;
    const found = this.#reach(route, project.appId, now);
    if ('refusal' in found) return found.refusal;
    const { recording } = found;
    if (recording.resource.cname !== read.cname || recording.resource.uid !== read.uid) return mismatch();
    if (recording.isLeaving) return coded(400, 49, 'invalid operation');
    const { webRecordingConfig, rtmpPublishConfig } = read.request;
    const address = addressIn(rtmpPublishConfig);
    if (address !== undefined && recording.publish === undefined)
      return coded(400, 2, 'update: invalid rtmpPublishConfig value!');
    // An empty webRecordingConfig resumes: the default of onhold is false.
    if (isObject(webRecordingConfig)) recording.setOnhold(webRecordingConfig['onhold'] === true, now);
    if (address !== undefined) recording.setPublish(address, now);
    return ok(identityReply(recording));
  }

  stop({ route, project, body, now }: Admitted<RecordingRoute>): Reply {
    const read = this.#read('stop', stopBody, body);
    if ('status' in read) return read;
    const found = this.#reach(route, project.appId, now);
    if ('refusal' in found) return found.refusal;
    const { recording } = found;
    if (recording.resource.cname !== read.cname || recording.resource.uid !== read.uid) return mismatch();
    if (recording.isLeaving) return coded(400, 49, 'invalid operation');
    const hasData = recording.firstSliceAt !== undefined;
    const { uploadedMs } = recording.stop(now, 'stop');
    if (!hasData && this.#world.switches.stopWithoutData === 'code-435') return coded(206, 435, 'no recorded data');
    const waits = read.request['async_stop'] !== true;
    return {
      ...stopReply(recording, { uploaded: waits, switches: this.#world.switches }),
      ...(waits ? { afterMs: uploadedMs } : {}),
    };
  }

  /** The recording of a path, or why it cannot be reached. */
  #reach(
    handle: { readonly resourceId: string; readonly sid: string },
    appId: string,
    now: number,
  ): { readonly recording: Recording } | { readonly refusal: Reply } {
    const recording = this.#bySid.get(handle.sid);
    if (recording === undefined) return { refusal: NOT_FOUND };
    if (recording.resource.id !== handle.resourceId || recording.resource.appId !== appId) {
      return { refusal: coded(400, 1003, 'App ID or sid does not match resourceId') };
    }
    if (recording.callsRefused(now)) {
      return {
        refusal:
          this.#world.switches.expiredResource === 'code-433' ? coded(400, 433, 'resourceId expired') : NOT_FOUND,
      };
    }
    return recording.status(now) === undefined ? { refusal: NOT_FOUND } : { recording };
  }

  #read(
    call: string,
    rule: Rule,
    raw: unknown,
  ): { readonly cname: string; readonly uid: string; readonly request: Json } | Reply {
    const body = this.#world.switches.lenient === 'on' ? documentedForm(raw) : raw;
    const found = rule(body, '');
    if (found !== undefined) return coded(400, 2, recordingReason(call, found));
    if (!isObject(body) || !isObject(body['clientRequest']))
      return coded(400, 2, recordingReason(call, { path: '', why: 'type', expected: 'an object' }));
    const cname = String(body['cname']);
    if (!CHANNEL_NAME.test(cname)) return coded(400, 401, 'invalid_channel_name');
    return { cname, uid: String(body['uid']), request: body['clientRequest'] };
  }

  #place(request: Json): Pick<Placed, 'area' | 'fenced'> {
    const hard = { CN: 'cn', AP: 'ap', EU: 'eu', NA: 'na' } as const;
    const { region } = request;
    if (region === 'CN' || region === 'AP' || region === 'EU' || region === 'NA')
      return { area: hard[region], fenced: true };
    const soft: readonly (Area | undefined)[] = [undefined, 'cn', 'ap', 'eu', 'na'];
    return { area: soft[Number(request['regionAffinity'] ?? 0)] ?? this.#world.nearestArea, fenced: false };
  }
}

const mismatch = (): Reply => coded(400, 432, 'parameter does not match the resourceId');
const identity = (appId: string, cname: string, uid: string): string => `${appId}\u0000${cname}\u0000${uid}`;
