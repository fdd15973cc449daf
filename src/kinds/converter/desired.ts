import type { Verdict } from '../../core/conditions.ts';
import { keyedHash } from '../../core/hash.ts';
import { Secret } from '../../core/secret.ts';
import { classify, limitsExceeded } from '../../limits/resolution.ts';
import type { ResolutionClass, Slot } from '../../limits/slot.ts';
import type { Context } from '../context.ts';
import type { Endpoint } from '../endpoint.ts';
import { stalled, waiting } from '../gate.ts';
import { missingSecret, reveal } from '../reference.ts';
import { addressFault, endpointOf, withParameter } from './address.ts';
import { ADDRESS, converterIn, hashesOf, hashOf, wishedValues } from './applied.ts';
import { baseNameOf } from './name.ts';
import { createBody } from './request.ts';
import type { ConverterResource } from './resource.ts';
import type { ConverterSpec } from './types.ts';

/** What the declaration, its Secrets and its project come to. */
export interface Desired {
  readonly slot: Slot;
  readonly baseName: string;
  /** Where it pushes to, as far as it may be told. */
  readonly endpoint: Endpoint;
  /** Hash of the address, a priority left out: two tasks with the same one push to the same place. */
  readonly place: string;
  /** What a task made from it has: path → keyed hash. */
  readonly applied: Readonly<Record<string, string>>;
  /** Of all that a refusal by Agora may be due to: another hash is tried again. */
  readonly inputs: string;
}

export type Wished =
  | { readonly ok: true; readonly desired: Desired }
  | { readonly ok: false; readonly verdict: Verdict };

/** Resolves the declaration, or says what keeps it from being one that could be sent. */
export function desiredOf(resource: ConverterResource, context: Context): Wished {
  const { spec, metadata } = resource;
  const { project } = context;
  if (project === undefined)
    return not(waiting('DependencyNotReady', `AgoraProject ${spec.projectRef.name} does not exist`));
  const base = declaredAddress(resource, context);
  if (base === undefined) return not(waiting('DependencyNotReady', missingAddress(resource)));
  const url = prioritised(base, resource);
  const fault = addressFault(reveal(base)) ?? addressFault(reveal(url));
  if (fault !== undefined) return not(stalled('InvalidSpec', `${addressField(spec)} ${fault}`));
  const size = spec.transcodeOptions?.videoOptions;
  const frame =
    size === undefined
      ? undefined
      : { ...size.canvas, ...(size.frameRate === undefined ? {} : { fps: size.frameRate }) };
  if (frame !== undefined && limitsExceeded(frame).length > 0)
    return not(
      stalled('InvalidSpec', 'spec.transcodeOptions.videoOptions is beyond 1920 × 1080 at 30 frames a second'),
    );

  const { compatibility } = project.spec;
  const baseName = baseNameOf(resource);
  const converter = converterIn(createBody(spec, { name: baseName, rtmpUrl: url }, compatibility));
  const place = hashOf(metadata.uid, 'rtmpUrl', reveal(base));
  const applied = {
    ...hashesOf(metadata.uid, wishedValues(spec, converter, { name: baseName, compatibility })),
    ...(url === base ? {} : { [ADDRESS]: place }),
  };
  return {
    ok: true,
    desired: {
      slot: { appId: project.appId, service: 'converter', region: spec.region, class: classOf(spec) },
      baseName,
      endpoint: endpointOf(reveal(url)),
      place,
      applied,
      inputs: keyedHash(metadata.uid, [metadata.generation, applied, project.spec]),
    },
  };
}

/** MP-3: the class of the canvas; audio only counts as SD, raw as declared (design §6). */
export function classOf(spec: ConverterSpec): ResolutionClass {
  if (spec.rawOptions !== undefined) return spec.capacityClass ?? 'FHD';
  const canvas = spec.transcodeOptions?.videoOptions?.canvas;
  return canvas === undefined ? 'SD' : classify(canvas.width, canvas.height);
}

/** The CDN's address as it is sent: declared, or the value of the Secret that is named, with the member's priority. */
export function addressOf(resource: ConverterResource, context: Pick<Context, 'secret'>): Secret | string | undefined {
  const base = declaredAddress(resource, context);
  return base === undefined ? undefined : prioritised(base, resource);
}

function prioritised(address: Secret | string, { member }: ConverterResource): Secret | string {
  if (member?.priority === undefined) return address;
  const url = withParameter(reveal(address), member.priority.parameter, String(member.priority.value));
  return typeof address === 'string' ? url : new Secret(url);
}

function declaredAddress(resource: ConverterResource, context: Pick<Context, 'secret'>): Secret | string | undefined {
  const { rtmpUrl, rtmpUrlFrom } = resource.spec;
  if (rtmpUrl !== undefined || rtmpUrlFrom === undefined) return rtmpUrl;
  return context.secret(rtmpUrlFrom.secretKeyRef.name, rtmpUrlFrom.secretKeyRef.key);
}

function missingAddress({ spec, metadata }: ConverterResource): string {
  const reference = spec.rtmpUrlFrom?.secretKeyRef;
  if (reference === undefined) return 'spec.rtmpUrl or spec.rtmpUrlFrom is needed';
  return missingSecret(metadata.namespace, reference.name, reference.key);
}

function addressField(spec: ConverterSpec): string {
  const reference = spec.rtmpUrlFrom?.secretKeyRef;
  return reference === undefined
    ? 'spec.rtmpUrl'
    : `spec.rtmpUrlFrom (key ${reference.key} of Secret ${reference.name})`;
}

const not = (verdict: Verdict): Wished => ({ ok: false, verdict });
