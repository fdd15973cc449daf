import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Key } from '../../src/core/resource.ts';
import { minutes } from '../../src/core/time.ts';
import { type Grant, Ledger } from '../../src/limits/ledger.ts';
import type { Claims, Region, ResolutionClass, Service, Slot } from '../../src/limits/slot.ts';
import { type LimitOverrides, type Limits, limitsFor } from '../../src/limits/tables.ts';

const slot = (text: string, appId = 'app'): Slot => {
  const [service, region, of] = text.split('/') as [Service, Region, ResolutionClass];
  return { appId, service, region, class: of };
};
const key = (name: string): Key => `RtmpConverter/ns/${name}`;
const claims = (slots: readonly string[], names: readonly string[] = []): Claims => ({
  slots: slots.map((text) => slot(text)),
  names,
});

const HD = 'converter/na/HD';
const SD = 'converter/na/SD';

/** A ledger that has heard everything, with America's converter limits (SD 20, HD 5) unless told otherwise. */
function ledgerWith(overrides: LimitOverrides = {}) {
  let limits: Limits = limitsFor(overrides);
  const ledger = new Ledger({ limitsFor: () => limits });
  const woken: string[] = [];
  ledger.onWake((keys) => woken.push(...keys.map((each) => each.slice('RtmpConverter/ns/'.length))));
  ledger.ready();
  let asked = 0;
  return {
    ledger,
    /** Those woken since this was asked last. */
    woken: (): string[] => woken.splice(0),
    edit(next: LimitOverrides): void {
      limits = limitsFor(next);
      ledger.limitsChanged('app');
    },
    /** A request; later ones are younger unless `since` says otherwise. */
    ask(name: string, slots: readonly string[], options: AskOptions = {}): Grant {
      asked += 1;
      const { names = [], priority = 0, since = asked, now = 0 } = options;
      return ledger.request(key(name), { claims: claims(slots, names), priority, since }, now);
    },
    /** The status that shows the claim was written. */
    write(
      name: string,
      slots: readonly string[],
      options: { names?: readonly string[]; ends?: readonly number[] } = {},
    ): void {
      ledger.set(key(name), claims(slots, options.names), options.ends);
    },
    fill(count: number, text = HD, ends: readonly number[] = []): void {
      for (let index = 0; index < count; index += 1) {
        const end = ends[index];
        ledger.set(key(`held ${index}`), claims([text]), end === undefined ? [] : [end]);
      }
    },
  };
}

interface AskOptions {
  readonly names?: readonly string[];
  readonly priority?: number;
  readonly since?: number;
  readonly now?: number;
}

const GRANTED = { granted: true };
const refusedAt = (position: number, limit = 'converter na HD: 5 of 5 in use'): Grant => ({
  why: 'wait',
  limit,
  position,
});

