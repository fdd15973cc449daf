import type { Instant } from '../core/time.ts';
import { ok, PUSH_TEXTS, type Reply, worded } from './answers.ts';
import { billedPixels, Converter, channelOf, classOf } from './converter.ts';
import { changedBody, getBody, listBody } from './converter-answers.ts';
import { applyMask } from './field-mask.ts';
import { isObject, type Json } from './json.ts';
import { documentedForm, withFields } from './lenient.ts';
import type { Admitted } from './request.ts';
import { areaOf, type ConverterRoute, type CreateRoute, type ListRoute } from './routes.ts';
import type { Rule } from './schema.ts';
import { converterReason, converterRule, createBody, kindOf, reasonOf, updateBody } from './validate-converter.ts';
import type { World } from './world.ts';

const PAGE_SIZE = 500;

/** Media Push (reference C). */
export class Converters {
  readonly #world: World;
  readonly #byId = new Map<string, Converter>();
  /** By App ID; in the order of creation, and for `listLagMs` after their end. */
  readonly #listed = new Map<string, Set<Converter>>();
  readonly #names = new Map<string, Converter>();
  readonly #rules = new Map<string, { readonly create: Rule; readonly converter: Rule }>();

  constructor(world: World) {
    this.#world = world;
  }

  find(id: string): Converter | undefined {
    return this.#byId.get(id.toLowerCase());
  }

  /** Converters of a channel look at it anew when people come or go. */
  channelChanged(appId: string, channel: string): void {
    for (const converter of this.#listed.get(appId) ?? []) {
      if (!converter.isOver && channelOf(converter.config) === channel) converter.planIdle();
    }
  }

