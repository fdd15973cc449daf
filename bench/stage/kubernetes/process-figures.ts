import { readFileSync } from 'node:fs';

/** Of a running process, as Linux counts them. */
export interface ProcessFigures {
  readonly cpuMs: number;
  readonly peakMib: number;
}

/** Linux counts in hundredths of a second (`getconf CLK_TCK`). */
const TICK_MS = 10;

export function processFigures(pid: number): ProcessFigures {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name before it may hold blanks; what follows are the fields from the third on.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { cpuMs: (user + system) * TICK_MS, peakMib: Number(peak) / 1_024 };
}