describe('WR-1 a slot is granted when it is free, and else waited for in order of priority and age', () => {
  it('grants up to the limit and tells the rest which limit and what place', () => {
    const { ask, fill } = ledgerWith();
    fill(4);
    expect(ask('fifth', [HD])).toEqual(GRANTED);
    expect(ask('sixth', [HD])).toEqual(refusedAt(1));
    expect(ask('seventh', [HD])).toEqual(refusedAt(2));
    expect(ask('urgent', [HD], { priority: 1 })).toEqual(refusedAt(1));
    expect(ask('seventh', [HD], { since: 3 })).toEqual(refusedAt(3));
    // Another level, other competitors.
    expect(ask('SD', [SD])).toEqual(GRANTED);
  });

  it('wakes who is next when a slot frees, once, and keeps the slot for it', () => {
    const { ledger, ask, fill, woken } = ledgerWith();
    fill(5);
    ask('old', [HD]);
    ask('young', [HD]);
    ask('urgent', [HD], { priority: 1, since: 9 });
    expect(woken()).toEqual([]);
    ledger.set(key('held 0'), claims([]));
    expect(woken()).toEqual(['urgent']);
    ledger.set(key('held 1'), claims([HD]));
    expect(woken()).toEqual([]);
    expect(ask('young', [HD], { since: 2 })).toEqual(refusedAt(3, 'converter na HD: 4 of 5 in use, 1 for those ahead'));
    expect(ask('urgent', [HD], { priority: 1, since: 9 })).toEqual(GRANTED);
    ledger.remove(key('held 1'));
    expect(woken()).toEqual(['old']);
  });

  it('gives the slot to the next where the one that was woken withdraws', () => {
    const { ledger, ask, fill, woken } = ledgerWith();
    fill(5);
    ask('first', [HD]);
    ask('second', [HD]);
    ledger.remove(key('held 0'));
    ledger.withdraw(key('first'));
    expect(woken()).toEqual(['first', 'second']);
    expect(ask('second', [HD], { since: 2 })).toEqual(GRANTED);
  });

  it('lets a more urgent newcomer have a slot that was kept for another', () => {
    const { ledger, ask, fill } = ledgerWith();
    fill(5);
    ask('first', [HD]);
    ledger.remove(key('held 0'));
    expect(ask('urgent', [HD], { priority: 1 })).toEqual(GRANTED);
    expect(ask('first', [HD], { since: 1 })).toEqual(refusedAt(1));
  });

  it('grants nothing before the host has listed everything, and then wakes who asked', () => {
    const ledger = new Ledger({ limitsFor: () => limitsFor({}) });
    const woken: Key[] = [];
    ledger.onWake((keys) => woken.push(...keys));
    const request = (): Grant => ledger.request(key('a'), { claims: claims([HD]), priority: 0, since: 0 }, 0);
    expect([request(), request()]).toEqual([{ why: 'not-synced' }, { why: 'not-synced' }]);
    ledger.ready();
    expect([woken, request()]).toEqual([[key('a')], GRANTED]);
  });

  it('WR-1 lets priority decide at the first list, not who asked first', () => {
    const limits = limitsFor({ converter: { na: { HD: 1 } } });
    const ledger = new Ledger({ limitsFor: () => limits });
    const ask = (name: string, priority: number): Grant =>
      ledger.request(key(name), { claims: claims([HD]), priority, since: 0 }, 0);
    ask('low', 0);
    ask('high', 10);
    ledger.ready();
    expect(ask('low', 0)).toMatchObject({ why: 'wait' });
    expect(ask('high', 10)).toEqual(GRANTED);
  });

  it('tells nobody who has stopped listening', () => {
    const { ledger, ask, fill } = ledgerWith();
    const woken: Key[] = [];
    const stop = ledger.onWake((keys) => woken.push(...keys));
    fill(5);
    ask('first', [HD]);
    stop();
    ledger.remove(key('held 0'));
    expect(woken).toEqual([]);
  });
});

describe('WR-1 estimated start: the k-th known end of those that block it', () => {
  it('is the end of as many as must end first', () => {
    const { ask, fill } = ledgerWith();
    fill(5, HD, [500, 300, 400]);
    expect([1, 2, 3, 4].map((index) => ask(`waiter ${index}`, [HD], { now: 100 }))).toEqual([
      { ...refusedAt(1), estimatedAt: 300 },
      { ...refusedAt(2), estimatedAt: 400 },
      { ...refusedAt(3), estimatedAt: 500 },
      refusedAt(4),
    ]);
  });

  it('follows an end that moves', () => {
    const { ask, fill } = ledgerWith();
    fill(5, HD, [500]);
    expect(ask('waiter', [HD], { since: 1 })).toMatchObject({ estimatedAt: 500 });
    fill(1, HD, [900]);
    expect(ask('waiter', [HD], { since: 1 })).toMatchObject({ estimatedAt: 900 });
  });

  it('counts neither an end that is past nor one of another class', () => {
    const { ledger, ask, fill } = ledgerWith();
    fill(5, HD, [50]);
    ledger.set(key('SD'), claims([SD]), [200]);
    expect(ask('waiter', [HD], { now: 100 })).toEqual(refusedAt(1));
  });

  it('waits for one more where more is held than the limit allows', () => {
    const { ask, fill } = ledgerWith({ converter: { na: { HD: 3 } } });
    fill(4, HD, [300, 400, 500]);
    expect(ask('waiter', [HD])).toEqual({ ...refusedAt(1, 'converter na HD: 4 of 3 in use'), estimatedAt: 400 });
  });
});

