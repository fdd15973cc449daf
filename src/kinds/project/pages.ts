import { type Condition, findCondition, type Verdict } from '../../core/conditions.ts';
import { deletionRequested, type Resource, type StatusBase } from '../../core/resource.ts';
import type { Context } from '../context.ts';

/** What a recording's `PageAlive` says of our own ingress; the project is woken when it changes. */
export type SaidOfIngress = 'PagesSilent' | 'NotListening' | 'PagesHeard';

export function saidOfIngress(resource: Resource): SaidOfIngress | undefined {
  if (!isWatched(resource)) return undefined;
  const { status, reason } = pageAlive(resource) ?? {};
  if (reason === 'PagesSilent' || reason === 'NotListening') return reason;
  return status === 'True' ? 'PagesHeard' : undefined;
}

/**
 * `PagesReporting` of a project with watched pages (WR-9, ADR 0030). It says what its recordings say, so that there is one
 * verdict; where none of them says anything of the ingress it stays as it was.
 */
export function pagesReporting({ members }: Context): Verdict['further'] {
  const watched = members.filter(isWatched);
  if (watched.length === 0) return { PagesReporting: undefined };
  const said = watched.map(saidOfIngress);
  const silent = watched.filter((_, index) => said[index] === 'PagesSilent');
  if (silent.length > 0)
    return {
      PagesReporting: {
        status: 'False',
        reason: 'PagesSilent',
        message: `no page reports any more, and ${names(silent)} would be made anew if it were not for that; check that pages reach the controller: its address from outside, the way to --ingress-bind-address, certificates`,
      },
    };
  if (said.includes('NotListening'))
    return {
      PagesReporting: {
        status: 'Unknown',
        reason: 'NotListening',
        message: 'nothing listens for reports of pages: start the controller with --ingress-bind-address',
      },
    };
  if (!said.includes('PagesHeard')) return {};
  return { PagesReporting: { status: 'True', reason: 'PagesHeard', message: 'pages report' } };
}

const isWatched = (resource: Resource): boolean =>
  resource.kind === 'WebPageRecording' &&
  !deletionRequested(resource) &&
  (resource.spec as { readonly pageWatch?: unknown }).pageWatch !== undefined;

const pageAlive = ({ status }: Resource): Condition | undefined =>
  findCondition((status as StatusBase | undefined)?.conditions, 'PageAlive');

const SHOWN = 5;

function names(members: readonly Resource[]): string {
  const shown = members.slice(0, SHOWN).map(({ metadata }) => metadata.name);
  return members.length > SHOWN ? `${shown.join(', ')} and ${members.length - SHOWN} more` : shown.join(', ');
}
