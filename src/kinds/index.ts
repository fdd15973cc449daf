import type { KindName, StatusBase } from '../core/resource.ts';
import { converterKind } from './converter/kind.ts';
import type { ActionBase, ResourceKind } from './kind.ts';
import { projectKind } from './project/kind.ts';
import { recordingKind } from './recording/kind.ts';

/** A kind as the engine sees it: it carries status, observation and action around without looking into them. */
export type AnyKind = ResourceKind<unknown, StatusBase, unknown, ActionBase>;

const erase = (kind: unknown): AnyKind => kind as AnyKind;

export const KINDS: Readonly<Record<KindName, AnyKind>> = {
  AgoraProject: erase(projectKind),
  WebPageRecording: erase(recordingKind),
  RtmpConverter: erase(converterKind),
};
