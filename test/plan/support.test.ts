import { describe, expect, it } from 'vitest';
import { createOffline } from '../../src/cli/offline.ts';
import { supportLines } from '../../src/cli/support.ts';
import type { Resource } from '../../src/core/resource.ts';
import { timestamp } from '../../src/core/time.ts';
import { KINDS } from '../../src/kinds/index.ts';
import { inspect } from '../../src/plan/inspect.ts';
import { supportCaseOf } from '../../src/plan/support.ts';
import { APP_ID, CANARY, converter, NOW, project, recording, running, SECRETS, stored } from './builders.ts';

function caseOf(resource: Resource, notes: readonly string[] = []) {
  const resources = [stored(project()), resource];
  const offline = createOffline({ resources, secrets: SECRETS, remembered: [], environment: {}, now: NOW });
  const options = {
    kind: KINDS[resource.kind],
    context: offline.contextOf(resource),
    now: NOW,
    source: 'controller',
  } as const;
  const events = notes.map((note) => ({ at: timestamp(NOW), type: 'Normal', reason: 'Told', note }));
  return supportCaseOf(inspect(resource, options), events);
}

const FAILED = {
  kind: 'server',
  call: 'start',
  httpStatus: 500,
  code: 62,
  message: 'internal error',
  requestId: 'request-ours',
  agoraRequestId: 'request-theirs',
  customRequestId: 'request-custom',
  resourceId: 'resource-header',
  at: timestamp(NOW - 30_000),
};

const failed = (resource: Resource, message = FAILED.message): Resource => ({
  ...resource,
  status: { ...(resource.status as object), lastError: { ...FAILED, message } },
});

describe('MP-16 the support case has what Agora’s support asks for', () => {
  it.each([
    ['recording', failed(running(recording('keynote'))), ['media-keynote', '42', 'resource-1', 'sid-keynote']],
    ['converter', failed(running(converter('vertical'))), ['show68_vertical', 'id-vertical']],
  ])('of a %s', (_kind, resource, handles) => {
    const found = caseOf(resource, ['attempt 1 was started']);
    const text = supportLines(found, 80).join('\n');
    const ids = ['request-ours', 'request-theirs', 'request-custom', 'resource-header'];
    for (const part of [APP_ID, 'eu', ...handles, ...ids, FAILED.at, timestamp(NOW - 600_000), 'attempt 1 was started'])
      expect(text).toContain(part);
  });

  it('names the request whose answer never came', () => {
    const resource = running(converter('vertical'));
    const { tasks } = resource.status as { readonly tasks: readonly object[] };
    const intent = { call: 'update', requestId: 'request-open', holder: 'me', at: timestamp(NOW - 2_000) };
    const open = {
      ...resource,
      status: { ...(resource.status as object), tasks: tasks.map((task) => ({ ...task, intent })) },
    };
    expect(caseOf(open).tasks[0]?.openCall).toEqual({
      call: 'update',
      requestId: 'request-open',
      at: timestamp(NOW - 2_000),
    });
  });

  it('has no secret, no query and no key in it, whatever was written', () => {
    const leaks = [
      CANARY,
      `rtmp://cdn.example.com/live/${CANARY}`,
      `https://a.example.com/?token=${CANARY}`,
      `A${CANARY} refused`,
    ];
    for (const leak of leaks)
      for (const resource of [running(recording('keynote')), running(converter('vertical'))]) {
        const found = caseOf(failed(resource, `about ${leak}`), [`note ${leak}`]);
        expect(`${JSON.stringify(found)}\n${supportLines(found, 80).join('\n')}`).not.toContain(CANARY);
      }
  });

  it('keeps the host of an address, which support can use', () => {
    expect(caseOf(running(converter('vertical'))).declared['rtmpUrl']).toBe('rtmp://cdn.example.com/***');
  });
});