describe('a claim', () => {
  it('is reserved from the grant until a status shows it, and in the status from then on', () => {
    const { ask, write, fill } = ledgerWith();
    fill(4);
    ask('a', [HD]);
    expect(ask('b', [HD])).toEqual(refusedAt(1));
    write('a', [HD]);
    expect(ask('b', [HD], { since: 2 })).toEqual(refusedAt(1));
    write('a', []);
    expect(ask('b', [HD], { since: 2 })).toEqual(GRANTED);
  });

  it('is not lost when an event shows the status from before it was written', () => {
    const { ask, write, fill } = ledgerWith();
    fill(4);
    ask('a', [HD]);
    write('a', []);
    expect(ask('b', [HD])).toEqual(refusedAt(1));
  });

  it('is given back by withdraw where it was not written', () => {
    const { ledger, ask, write, fill, woken } = ledgerWith();
    fill(4);
    ask('a', [HD]);
    ask('b', [HD]);
    ledger.withdraw(key('a'));
    expect(woken()).toEqual(['b']);
    write('b', [HD]);
    ledger.withdraw(key('b'));
    expect(ask('c', [HD])).toEqual(refusedAt(1));
  });

  it('is granted where it is no more than what is held, however low the limit has become', () => {
    const { ask, fill, edit } = ledgerWith();
    fill(5);
    edit({ converter: { na: { HD: 0 } } });
    expect(ask('held 0', [HD])).toEqual(GRANTED);
    expect(ask('held 0', [])).toEqual(GRANTED);
    expect(ask('held 1', [HD, SD])).toEqual(GRANTED);
    expect(ask('new', [HD])).toEqual({ why: 'excluded', limit: 'converter na HD: 1 needed, 0 allowed' });
  });

  it('of another class is granted where the sum fits, the own slot counting as given back', () => {
    const { ask, write, fill } = ledgerWith({ converter: { na: { FHD: 1 } } });
    fill(4);
    write('a', [HD]);
    // HD or better is full, and stays so: one HD becomes one FHD.
    expect(ask('b', ['converter/na/FHD'], { since: 9 })).toEqual(refusedAt(1));
    expect(ask('a', ['converter/na/FHD'], { since: 1 })).toEqual(GRANTED);
    write('a', ['converter/na/FHD']);
    expect(ask('c', [HD], { since: 10 })).toEqual(refusedAt(2));
  });

  it('of two App IDs counts in both', () => {
    const { ledger, ask, woken } = ledgerWith({ converter: { na: { HD: 1 } } });
    ledger.set(key('moved'), { slots: [slot(HD, 'app'), slot(HD, 'other')], names: [] });
    expect(ask('waiter', [HD])).toEqual(refusedAt(1, 'converter na HD: 1 of 1 in use'));
    ledger.set(key('moved'), { slots: [slot(HD, 'other')], names: [] });
    expect(woken()).toEqual(['waiter']);
    const other = { claims: { slots: [slot(HD, 'other')], names: [] }, priority: 0, since: 0 };
    expect(ledger.request(key('b'), other, 0)).toMatchObject({ why: 'wait' });
  });

  it('replaces the former one', () => {
    const { ask, fill } = ledgerWith();
    fill(4);
    ask('a', [HD]);
    expect(ask('a', ['converter/ap/HD'])).toEqual(GRANTED);
    expect(ask('b', [HD])).toEqual(GRANTED);
  });

  it('replaces the former one while it waits', () => {
    const { ask, fill, woken } = ledgerWith();
    fill(5);
    ask('a', [HD]);
    expect(ask('a', [SD])).toEqual(GRANTED);
    expect(ask('b', [HD])).toEqual(refusedAt(1));
    expect(woken()).toEqual([]);
  });

  it('gives back what was granted and not written, where the one that replaces it must wait', () => {
    const { ask, fill } = ledgerWith();
    fill(5);
    expect(ask('a', ['converter/eu/HD'])).toEqual(GRANTED);
    expect(ask('a', [HD])).toEqual(refusedAt(1));
    for (let index = 0; index < 5; index += 1) expect(ask(`b ${index}`, ['converter/eu/HD'])).toEqual(GRANTED);
  });

  it('that the status shows meanwhile waits no more', () => {
    const { ask, write, fill, woken } = ledgerWith();
    fill(5);
    ask('a', [HD]);
    write('a', [HD]);
    expect([woken(), ask('b', [HD])]).toEqual([['a'], refusedAt(1, 'converter na HD: 6 of 5 in use')]);
  });
});

