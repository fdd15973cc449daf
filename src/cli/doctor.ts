/*
 * doctor [-f PATH…] [--state D | --context C [-n NS | -A]] [--public-url URL] [--endpoint URL] [--strict] [-o json]
 *
 *   -f, --filename <path...>  files or directories (recursive); else the resources of the state or cluster
 *   --public-url <url>        what Agora and pages are told: notices and page reports are tried there
 *   --strict                  warnings count as findings
 *   --timeout <span>          when everything has to be done
 */
import { randomUUID } from 'node:crypto';
import { createTransport } from '../agora/transport.ts';
import { isLoopback } from '../core/loopback.ts';
import { createDial } from '../doctor/gather/dial.ts';
import { gather } from '../doctor/gather/gather.ts';
import type { Means } from '../doctor/gather/means.ts';
import { examine, type Report } from '../doctor/report.ts';
import { realClock, scaledClock } from '../engine/clock.ts';
import { reportLines } from './doctor-lines.ts';
import { fileSubjects, type Subjects } from './doctor-subjects.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { CommandError, EXIT, type Io, print } from './io.ts';
import { jsonDocument } from './output/json.ts';
import { servedScale } from './surroundings.ts';
import { type WhereFlags, whereOf } from './where.ts';

export interface DoctorOptions extends WhereFlags {
  readonly filename?: readonly string[];
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly endpoint?: string;
  readonly publicUrl?: string;
  readonly strict: boolean;
  readonly timeoutMs: number;
  readonly output?: 'json';
}

/** The ways to Agora and to the public URL; tests put others in their place. */
export type Ways = Pick<Means, 'dial' | 'transport'>;

/** Examines projects and their resources, and says what to do (MP-27). Nothing is changed, at Agora or here. */
export async function doctorCommand(options: DoctorOptions, io: Io, ways?: Ways): Promise<number> {
  const { namespace, allNamespaces, output, strict } = options;
  if (namespace !== undefined && allNamespaces === true)
    throw new CommandError('-n names one namespace, -A means all: use one of them', { exitCode: EXIT.usage });
  const subjects = await subjectsOf(options, io);
  try {
    const report = await reportOn(subjects, options, { io, ways });
    if (output === 'json') io.stdout.write(jsonDocument('DoctorReport', report));
    else print(io.stdout, ...reportLines(report, io));
    return exitCodeOf(report, { strict });
  } finally {
    await subjects.close();
  }
}

async function subjectsOf(options: DoctorOptions, io: Io): Promise<Subjects> {
  if (whereOf(options, io) === 'cluster')
    return (await import('./cluster/doctor-subjects.ts')).clusterSubjects(options, io);
  return fileSubjects(options, io);
}

async function reportOn(
  subjects: Subjects,
  { endpoint, publicUrl = subjects.publicUrl, timeoutMs }: DoctorOptions,
  { io, ways }: { readonly io: Io; readonly ways: Ways | undefined },
): Promise<Report> {
  if (
    subjects.resources.length === 0 &&
    subjects.cluster === undefined &&
    (subjects.manifests?.findings ?? []).length === 0
  )
    throw new CommandError('there is nothing to examine: no AgoraProject is declared');
  const clock = realClock();
  const http = createTransport();
  try {
    const facts = await gather(
      subjects,
      {
        dial: createDial(clock),
        transport: http.send,
        ...ways,
        clock,
        newId: randomUUID,
        at: await timeAt(endpoint, io.signal),
        timeoutMs,
        ...(endpoint === undefined ? {} : { endpoint }),
        ...(publicUrl === undefined ? {} : { publicUrl }),
      },
      io.signal,
    );
    return examine(facts);
  } catch (error) {
    if (io.signal.aborted) throw new CommandError('interrupted', { cause: error, exitCode: EXIT.interrupted });
    throw error;
  } finally {
    await http.close();
  }
}

/** Windows are declared on the clock of a simulated cloud that runs faster. */
async function timeAt(endpoint: string | undefined, signal: AbortSignal): Promise<number> {
  if (endpoint === undefined || !isLoopback(new URL(endpoint))) return Date.now();
  const scale = await servedScale(endpoint, signal).catch(() => undefined);
  return scale === undefined ? Date.now() : scaledClock(scale).now();
}

function exitCodeOf({ summary, complete }: Report, { strict }: { readonly strict: boolean }): number {
  const { good, found, cannotRun } = EXIT_CODES.doctor;
  if (summary.fail > 0 || (strict && summary.warn > 0)) return found.code;
  return complete ? good.code : cannotRun.code;
}
