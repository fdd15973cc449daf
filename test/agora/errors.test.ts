import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CALLS, type CallName } from '../../src/agora/calls.ts';
import { classifyAnswer, isSuccess } from '../../src/agora/errors.ts';

const ALL_CALLS: readonly CallName[] = [
  'acquire',
  'start',
  'query',
  'updateRecording',
  'stop',
  'create',
  'get',
  'updateConverter',
  'deleteConverter',
  'list',
];

const meaning = (call: CallName, status: number, body: unknown): string => {
  const { kind, effect } = classifyAnswer(call, status, typeof body === 'string' ? body : JSON.stringify(body));
  return `${kind}/${effect}`;
};

describe('WR-6 a recording’s answers: the body’s code decides before the HTTP status', () => {
  it.each`
    call                 | status | body                                                    | expected
    ${'start'}           | ${201} | ${{ code: 7, reason: 'already started' }}               | ${'already-started/maybe'}
    ${'start'}           | ${201} | ${''}                                                   | ${'already-started/maybe'}
    ${'start'}           | ${206} | ${{ code: 65, reason: 'request not completed' }}        | ${'jitter/maybe'}
    ${'start'}           | ${200} | ${{ code: 65, reason: 'request not completed' }}        | ${'jitter/maybe'}
    ${'start'}           | ${400} | ${{ code: 2, reason: 'start: width type mismatch' }}    | ${'parameter/none'}
    ${'start'}           | ${400} | ${{ code: 999, reason: 'something new' }}               | ${'parameter/none'}
    ${'start'}           | ${400} | ${{ code: 8 }}                                          | ${'parameter/none'}
    ${'start'}           | ${400} | ${{ code: 53, reason: 'task conflict' }}                | ${'task-conflict/none'}
    ${'start'}           | ${500} | ${{ code: 53, reason: 'task conflict' }}                | ${'task-conflict/none'}
    ${'start'}           | ${400} | ${{ code: 432 }}                                        | ${'handle-invalid/none'}
    ${'start'}           | ${400} | ${{ code: 433 }}                                        | ${'handle-expired/none'}
    ${'start'}           | ${400} | ${{ code: 1001 }}                                       | ${'handle-invalid/none'}
    ${'start'}           | ${400} | ${{ code: 1003 }}                                       | ${'handle-invalid/none'}
    ${'start'}           | ${400} | ${{ code: 1013 }}                                       | ${'parameter/none'}
    ${'start'}           | ${500} | ${{ code: 62, reason: 'request timeout' }}              | ${'server/maybe'}
    ${'start'}           | ${500} | ${{ code: 502, reason: 'Failed to allocate worker' }}   | ${'no-worker/none'}
    ${'start'}           | ${500} | ${{ resourceId: 'r', sid: '', code: 15 }}               | ${'server/maybe'}
    ${'start'}           | ${500} | ${''}                                                   | ${'server/maybe'}
    ${'start'}           | ${502} | ${'<html>Bad Gateway</html>'}                           | ${'server/maybe'}
    ${'start'}           | ${503} | ${''}                                                   | ${'server/maybe'}
    ${'start'}           | ${504} | ${''}                                                   | ${'gateway-timeout/maybe'}
    ${'start'}           | ${504} | ${{ code: 62, reason: 'request timeout' }}              | ${'server/maybe'}
    ${'acquire'}         | ${400} | ${{ code: 2, reason: 'invalid resourceExpiredHour' }}   | ${'parameter/none'}
    ${'acquire'}         | ${400} | ${{ code: 62, reason: 'request timeout' }}              | ${'entitlement/none'}
    ${'acquire'}         | ${500} | ${{ code: 62, reason: 'request timeout' }}              | ${'server/none'}
    ${'acquire'}         | ${400} | ${{ code: 400, reason: 'invalid_appid' }}               | ${'entitlement/none'}
    ${'acquire'}         | ${400} | ${{ code: 401, reason: 'invalid_channel_name' }}        | ${'parameter/none'}
    ${'acquire'}         | ${400} | ${{ code: 405, reason: 'no_active_status' }}            | ${'account/none'}
    ${'acquire'}         | ${400} | ${{ code: 406, reason: 'vendor_over_load' }}            | ${'quota/none'}
    ${'acquire'}         | ${500} | ${{ code: 500, reason: 'internal_error' }}              | ${'server/none'}
    ${'acquire'}         | ${500} | ${{ code: 501, reason: 'no_worker_manager_available' }} | ${'server/none'}
    ${'acquire'}         | ${500} | ${{ code: 504, reason: 'allocate_timeout' }}            | ${'server/none'}
    ${'acquire'}         | ${206} | ${{ code: 65 }}                                         | ${'jitter/none'}
    ${'query'}           | ${404} | ${{ code: 404, reason: 'failed to find worker' }}       | ${'not-found/none'}
    ${'query'}           | ${404} | ${{ reason: 'failed to find worker' }}                  | ${'not-found/none'}
    ${'query'}           | ${404} | ${{ message: 'no Route matched with those values' }}    | ${'no-route/none'}
    ${'query'}           | ${404} | ${'<html><h1>404 Not Found</h1></html>'}                | ${'no-route/none'}
    ${'acquire'}         | ${404} | ${{ message: 'not here' }}                              | ${'no-route/none'}
    ${'query'}           | ${400} | ${{ code: 501, reason: 'service is exiting' }}          | ${'stopping/none'}
    ${'query'}           | ${500} | ${{ code: 501, reason: 'service is exiting' }}          | ${'stopping/none'}
    ${'query'}           | ${206} | ${{ code: 65 }}                                         | ${'jitter/none'}
    ${'query'}           | ${504} | ${{ code: 62 }}                                         | ${'server/none'}
    ${'updateRecording'} | ${206} | ${{ code: 65 }}                                         | ${'jitter/maybe'}
    ${'updateRecording'} | ${504} | ${{ code: 62 }}                                         | ${'server/maybe'}
    ${'updateRecording'} | ${404} | ${{ code: 404, reason: 'failed to find worker' }}       | ${'not-found/none'}
    ${'stop'}            | ${400} | ${{ code: 49, reason: 'invalid operation' }}            | ${'stopping/none'}
    ${'stop'}            | ${206} | ${{ code: 435, reason: 'no recorded data' }}            | ${'no-data/maybe'}
    ${'stop'}            | ${404} | ${{ code: 404, reason: 'failed to find worker' }}       | ${'not-found/none'}
    ${'stop'}            | ${504} | ${{ code: 62, reason: 'request timeout' }}              | ${'server/maybe'}
    ${'stop'}            | ${400} | ${{ code: 50, reason: 'upload timeout' }}               | ${'server/maybe'}
    ${'start'}           | ${400} | ${{ message: 'appid is invalid' }}                      | ${'entitlement/none'}
    ${'start'}           | ${401} | ${{ message: 'Unauthorized' }}                          | ${'credential/none'}
    ${'query'}           | ${401} | ${{ message: 'Invalid authentication credentials' }}    | ${'credential/none'}
    ${'query'}           | ${429} | ${{ message: 'API rate limit exceeded' }}               | ${'throttle/none'}
    ${'start'}           | ${409} | ${{ reason: 'what?' }}                                  | ${'parameter/none'}
    ${'start'}           | ${200} | ${{ cname: 'c', uid: '1' }}                             | ${'unreadable/maybe'}
    ${'start'}           | ${302} | ${''}                                                   | ${'server/maybe'}
  `('$call $status $body: $expected', ({ call, status, body, expected }) => {
    expect(meaning(call, status, body)).toBe(expected);
  });

  it('201/7 keeps a sid that it carries', () => {
    const sid = '38f8e3cfdc474cd56fc1ceba380d7e1a';
    expect(classifyAnswer('start', 201, JSON.stringify({ code: 7, sid }))).toMatchObject({
      kind: 'already-started',
      code: 7,
      sid,
    });
    expect(classifyAnswer('start', 201, JSON.stringify({ code: 7, sid: '' }))).not.toHaveProperty('sid');
  });

  it('a code written as text is a code', () => {
    expect(classifyAnswer('start', 400, '{"code":"53"}')).toMatchObject({ kind: 'task-conflict', code: 53 });
  });
});

