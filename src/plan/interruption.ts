import type { Resource } from '../core/resource.ts';
import type { ConverterSpec } from '../kinds/converter/types.ts';
import type { RecordingSpec } from '../kinds/recording/types.ts';
import type { PlanAction } from './planned.ts';

/** What an action means for whoever watches the stream or wants the files; undefined where it interrupts nothing. */
export function interruptionOf(
  action: PlanAction,
  resource: Resource,
  { live, overlap }: { readonly live: boolean; readonly overlap: boolean },
): string | undefined {
  if (!live) return undefined;
  const recording = resource.kind === 'WebPageRecording';
  switch (action) {
    case 'recreate':
      if (recording)
        return 'the recording stops and its files end; another one begins in new files under a new sid once the stop was answered; what happens between is not recorded';
      if (overlap)
        return 'none is meant: the new converter runs beside the old one before that is deleted; both push for a moment';
      return 'the stream to the CDN breaks off until the new converter is connected';
    case 'stop':
    case 'remove':
      if ((resource.spec as RecordingSpec | ConverterSpec).deletionPolicy === 'Orphan' && action === 'remove')
        return 'none: the task goes on running unwatched, as deletionPolicy Orphan asks';
      return recording ? 'the recording ends and its files are closed' : 'the stream to the CDN ends';
    case 'update':
      return 'none: the task goes on while it is changed';
    case 'nothing':
    case 'accept':
    case 'create':
      return undefined;
  }
}
