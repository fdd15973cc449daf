import type { Instant } from '../core/time.ts';
import { isObject, type Json } from './json.ts';
import type { EndCause, Entry } from './ledger.ts';
import type { Project } from './projects.ts';
import { type SizeClass, sizeClassOf } from './sizes.ts';
import type { Absence, World } from './world.ts';

export const DEFAULT_IDLE_SECONDS = 300;

/** The channel that a converter's body names. */
export const channelOf = (config: Json): string => String(optionsOf(config)['rtcChannel']);

export function optionsOf(config: Json): Json {
  const { transcodeOptions, rawOptions } = config;
  return isObject(transcodeOptions) ? transcodeOptions : isObject(rawOptions) ? rawOptions : {};
}

/** What comes out; without a picture nothing does. */
export function pixelsOf(config: Json): number {
  const video = optionsOf(config)['videoOptions'];
  const canvas = isObject(video) ? video['canvas'] : undefined;
  return isObject(canvas) ? Number(canvas['width']) * Number(canvas['height']) : 0;
}

/**
 * One converter from create to end: `connecting` → `running`, or `failed` where the CDN refuses; a new address
 * connects anew. It lives, failed or not, until it is deleted, idle for its idleTimeout, or lost.
 */
export class Converter {
  readonly entry: Entry;
  readonly project: Project;
  readonly #world: World;
  readonly #ended: () => void;
  config: Json;
  updateTs: number;
  lastSequence: number | undefined;
  absence: Absence | undefined;
  #connectedAt: Instant;
  #failed = false;
  #over = false;
  #idlePlans = 0;

  constructor(parts: {
    readonly entry: Entry;
    readonly project: Project;
    readonly world: World;
    readonly config: Json;
    /** Called once, when it no longer exists. */
    readonly ended: () => void;
  }) {
    this.entry = parts.entry;
    this.project = parts.project;
    this.#world = parts.world;
    this.#ended = parts.ended;
    this.config = parts.config;
    const at = parts.entry.createdAt;
    this.updateTs = Math.floor(at / 1_000);
    this.#connectedAt = at;
    const { name, requestId } = this.entry.identity;
    this.entry.record(
      at,
      1,
      { name, state: 'connecting' },
      {
        converter: {
          id: this.id,
          ...this.config,
          idleTimeout: this.idleSeconds,
          ...this.#times(),
          state: 'connecting',
        },
        xRequestId: requestId,
      },
    );
    this.connect(at);
    this.planIdle();
  }

  get id(): string {
    return this.entry.identity.id;
  }

  get createTs(): number {
    return Math.floor(this.entry.createdAt / 1_000);
  }

  get isOver(): boolean {
    return this.#over;
  }

  get idleSeconds(): number {
    return Number(this.config['idleTimeout'] ?? this.config['idleTimeOut'] ?? DEFAULT_IDLE_SECONDS);
  }

  state(now: Instant): 'connecting' | 'running' | 'failed' {
    if (this.#failed) return 'failed';
    return now < this.#connectedAt ? 'connecting' : 'running';
  }

  isAbsent(now: Instant): boolean {
    return this.absence !== undefined && now < this.absence.until;
  }

  /** Connects to the address that it has now. */
  connect(at: Instant): void {
    const connectedAt = at + this.#world.timings.connectMs;
    this.#connectedAt = connectedAt;
    this.#failed = false;
    const refused = this.#world.cdn(String(this.config['rtmpUrl'])) === 'refuses';
    this.#world.agenda.plan(connectedAt, (when) => {
      if (this.#over || this.#connectedAt !== connectedAt || this.#failed) return;
      if (refused) this.fail(when);
      else this.#stateChanged(when);
    });
  }

  /** An update: what it changed stands in its notification beside the ids. */
  changed(at: Instant, { fields, requestId }: { readonly fields: string; readonly requestId: string }): void {
    this.updateTs = Math.floor(at / 1_000);
    const state = this.state(at);
    const converter = { id: this.id, ...this.#times(), state, ...changedPart(this.config, fields) };
    this.entry.record(at, 2, { fields, state }, { converter, xRequestId: requestId, fields });
  }

  #stateChanged(at: Instant): void {
    const state = this.state(at);
    const converter = { id: this.id, ...this.#times(), state };
    this.entry.record(at, 3, { state }, { converter, fields: 'id,createTs,updateTs,state' });
  }

  #times(): { readonly createTs: number; readonly updateTs: number } {
    return { createTs: this.createTs, updateTs: this.updateTs };
  }

  /** Into state `failed`, where it stays until its address changes. False where it is there already. */
  fail(at: Instant): boolean {
    if (this.#over || this.#failed) return false;
    this.#failed = true;
    this.#stateChanged(at);
    return true;
  }

  /** Plans its end by idleness, from what is known of its channel now. */
  planIdle(): void {
    const { appId } = this.entry.identity;
    const due = this.#world.channels.idleAt(
      appId,
      channelOf(this.config),
      this.entry.createdAt,
      this.idleSeconds * 1_000,
    );
    const plan = ++this.#idlePlans;
    if (due === undefined) return;
    this.#world.agenda.plan(due, (at) => {
      if (plan === this.#idlePlans) this.end(at, { by: 'idle', reason: 'Idle Timeout' });
    });
  }

  end(at: Instant, cause: { readonly by: EndCause; readonly reason: string }): boolean {
    if (this.#over) return false;
    this.#over = true;
    const { entry } = this;
    this.project.vacate('converter', entry.identity.area, entry.class);
    this.#world.ledger.end(entry, at, cause.by);
    const { name } = entry.identity;
    const { reason: destroyReason } = cause;
    entry.record(
      at,
      4,
      { name, destroyReason },
      { converter: { id: this.id, name, ...this.#times() }, destroyReason, fields: 'id,name,createTs,updateTs' },
    );
    this.#ended();
    return true;
  }
}

/** Top members that the mask names; the channel is told along with any part of transcodeOptions. */
function changedPart(config: Json, fields: string): Json {
  const names = new Set(fields.split(',').map((path) => path.trim().split('.')[0] ?? ''));
  return Object.fromEntries(Object.entries(config).filter(([name]) => names.has(name)));
}

export function classOf(
  config: Json,
  identity: { readonly appId: string; readonly name: string },
  world: World,
): SizeClass {
  const { rawOptions } = config;
  if (!isObject(rawOptions)) return sizeClassOf(pixelsOf(config));
  return world.rawClass({ ...identity, rtcStreamUid: Number(rawOptions['rtcStreamUid']) });
}

/** Raw streams are billed as what they are; their size is only known by class. */
export function billedPixels(config: Json, size: SizeClass): number {
  return isObject(config['rawOptions']) ? (size === 'FHD' ? 1920 * 1080 : 1280 * 720) : pixelsOf(config);
}