describe('MP-26 Media Push’s table of status codes', () => {
  it.each`
    call                 | status | body                                                                                   | expected
    ${'create'}          | ${400} | ${{ message: 'Invalid parameter: rtmpUrl. Replace and retry.' }}                       | ${'parameter/none'}
    ${'create'}          | ${401} | ${{ message: 'Invalid authentication credentials.' }}                                  | ${'credential/none'}
    ${'create'}          | ${403} | ${{ reason: 'No invalid permission to use this function. Contact us.' }}               | ${'entitlement/none'}
    ${'get'}             | ${404} | ${{ reason: 'Resource is not found and destroyed.' }}                                  | ${'not-found/none'}
    ${'get'}             | ${404} | ${''}                                                                                  | ${'not-found/none'}
    ${'updateConverter'} | ${404} | ${{ message: 'Resource is not found and destroyed.' }}                                 | ${'not-found/none'}
    ${'deleteConverter'} | ${404} | ${{ reason: 'Resource is not found and destroyed.' }}                                  | ${'not-found/none'}
    ${'deleteConverter'} | ${404} | ${{ message: 'no Route matched with those values' }}                                   | ${'no-route/none'}
    ${'create'}          | ${404} | ${''}                                                                                  | ${'no-route/none'}
    ${'list'}            | ${404} | ${{ message: 'nothing' }}                                                              | ${'no-route/none'}
    ${'list'}            | ${405} | ${''}                                                                                  | ${'no-route/none'}
    ${'create'}          | ${409} | ${{ reason: 'Resource with the same name already exists. Use the existing resource' }} | ${'name-taken/none'}
    ${'updateConverter'} | ${409} | ${''}                                                                                  | ${'parameter/none'}
    ${'create'}          | ${429} | ${{ reason: 'Request rate limit exceeded.' }}                                          | ${'throttle/none'}
    ${'create'}          | ${429} | ${{ reason: 'Resources quota exceeded.' }}                                             | ${'quota/none'}
    ${'create'}          | ${429} | ${{ message: 'Resources quota exceeded.' }}                                            | ${'quota/none'}
    ${'create'}          | ${429} | ${{ reason: 'No available resources.' }}                                               | ${'no-resources/none'}
    ${'get'}             | ${429} | ${{ message: 'API rate limit exceeded' }}                                              | ${'throttle/none'}
    ${'get'}             | ${429} | ${''}                                                                                  | ${'throttle/none'}
    ${'create'}          | ${500} | ${{ reason: 'Internal error' }}                                                        | ${'server/maybe'}
    ${'create'}          | ${501} | ${{ reason: 'Not implemented' }}                                                       | ${'server/maybe'}
    ${'create'}          | ${503} | ${{ reason: 'Overloaded' }}                                                            | ${'server/maybe'}
    ${'create'}          | ${504} | ${{ reason: 'Gateway timeout. Check whether the resource is created.' }}               | ${'gateway-timeout/maybe'}
    ${'updateConverter'} | ${504} | ${''}                                                                                  | ${'gateway-timeout/maybe'}
    ${'get'}             | ${504} | ${''}                                                                                  | ${'gateway-timeout/none'}
    ${'list'}            | ${500} | ${''}                                                                                  | ${'server/none'}
    ${'get'}             | ${500} | ${{ code: 53, reason: 'the codes are those of recordings only' }}                      | ${'server/none'}
    ${'create'}          | ${200} | ${{ converter: {} }}                                                                   | ${'unreadable/maybe'}
  `('$call $status $body: $expected', ({ call, status, body, expected }) => {
    expect(meaning(call, status, body)).toBe(expected);
  });
});