describe('an edit of the limits', () => {
  it('wakes those who fit now, and stops nobody', () => {
    const { ask, fill, edit, woken } = ledgerWith();
    fill(5);
    for (const name of ['a', 'b', 'c']) ask(name, [HD]);
    edit({ converter: { na: { HD: 7 } } });
    expect(woken()).toEqual(['a', 'b']);
    edit({ converter: { na: { HD: 3 } } });
    expect(ask('a', [HD], { since: 1 })).toEqual(refusedAt(1, 'converter na HD: 5 of 3 in use'));
  });
});

describe('MP-2 foreign converters', () => {
  it('count against the total, and wake who waits when they go', () => {
    const { ledger, ask, woken } = ledgerWith();
    ledger.foreign('app', 299);
    expect(ask('a', [SD])).toEqual(refusedAt(1, 'converter, all regions: 299 of 299 in use'));
    ledger.foreign('app', 298);
    expect([woken(), ask('a', [SD], { since: 1 })]).toEqual([['a'], GRANTED]);
    expect(ledger.usage('app').find(({ level }) => level.id === 'converter')).toMatchObject({ held: 299, limit: 299 });
  });
});

describe('MP-17, MP-18 unique names: first come', () => {
  it('refuses a name that is held, reserved or waited with by another, and names the owner', () => {
    const { ledger, ask, write, fill } = ledgerWith();
    write('holder', [SD], { names: ['held'] });
    ask('grantee', [SD], { names: ['reserved'] });
    fill(5);
    ask('waiter', [HD], { names: ['waited with'] });
    const refusal = (name: string, owner: string): Grant => ({ why: 'name', name, owner: key(owner) });
    expect(ask('late', [SD], { names: ['own', 'held'] })).toEqual(refusal('held', 'holder'));
    expect(ask('late', [SD], { names: ['reserved'] })).toEqual(refusal('reserved', 'grantee'));
    expect(ask('late', [SD], { names: ['waited with'] })).toEqual(refusal('waited with', 'waiter'));
    expect(ask('late', [SD], { names: ['own'] })).toEqual(GRANTED);
    expect(ask('holder', [SD], { names: ['held'] })).toEqual(GRANTED);
    expect(ledger.waiting(key('waiter'), 0)).toMatchObject({ why: 'wait' });
  });

  it('takes no slot and no place where the name is refused', () => {
    const { ask, write, fill } = ledgerWith();
    fill(4);
    write('holder', [SD], { names: ['n'] });
    ask('late', [HD], { names: ['n'] });
    expect(ask('other', [HD])).toEqual(GRANTED);
  });

  it('wakes the refused when the name is free', () => {
    const { ledger, ask, write, woken } = ledgerWith();
    write('holder', [SD], { names: ['n'] });
    ask('late', [SD], { names: ['n'] });
    ask('later', [SD], { names: ['n'] });
    write('holder', [SD], { names: ['m'] });
    expect([woken(), ask('late', [SD], { names: ['n'] })]).toEqual([['late', 'later'], GRANTED]);
    expect(ask('later', [SD], { names: ['n'] })).toEqual({ why: 'name', name: 'n', owner: key('late') });
    ledger.withdraw(key('late'));
    expect(woken()).toEqual(['later']);
  });

  it('lets two that hold one name already keep it, and passes it on when the first goes', () => {
    const { ledger, ask, write, woken } = ledgerWith();
    write('a', [SD], { names: ['n'] });
    write('b', [SD], { names: ['n'] });
    expect(ask('b', [SD], { names: ['n'] })).toEqual(GRANTED);
    ledger.remove(key('a'));
    expect(ask('c', [SD], { names: ['n'] })).toEqual({ why: 'name', name: 'n', owner: key('b') });
    expect(woken()).toEqual([]);
  });
});

