import { describe, expect, it } from 'vitest';
import { judge, standingOf } from '../../src/cli/settled.ts';
import { keyOf, type Resource } from '../../src/core/resource.ts';
import { NO_REPORT, type Report } from '../../src/hosts/files/report.ts';
import { resource } from './resources.ts';

describe('where a resource stands', () => {
  it.each<[string, Resource, string]>([
    ['runs as declared', resource(), 'settled'],
    ['is before its window', resource({ reason: 'Scheduled' }), 'settled'],
    ['has come to its end', resource({ reason: 'Completed' }), 'settled'],
    ['is suspended', resource({ ready: 'False', reason: 'Suspended' }), 'settled'],
    ['waits for a limit', resource({ ready: 'False', reason: 'WaitingForSlot' }), 'waiting'],
    ['waits for a Secret', resource({ ready: 'False', reason: 'DependencyNotReady' }), 'working'],
    ['is being started', resource({ ready: 'False', reason: 'Starting' }), 'working'],
    ['needs a person', resource({ ready: 'False', reason: 'ParameterRefused', stalled: true }), 'stalled'],
    ['was edited since', resource({ metadata: { generation: 2 } }), 'working'],
    ['was never looked at', { ...resource(), status: undefined }, 'working'],
    ['is being deleted', resource({ metadata: { deletionTimestamp: '2026-01-01T00:00:00.000Z' } }), 'working'],
  ])('one that %s', (_what, each, is) => expect(standingOf(each).is).toBe(is));
});

describe('what --once comes to', () => {
  const report: Report = {
    ...NO_REPORT,
    scannedAt: '2026-01-01T00:00:00.000Z',
    complete: true,
    files: 1,
    resources: 2,
  };
  const running = resource({ name: 'a' });
  const waiting = resource({ name: 'b', ready: 'False', reason: 'WaitingForSlot' });
  const stalled = resource({ name: 'b', ready: 'False', reason: 'NameConflict', stalled: true });
  const all = (): boolean => true;

  it('everything runs or waits for a limit', () => {
    expect(judge([running, waiting], report, all)).toEqual({
      working: [],
      stalled: [],
      waiting: [waiting],
      blocked: false,
    });
  });

  it('something is stalled', () => {
    expect(judge([running, stalled], report, all)).toMatchObject({ working: [], stalled: [stalled] });
  });

  it('a status of an earlier process is not enough', () => {
    const { working } = judge([running, waiting], report, (key) => key !== keyOf(running));
    expect(working).toEqual([running]);
  });

  it('what is not declared any more has to go first', () => {
    expect(judge([running, waiting], { ...report, resources: 1 }, all).working).not.toEqual([]);
  });

  it.each<[string, Partial<Report>]>([
    ['removals wait for a confirmation', { resources: 0, pruneHeld: [keyOf(running)] }],
    ['there is no manifest', { files: 0, resources: 0 }],
    [
      'a manifest is wrong',
      {
        resources: 1,
        findings: [{ file: 'a', line: 1, column: 1, field: '', message: '', advice: '', severity: 'error' }],
      },
    ],
  ])('%s: a person must act, and nothing is waited for', (_what, changes) => {
    expect(judge([running, waiting], { ...report, ...changes }, all)).toMatchObject({ working: [], blocked: true });
  });

  it('a warning blocks nothing', () => {
    const warning = { file: 'a', line: 1, column: 1, field: '', message: '', advice: '', severity: 'warning' } as const;
    expect(judge([running, waiting], { ...report, findings: [warning] }, all).blocked).toBe(false);
  });
});
