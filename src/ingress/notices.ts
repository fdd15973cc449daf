import type { InboundAnswer, InboundRequest } from '../core/inbound.ts';
import { type Key, makeKey, type Resource } from '../core/resource.ts';
import { minutes } from '../core/time.ts';
import { leftOf } from '../kinds/project/left-told.ts';
import type { ProjectSpec, ProjectStatus } from '../kinds/project/types.ts';
import type { TaskSpec } from '../kinds/task.ts';
import type { Logger } from '../observability/log.ts';
import { json } from './answer.ts';
import { NoticeCounts, type NoticeOutcome } from './figures.ts';
import type { Journal, JournalEntry } from './journal.ts';
import { type Notice, parseNotice } from './notice.ts';
import { marksOf, Repeats } from './repeats.ts';
import { routeNotice } from './route-notice.ts';
import { signedFor } from './secrets.ts';
import type { IngressWorld } from './world.ts';

export interface NoticesParts {
  readonly world: IngressWorld;
  readonly log: Logger;
  /** Absent: what was taken is remembered by this process alone. */
  readonly journal?: Journal;
}

export interface Notices {
  /** A `POST` to a project's address. */
  take(request: InboundRequest, project: { readonly namespace: string; readonly name: string }): Promise<InboundAnswer>;
  /** What an earlier process took: known as repeats from now on, and the latest told once more. Returns how many were. */
  recall(kept: readonly JournalEntry[]): number;
  readonly counts: NoticeCounts;
  /** Notices that a repeat would be known of. */
  remembered(): number;
}

const REFUSED = json(401, { message: 'the signature fits no notification secret of this project' });
/** Between two lines of the log about refusals: whoever reaches the address can cause them. */
const REFUSAL_LOGGED_MS = minutes(1);

/** Long enough for a pass that waited for its turn; what is older a status already shows, or a query will. */
const RECALLED_MS = minutes(15);

type Project = Resource<ProjectSpec, ProjectStatus>;

/** Agora's notifications (WR-11, MP-28): checks, reads, and tells each to the resource it concerns, once. */
export function createNotices({ world, log, journal }: NoticesParts): Notices {
  const counts = new NoticeCounts();
  const repeats = new Repeats();
  let refusals = 0;
  let refusalLoggedAt = Number.NEGATIVE_INFINITY;

  function refused(key: Key): InboundAnswer {
    counts.add('bad-signature');
    refusals += 1;
    const now = world.now();
    if (now >= refusalLoggedAt + REFUSAL_LOGGED_MS) {
      log.warn(
        { resource: key, refusals },
        'notifications were refused: their signature fits no secret of the project',
      );
      refusalLoggedAt = now;
      refusals = 0;
    }
    return REFUSED;
  }

  async function taken(notice: Notice, marks: readonly string[], target: Key | undefined): Promise<NoticeOutcome> {
    const { evidence } = notice;
    const told = evidence === undefined || target === undefined ? undefined : { key: target, evidence };
    repeats.add(marks);
    try {
      if (told !== undefined) world.tell(told.key, told.evidence);
    } catch (error) {
      // Sent once more, it may fare better.
      repeats.delete(marks);
      throw error;
    }
    // The many that only say that a task goes on are not worth telling again.
    const isWorthIt = told !== undefined && told.evidence.event.type !== 'other';
    await journal?.append({ at: world.now(), marks, ...(isWorthIt ? { told } : {}) });
    return told === undefined ? 'unknown' : 'told';
  }

  return {
    counts,
    remembered: () => repeats.size,
    recall(kept) {
      for (const { marks } of kept) repeats.add(marks);
      const recent = kept.filter(({ at }) => at > world.now() - RECALLED_MS);
      const told = recent.map((entry) => entry.told).filter((entry) => entry !== undefined);
      for (const { key, evidence } of told) world.tell(key, evidence);
      return told.length;
    },
    async take(request, { namespace, name }) {
      const key = makeKey('AgoraProject', namespace, name);
      const project = world.get(key) as Project | undefined;
      const products = project === undefined ? undefined : signedFor(project, request, world.secret);
      // The same answer for a project that does not exist: it is nobody's business which do.
      if (project === undefined || products === undefined || products.size === 0) return refused(key);
      const notice = parseNotice(request.body, world.now());
      if (notice === undefined) {
        counts.add('unreadable');
        return json(400, { message: 'the body is no notification' });
      }
      if (notice.product !== 'other' && !products.has(notice.product)) return refused(key);
      const marks = marksOf(`${namespace}/${name}`, notice);
      const outcome = repeats.has(marks)
        ? 'duplicate'
        : await taken(notice, marks, targetOf(notice, project, { request, world }));
      counts.add(outcome, notice);
      log.debug({ resource: key, product: notice.product, event: notice.eventType, outcome }, 'notification');
      return json(200, { outcome });
    },
  };
}

/** Only what the sender may speak for: of another project with the same App ID, where its secrets fit as well (ADR 0026). */
function targetOf(
  { product, evidence }: Notice,
  project: Project,
  { request, world }: { readonly request: InboundRequest; readonly world: IngressWorld },
): Key | undefined {
  if (evidence === undefined || product === 'other') return undefined;
  const { appId } = project.spec;
  const may = new Map<Key, boolean>([[keyOfProject(project), true]]);
  const mayConcern = (member: Resource): boolean => {
    const { projectRef } = member.spec as TaskSpec;
    const key = makeKey('AgoraProject', member.metadata.namespace, projectRef.name);
    const other = may.has(key) ? undefined : (world.get(key) as Project | undefined);
    if (other !== undefined) may.set(key, signedFor(other, request, world.secret).has(product));
    return may.get(key) ?? false;
  };
  const member = routeNotice(evidence, appId, world.membersOf(appId).filter(mayConcern));
  if (member !== undefined) return member;
  // What no resource is there for any more is the project's own (design §5.7).
  return leftOf(project.status, evidence) === undefined ? undefined : keyOfProject(project);
}

const keyOfProject = ({ metadata }: Project): Key => makeKey('AgoraProject', metadata.namespace, metadata.name);