describe('believed limits, after a refusal for quota', () => {
  const REFUSED_AT = 1_000;
  const PROBE_AT = REFUSED_AT + minutes(5);

  /** Three run of five; a fourth is refused by Agora and gives its slot back. */
  function refused() {
    const all = ledgerWith();
    all.fill(3);
    all.ask('a', [HD], { now: 0 });
    all.write('a', [HD]);
    all.ledger.quotaRefused(key('a'), slot(HD), REFUSED_AT);
    all.write('a', []);
    return all;
  }
  const refusal = (position: number, used = 3): Grant =>
    refusedAt(position, `converter na HD: ${used} of ${used} in use`);

  it('what is held is the limit, until the first waiter probes after five minutes', () => {
    const { ask } = refused();
    expect(ask('a', [HD], { since: 1, now: REFUSED_AT })).toEqual(refusal(1));
    expect(ask('b', [HD], { since: 2, now: PROBE_AT - 1 })).toEqual(refusal(2));
    expect(ask('a', [HD], { since: 1, now: PROBE_AT })).toEqual(GRANTED);
    expect(ask('b', [HD], { since: 2, now: PROBE_AT })).toEqual(refusal(1, 4));
  });

  it('is the same whether the slot was given back before it is told or after', () => {
    const { ledger, ask, fill } = ledgerWith();
    fill(3);
    ledger.quotaRefused(key('a'), slot(HD), REFUSED_AT);
    expect(ask('a', [HD], { since: 1, now: REFUSED_AT })).toEqual(refusal(1));
  });

  it('wakes the first waiter for the probe when another asks', () => {
    const { ask, woken } = refused();
    ask('a', [HD], { since: 1, now: REFUSED_AT });
    ask('b', [HD], { since: 2, now: REFUSED_AT });
    expect(ask('b', [HD], { since: 2, now: PROBE_AT })).toMatchObject({ why: 'wait', position: 2 });
    expect(woken()).toEqual(['a']);
  });

  it('a probe that succeeds raises it by one, two in a row restore the table', () => {
    const { ledger, ask, write } = refused();
    const start = (name: string): Grant => {
      const answer = ask(name, [HD], { now: PROBE_AT });
      if ('granted' in answer) write(name, [HD]);
      return answer;
    };
    const limit = (): number | undefined => ledger.usage('app').find(({ level }) => level.id === HD)?.limit;
    expect([start('a'), start('b')]).toEqual([GRANTED, refusal(1, 4)]);
    ledger.quotaOk(slot(HD));
    expect([start('b'), limit()]).toEqual([GRANTED, 5]);
    ledger.quotaOk(slot(HD));
    expect(limit()).toBe(5);
    expect(start('c')).toEqual(refusal(1, 5));
  });

  it('a probe that is refused waits five minutes more', () => {
    const { ledger, ask, write } = refused();
    ask('a', [HD], { since: 1, now: PROBE_AT });
    write('a', [HD]);
    ledger.quotaRefused(key('a'), slot(HD), PROBE_AT);
    write('a', []);
    expect(ask('a', [HD], { since: 1, now: PROBE_AT + minutes(5) - 1 })).toEqual(refusal(1));
    expect(ask('a', [HD], { since: 1, now: PROBE_AT + minutes(5) })).toEqual(GRANTED);
  });

  it('a start below it proves nothing', () => {
    const { ledger, ask, write } = refused();
    write('held 0', []);
    ask('b', [HD], { now: REFUSED_AT });
    write('b', [HD]);
    ledger.quotaOk(slot(HD));
    ledger.quotaOk(slot(HD));
    expect(ask('c', [HD], { now: REFUSED_AT })).toEqual(refusal(1));
  });

  it('touches neither other classes and regions nor what an empty ledger fits', () => {
    const { ask, ledger } = ledgerWith();
    ledger.quotaRefused(key('a'), slot(HD), REFUSED_AT);
    expect(ask('SD', [SD])).toEqual(GRANTED);
    expect(ask('elsewhere', ['converter/eu/HD'])).toEqual(GRANTED);
    expect(ask('a', [HD])).toEqual(refusedAt(1, 'converter na HD: 0 of 0 in use'));
  });
});

describe('usage', () => {
  it('tells each level with what is held, allowed and waited for', () => {
    const { ledger, ask, fill } = ledgerWith();
    fill(5);
    ask('a', [HD]);
    const rows = ledger.usage('app').map(({ level, ...row }) => [level.id, row] as const);
    expect(Object.fromEntries(rows)).toMatchObject({
      'converter/na/FHD': { held: 0, limit: 0, waiting: 0 },
      'converter/na/HD': { held: 5, limit: 5, waiting: 1 },
      'converter/na/SD': { held: 5, limit: 20, waiting: 1 },
      converter: { held: 5, limit: 299, waiting: 1 },
    });
    expect(ledger.usage('unknown')).toEqual([]);
  });
});

