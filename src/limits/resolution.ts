import type { ResolutionClass } from './slot.ts';

/** Upper bounds in pixels; a class begins above the one before it (reference E.1, where "<=" is read as by area). */
const SD_PIXELS = 640 * 360;
const HD_PIXELS = 1280 * 720;
const FHD_PIXELS = 1920 * 1080;

const LONGEST_SIDE = 1920;
const HIGHEST_FPS = 30;

/**
 * The class of a frame by its pixel count, so that a portrait or odd-shaped frame has one too. A frame above 1920 × 1080
 * is refused by validation (`limitsExceeded`); here it is of the best class.  (WR-3, MP-3)
 */
export function classify(width: number, height: number): ResolutionClass {
  const pixels = width * height;
  if (pixels <= SD_PIXELS) return 'SD';
  return pixels <= HD_PIXELS ? 'HD' : 'FHD';
}

export interface Frame {
  readonly width: number;
  readonly height: number;
  /** Frames per second. */
  readonly fps?: number;
}

export type FrameLimit = 'pixels' | 'side' | 'fps';

/** Which limits of WR-3 and MP-3 (1920 × 1080, 30 frames per second) a frame is beyond; empty where it keeps to all. */
export function limitsExceeded(frame: Frame): readonly FrameLimit[] {
  const exceeded: FrameLimit[] = [];
  if (frame.width * frame.height > FHD_PIXELS) exceeded.push('pixels');
  if (Math.max(frame.width, frame.height) > LONGEST_SIDE) exceeded.push('side');
  if ((frame.fps ?? 0) > HIGHEST_FPS) exceeded.push('fps');
  return exceeded;
}