  create({ route, project, body: raw, requestId, now }: Admitted<CreateRoute>): Reply {
    const { switches, ledger, ids, faults } = this.#world;
    const area = areaOf(route.area, this.#world.nearestArea);
    if (area === undefined) return this.#invalid('region');
    const body = switches.lenient === 'on' ? documentedForm(raw) : raw;
    const wrong = this.#rule().create(body, '');
    if (wrong !== undefined) return this.#worded(400, reasonOf(wrong));
    const config = isObject(body) && isObject(body['converter']) ? body['converter'] : {};
    const name = typeof config['name'] === 'string' ? config['name'] : '';
    const { appId } = project;
    const nameKey = `${appId}/${name}`;
    if (name !== '' && this.#names.has(nameKey)) return this.#worded(409, PUSH_TEXTS.nameTaken);
    const size = classOf(config, { appId, name }, this.#world);
    if (!project.hasRoom('converter', area, size, switches)) return this.#worded(429, PUSH_TEXTS.quota);
    const id = ids.task();
    const channel = channelOf(config);
    project.occupy('converter', area, size, { at: now, ledger, switches });
    const entry = ledger.begin(
      { product: 'converter', id, appId, name, channel, address: String(config['rtmpUrl']), area, requestId },
      billedPixels(config, size),
      size,
      now,
    );
    const listed = this.#listed.get(appId) ?? new Set<Converter>();
    this.#listed.set(appId, listed);
    const converter: Converter = new Converter({
      entry,
      project,
      world: this.#world,
      config,
      ended: () => {
        this.#byId.delete(id);
        if (name !== '') this.#names.delete(nameKey);
        this.#world.agenda.plan((entry.endedAt ?? now) + this.#world.timings.listLagMs, () => listed.delete(converter));
      },
    });
    this.#byId.set(id, converter);
    listed.add(converter);
    if (name !== '') this.#names.set(nameKey, converter);
    faults.taskBegan(entry, now);
    return ok(changedBody(converter, now), { resourceId: id });
  }

  get({ route, project, now }: Admitted<ConverterRoute>): Reply {
    const converter = this.#reach(route, project.appId, now);
    if (converter === undefined) return this.#worded(404, PUSH_TEXTS.notFound);
    return ok(getBody(converter, now, this.#world.switches.getShape), { resourceId: converter.id });
  }

  delete({ route, project, now }: Admitted<ConverterRoute>): Reply {
    const converter = this.#reach(route, project.appId, now);
    if (converter === undefined) return this.#worded(404, PUSH_TEXTS.notFound);
    converter.end(now, { by: 'delete', reason: 'Delete Request' });
    return ok(undefined, { resourceId: converter.id });
  }

  update({ route, project, body: raw, requestId, now }: Admitted<ConverterRoute>): Reply {
    const { switches } = this.#world;
    const lenient = switches.lenient === 'on';
    const converter = this.#reach(route, project.appId, now);
    if (converter === undefined) return this.#worded(404, PUSH_TEXTS.notFound);
    if (!project.takeCall('updateOneConverter', now, switches, `/${converter.id}`))
      return this.#worded(429, PUSH_TEXTS.rate);
    const body = lenient ? withFields(documentedForm(raw)) : raw;
    const wrong = updateBody(body, '');
    if (wrong !== undefined || !isObject(body) || !isObject(body['converter']))
      return this.#worded(400, wrong === undefined ? converterReason('') : reasonOf(wrong));
    const sequence =
      route.sequence === undefined && lenient ? (converter.lastSequence ?? -1) + 1 : wholeNumber(route.sequence);
    if (sequence === undefined) return this.#invalid('sequence');
    converter.entry.sequences.push(sequence);
    const masked = applyMask(converter.config, body['converter'], String(body['fields']));
    if (!masked.ok) return this.#invalid(masked.path);
    const left = this.#rule().converter(masked.config, '');
    if (left !== undefined) return this.#worded(400, reasonOf(left));
    if (kindOf(masked.config) !== kindOf(converter.config)) return this.#invalid('transcodeOptions');
    if (converter.lastSequence !== undefined && sequence <= converter.lastSequence) {
      if (switches.lowSequence === 'refuse') return this.#invalid('sequence');
      return ok(changedBody(converter, now), { resourceId: converter.id });
    }
    if (!this.#resize(converter, masked.config, now)) return this.#worded(429, PUSH_TEXTS.quota);
    converter.lastSequence = sequence;
    const addressChanged = masked.config['rtmpUrl'] !== converter.config['rtmpUrl'];
    converter.config = masked.config;
    if (addressChanged) {
      converter.connect(now);
      converter.entry.addresses.push({ from: now, address: String(masked.config['rtmpUrl']) });
    }
    converter.changed(now, { fields: String(body['fields']), requestId });
    return ok(changedBody(converter, now), { resourceId: converter.id });
  }

  list({ route, project, now }: Admitted<ListRoute>): Reply {
    const { switches, timings } = this.#world;
    const after = route.cursor === undefined ? 0 : wholeNumber(route.cursor);
    if (after === undefined) return this.#invalid('cursor');
    const shown: Converter[] = [];
    for (const converter of this.#listed.get(project.appId) ?? []) {
      const { absence, entry } = converter;
      if (entry.createdAt + timings.listLagMs > now) continue;
      if (route.channel !== undefined && channelOf(converter.config) !== route.channel) continue;
      if (converter.isAbsent(now) && !(absence?.listed ?? switches.listDuringMigration === 'shown')) continue;
      shown.push(converter);
    }
    // The cursor is the place in the order of creation, so that deletions between two pages skip nothing.
    const rest = shown.filter((converter) => converter.entry.ordinal > after);
    const rows = rest.slice(0, PAGE_SIZE);
    const cursor = rest.length > PAGE_SIZE ? (rows.at(-1)?.entry.ordinal ?? 0) : 0;
    return ok(listBody({ rows, total: shown.length, cursor }, now, switches));
  }

  /** Moves the converter to the class of its new canvas; false where that class has no room. */
  #resize(converter: Converter, config: Json, now: Instant): boolean {
    const { project, entry } = converter;
    const { appId, name, area } = entry.identity;
    const { switches, ledger } = this.#world;
    const next = classOf(config, { appId, name }, this.#world);
    const pixels = billedPixels(config, next);
    if (next !== entry.class) {
      project.vacate('converter', area, entry.class);
      if (!project.hasRoom('converter', area, next, switches)) {
        project.usage.add('converter', area, entry.class, 1);
        return false;
      }
      project.occupy('converter', area, next, { at: now, ledger, switches });
    }
    if (pixels !== entry.sizes.at(-1)?.pixels) ledger.resize(entry, pixels, now, next);
    return true;
  }

  /** A converter answers only under the App ID and region it was created with. */
  #reach(
    route: { readonly converterId: string; readonly area: string | undefined },
    appId: string,
    now: Instant,
  ): Converter | undefined {
    const converter = this.find(route.converterId);
    if (converter === undefined || converter.isOver || converter.isAbsent(now)) return undefined;
    const { identity } = converter.entry;
    const areaFits = route.area === undefined || route.area === identity.area;
    return identity.appId === appId && areaFits ? converter : undefined;
  }

  /** Rules depend on switches, and are made once for each of their settings. */
  #rule(): { readonly create: Rule; readonly converter: Rule } {
    const { switches } = this.#world;
    const key = `${switches.converterUser}/${switches.idleTimeoutRange}/${switches.emptyTranscode}`;
    const made = this.#rules.get(key) ?? { create: createBody(switches), converter: converterRule(switches) };
    this.#rules.set(key, made);
    return made;
  }

  #invalid(field: string): Reply {
    return this.#worded(400, converterReason(field));
  }

  #worded(status: number, text: string): Reply {
    return worded(status, text, this.#world.switches.errorKey);
  }
}

function wholeNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^[0-9]{1,16}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