describe('the ledger over any sequence of requests, writes, ends and edits', () => {
  const NAMES = Array.from({ length: 12 }, (_, index) => key(`${index}`));
  const SLOTS = fc.array(fc.constantFrom(SD, HD, 'converter/eu/SD', 'converter/eu/HD'), { minLength: 1, maxLength: 2 });
  const STEP = fc.record({
    do: fc.constantFrom('request', 'request', 'request', 'write', 'write', 'end', 'withdraw', 'stale event', 'remove'),
    who: fc.nat(NAMES.length - 1),
    slots: SLOTS,
    priority: fc.integer({ min: 0, max: 1 }),
  });
  const limits = limitsFor({
    converter: { na: { SD: 4, HD: 2 }, eu: { SD: 3, HD: 2 }, total: 6 },
  });

  it('never grants beyond a level, leaves nobody waiting beside free room, and loses no waiter', () => {
    fc.assert(
      fc.property(fc.array(STEP, { maxLength: 120 }), (steps) => {
        const ledger = new Ledger({ limitsFor: () => limits });
        ledger.ready();
        const statuses = new Map<Key, Claims>();
        const reserved = new Map<Key, Claims>();
        const waiting = new Map<Key, { claims: Claims; priority: number; since: number }>();
        const woken = new Set<Key>();
        ledger.onWake((keys) => keys.forEach((each) => woken.add(each)));
        const request = (who: Key, ask: { claims: Claims; priority: number; since: number }, now: number): void => {
          woken.delete(who);
          reserved.delete(who);
          const answer = ledger.request(who, ask, now);
          waiting.delete(who);
          if ('granted' in answer) reserved.set(who, ask.claims);
          else waiting.set(who, ask);
        };
        steps.forEach((step, now) => {
          const who = NAMES[step.who] ?? key('none');
          const grant = reserved.get(who);
          switch (step.do) {
            case 'request':
              // The old slots are kept until the new ones are there (design §6).
              if (grant === undefined && !statuses.has(who)) {
                request(
                  who,
                  { claims: claims(step.slots), priority: step.priority, since: waiting.get(who)?.since ?? now },
                  now,
                );
              }
              break;
            case 'write':
              if (grant === undefined) break;
              statuses.set(who, grant);
              reserved.delete(who);
              ledger.set(who, grant);
              break;
            case 'stale event':
              ledger.set(who, statuses.get(who) ?? claims([]));
              break;
            case 'withdraw':
              ledger.withdraw(who);
              reserved.delete(who);
              waiting.delete(who);
              woken.delete(who);
              break;
            case 'end':
              if (!statuses.delete(who)) break;
              ledger.set(who, claims([]));
              break;
            default:
              statuses.delete(who);
              reserved.delete(who);
              waiting.delete(who);
              woken.delete(who);
              ledger.remove(who);
          }
          const taken = [...statuses.values(), ...reserved.values()].flatMap(({ slots }) => slots);
          for (const use of ledger.usage('app')) {
            const cells = taken.filter((each) =>
              use.level.cells.includes(`${each.service}/${each.region}/${each.class}`),
            );
            expect(use.held, use.level.id).toBe(cells.length);
            expect(use.held, use.level.id).toBeLessThanOrEqual(use.limit);
          }
        });
        // What is remembered of the last plan is what a new plan would say.
        const couldGoOn = (): Key[] =>
          [...waiting.keys()].filter((who) => ledger.waiting(who, steps.length) === undefined);
        const remembered = couldGoOn();
        ledger.limitsChanged('app');
        expect(remembered).toEqual(couldGoOn());
        // Whoever was woken asks again; in the end, with everyone else gone, each waiter was woken and is granted.
        for (let round = 0; round < 200 && (waiting.size > 0 || statuses.size > 0 || reserved.size > 0); round += 1) {
          for (const who of [...woken]) {
            const ask = waiting.get(who);
            if (ask !== undefined) request(who, ask, 1_000 + round);
          }
          for (const who of [...reserved.keys(), ...statuses.keys()]) {
            statuses.delete(who);
            reserved.delete(who);
            ledger.remove(who);
          }
        }
        expect([...waiting.keys()]).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
