import type { Verdict } from '../../core/conditions.ts';
import { keyedHash } from '../../core/hash.ts';
import type { Resource } from '../../core/resource.ts';
import type { Secret } from '../../core/secret.ts';
import { classify, limitsExceeded } from '../../limits/resolution.ts';
import type { ResolutionClass, Slot } from '../../limits/slot.ts';
import type { Context } from '../context.ts';
import { stalled, waiting } from '../gate.ts';
import { missingSecret, reveal } from '../reference.ts';
import { addressFault, hostOf } from './address.ts';
import { converterIn, hashesOf, wishedValues } from './applied.ts';
import { baseNameOf } from './name.ts';
import { createBody } from './request.ts';
import type { ConverterSpec, ConverterStatus } from './types.ts';

type Resourced = Resource<ConverterSpec, ConverterStatus>;

/** What the declaration, its Secrets and its project come to. */
export interface Desired {
  readonly slot: Slot;
  readonly baseName: string;
  readonly host: string;
  /** What a task made from it has: path → keyed hash. */
  readonly applied: Readonly<Record<string, string>>;
  /** Of all that a refusal by Agora may be due to: another hash is tried again. */
  readonly inputs: string;
}

export type Wished =
  | { readonly ok: true; readonly desired: Desired }
  | { readonly ok: false; readonly verdict: Verdict };

/** Resolves the declaration, or says what keeps it from being one that could be sent. */
export function desiredOf(resource: Resourced, context: Context): Wished {
  const { spec, metadata } = resource;
  const { project } = context;
  if (spec.redundancy !== undefined)
    return not(stalled('NotYetSupported', 'spec.redundancy is not supported yet; remove it to go on'));
  if (project === undefined)
    return not(waiting('DependencyNotReady', `AgoraProject ${spec.projectRef.name} does not exist`));
  const url = addressOf(resource, context);
  if (url === undefined) return not(waiting('DependencyNotReady', missingAddress(resource)));
  const fault = addressFault(reveal(url)) ?? undefined;
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
  const applied = hashesOf(metadata.uid, wishedValues(spec, converter, { name: baseName, compatibility }));
  return {
    ok: true,
    desired: {
      slot: { appId: project.appId, service: 'converter', region: spec.region, class: classOf(spec) },
      baseName,
      host: hostOf(reveal(url)),
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

/** The CDN's address: declared, or the value of the Secret that is named. */
export function addressOf(resource: Resourced, context: Pick<Context, 'secret'>): Secret | string | undefined {
  const { rtmpUrl, rtmpUrlFrom } = resource.spec;
  if (rtmpUrl !== undefined || rtmpUrlFrom === undefined) return rtmpUrl;
  return context.secret(rtmpUrlFrom.secretKeyRef.name, rtmpUrlFrom.secretKeyRef.key);
}

function missingAddress({ spec, metadata }: Resourced): string {
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