describe('what is success', () => {
  it.each`
    call                 | status | body                 | expected
    ${'start'}           | ${200} | ${{}}                | ${true}
    ${'start'}           | ${200} | ${{ code: 0 }}       | ${true}
    ${'start'}           | ${200} | ${{ code: 200 }}     | ${true}
    ${'start'}           | ${200} | ${{ code: 65 }}      | ${false}
    ${'start'}           | ${201} | ${{ sid: 'x' }}      | ${false}
    ${'stop'}            | ${206} | ${{}}                | ${false}
    ${'stop'}            | ${204} | ${undefined}         | ${false}
    ${'deleteConverter'} | ${200} | ${undefined}         | ${true}
    ${'deleteConverter'} | ${204} | ${undefined}         | ${true}
    ${'create'}          | ${201} | ${{ converter: {} }} | ${true}
    ${'create'}          | ${304} | ${undefined}         | ${false}
  `('WR-6, MP-26: $call $status $body: $expected', ({ call, status, body, expected }) => {
    expect(isSuccess(call, status, body)).toBe(expected);
  });
});

describe('whatever comes is classified', () => {
  const status = fc.oneof(fc.integer({ min: 100, max: 599 }), fc.constantFrom(0, 999));
  const envelope = fc.record({ code: fc.oneof(fc.integer(), fc.jsonValue()), reason: fc.jsonValue() });
  const body = fc.oneof(
    fc.string(),
    fc.json(),
    envelope.map((value) => JSON.stringify(value)),
  );

  it('an acquire and a look have no effect, a 4xx without a code of its own has none, and a text is always there', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ALL_CALLS), status, body, (call, code, text) => {
        const verdict = classifyAnswer(call, code, text);
        if (call === 'acquire' || CALLS[call].look) expect(verdict.effect).toBe('none');
        if (code >= 400 && code < 500 && verdict.code === undefined) expect(verdict.effect).toBe('none');
        expect(verdict.text).not.toBe('');
      }),
    );
  });
});
