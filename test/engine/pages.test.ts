import { describe, expect, it } from 'vitest';
import { type Key, keyOf, type Resource } from '../../src/core/resource.ts';
import { timestamp } from '../../src/core/time.ts';
import { Pages } from '../../src/engine/pages.ts';
import type { RecordingSpec } from '../../src/kinds/recording/types.ts';
import { recording, T0 } from '../kinds/recording/builders.ts';

const WATCH = { readyWithinSeconds: 60, heartbeatSeconds: 15, media: true, tokenIn: 'Query' } as const;

function page(name: string, task: object = {}, spec: Partial<RecordingSpec> = {}): Resource {
  const entry = { attempt: 1, phase: 'Running', pageToken: 'hash', pageReadyAt: timestamp(T0), ...task };
  const base: Resource = recording({ pageWatch: WATCH, ...spec });
  return {
    ...base,
    metadata: { ...base.metadata, name },
    status: { observedGeneration: 1, conditions: [], tasks: [entry] },
  };
}

const SELF: Key = 'WebPageRecording/media/self';
const seen = (pages: Pages, ...resources: readonly Resource[]) => pages.seen([SELF, ...resources.map(keyOf)], SELF);

describe('WR-9 which pages are expected to report', () => {
  it.each<[string, Resource, number]>([
    ['one that was ready', page('a'), 1],
    ['one that was never ready', page('a', { pageReadyAt: undefined }), 0],
    ['one without a token', page('a', { pageToken: undefined }), 0],
    ['one that is being stopped', page('a', { phase: 'Stopping' }), 0],
    ['one on hold', page('a', {}, { desiredState: 'OnHold' }), 0],
    ['a suspended one', page('a', {}, { suspend: true }), 0],
    ['one without page watch', page('a', {}, { pageWatch: undefined } as unknown as Partial<RecordingSpec>), 0],
  ])('%s', (_what, resource, watched) => {
    const pages = new Pages();
    pages.index(resource);
    expect(seen(pages, resource)).toEqual({ watched });
  });

  it('by their statuses, so that a restart forgets nobody; until they are gone', () => {
    const pages = new Pages();
    const [a, b] = [page('a'), page('b')];
    pages.index(a);
    pages.index(b);
    expect(seen(pages, a, b).watched).toBe(2);
    pages.forget(keyOf(a));
    expect(seen(pages, a, b).watched).toBe(1);
    pages.index(page('b', { phase: 'Stopping' }));
    expect(seen(pages, a, b).watched).toBe(0);
  });

  it('the resource itself is left out', () => {
    const pages = new Pages();
    const self = page('self');
    pages.index(self);
    pages.reported(self, T0);
    expect(pages.seen([keyOf(self)], keyOf(self))).toEqual({ watched: 0 });
  });
});

describe('WR-9 who is heard, and since when without a break', () => {
  it.each<[string, readonly number[], number]>([
    ['one report', [0], 0],
    ['heartbeats', [0, 15, 30, 45], 0],
    ['late ones', [0, 20, 40.75], 0],
    ['one left out', [0, 15, 45, 60], 45],
    ['one just too late', [0, 20.76], 20.76],
  ])('%s', (_what, reports, since) => {
    const pages = new Pages();
    const a = page('a');
    for (const at of reports) pages.reported(a, T0 + at * 1_000);
    const lastAt = T0 + (reports.at(-1) ?? 0) * 1_000;
    expect(seen(pages, a)).toEqual({
      watched: 0,
      lastReportAt: lastAt,
      heard: [{ since: T0 + since * 1_000, lastAt }],
    });
  });
});

describe('WR-9 the project is woken when what a page says of the ingress changes', () => {
  const saying = (status: string, reason: string): Resource => {
    const base = page('a');
    const condition = { type: 'PageAlive', status, reason, message: '', lastTransitionTime: timestamp(T0) };
    return { ...base, status: { ...(base.status as object), conditions: [condition] } };
  };

  it('and not otherwise', () => {
    const pages = new Pages();
    const news = [
      ['True', 'PageAlive'],
      ['Unknown', 'PagesSilent'],
      ['Unknown', 'PagesSilent'],
      ['Unknown', 'NotListening'],
      ['False', 'PageStale'],
      ['False', 'PageFaulty'],
    ].map(([status = '', reason = '']) => [reason, pages.index(saying(status, reason))]);
    expect(news).toEqual([
      ['PageAlive', true],
      ['PagesSilent', true],
      ['PagesSilent', false],
      ['NotListening', true],
      ['PageStale', true],
      ['PageFaulty', false],
    ]);
  });
});
