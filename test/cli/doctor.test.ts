import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type DoctorOptions, doctorCommand } from '../../src/cli/doctor.ts';
import type { Report } from '../../src/doctor/report.ts';
import { converter, project, recording, running, stored } from '../plan/builders.ts';
import { Child, linesOf, quickstart, run } from './child.ts';
import { inDirectory, type Ran, ran, writeState } from './commands.ts';

/** Somebody at the endpoint who knows nothing: no network is asked. */
async function endpointOf(status: number): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status).end('{}')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const doctor = (options: Partial<DoctorOptions>, env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  ran((io) => doctorCommand({ strict: false, timeoutMs: 60_000, ...options }, io), { env });

const reportOf = ({ out }: Ran): Report => JSON.parse(out) as Report;
const findingsOf = (report: Report, check: string): readonly string[] =>
  report.findings.filter((finding) => finding.check === check).map(({ verdict, fact }) => `${verdict}: ${fact}`);

describe('MP-27 doctor on a state directory', () => {
  const examined = (options: Partial<DoctorOptions> = {}, env = {}): Promise<Ran> =>
    inDirectory(async (directory) => {
      const stopped = stored(recording('stopped', { desiredState: 'Stopped' }));
      const other = stored(converter('elsewhere'));
      const resources = [
        stored(project()),
        running(recording('keynote')),
        stopped,
        { ...other, metadata: { ...other.metadata, namespace: 'quiet' } },
      ];
      const state = await writeState(`${directory}/state`, resources);
      return doctor({ state, endpoint: await endpointOf(401), output: 'json', ...options }, env);
    });

  it('a state holds no Secrets, so that what hangs on them is skipped, not failed', async () => {
    const report = reportOf(await examined());
    expect(findingsOf(report, 'secrets')[0]).toBe(
      'skip: Secret agora, key customerId (spec.credentialsSecretRef of AgoraProject live): a state holds no values of Secrets',
    );
    expect(findingsOf(report, 'credentials')).toEqual(['skip: not tried: they are not at hand']);
    expect(findingsOf(report, 'controller')).toEqual([expect.stringMatching(/^warn: no watch answers for the state /)]);
  });

  it('the environment serves references as for watch', async () => {
    const env = { AGORA_SECRET_MEDIA_AGORA_CUSTOMERID: 'i', AGORA_SECRET_MEDIA_AGORA_CUSTOMERSECRET: 's' };
    const ended = await examined({}, env);
    expect(findingsOf(reportOf(ended), 'credentials')).toEqual([expect.stringMatching(/^fail: Agora refuses them/)]);
    expect(ended.code).toBe(1);
  });

  it.each([
    [undefined, ['fail: RtmpConverter quiet/elsewhere names AgoraProject live, which is not there']],
    ['media', []],
  ])('-n %s', async (namespace, strays) => {
    const report = reportOf(await examined(namespace === undefined ? {} : { namespace }));
    expect(findingsOf(report, 'reference')).toEqual(strays);
  });

  it('a timer or connection that is left does not keep the command', async () => {
    const { directory } = await quickstart();
    const endpoint = await endpointOf(500);
    const { code, stdout } = await run(['doctor', '-f', directory, '--endpoint', endpoint], { cwd: directory });
    expect(code).toBe(1);
    expect(linesOf(stdout).at(-1)).toMatch(/passed, .*failed/);
  });
});

describe('MP-27 doctor beside a running watch', () => {
  it('a signed notice is taken over the wire, a forged one refused, and the watch is known', {
    timeout: 60_000,
  }, async () => {
    const { directory, state } = await quickstart();
    const flags = ['--ingress-bind-address', '127.0.0.1:0', '--log-format', 'json'];
    const child = new Child(['watch', directory, '--state', state, '--simulate', '--speed', '20', ...flags]);
    const [, port = ''] = await child.says(/"port":(\d+)[^\n]*listening for notifications/);
    const publicUrl = `http://127.0.0.1:${port}`;
    const endpoint = await endpointOf(404);
    const report = reportOf(await doctor({ filename: [directory], state, endpoint, publicUrl, output: 'json' }));
    expect(findingsOf(report, 'controller')).toEqual([expect.stringMatching(/^pass: a watch works on the state /)]);
    expect(findingsOf(report, 'notifications')).toEqual([
      'pass: a signed notice of Cloud Recording is taken',
      'pass: a wrong signature is refused (401)',
      'pass: a signed notice of Media Push is taken',
      'pass: a wrong signature is refused (401)',
    ]);
    expect(findingsOf(report, 'public-url')).toEqual([expect.stringContaining('is reached from this machine only')]);
  });
});

describe('MP-27 doctor where it cannot run', () => {
  it.each([
    ['no state directory', { state: '/nowhere' }, 2, 'there is no state directory /nowhere'],
    ['no such file', { filename: ['/nowhere.yaml'] }, 2, '/nowhere.yaml does not exist'],
    ['-n and -A', { namespace: 'media', allNamespaces: true }, 64, '-n names one namespace'],
    ['files and a cluster', { state: '/nowhere', context: 'live' }, 64, '--state is for files'],
  ])('%s: %i', async (_what, options, code, text) => {
    expect(await doctor(options)).toEqual({ code, out: '', err: expect.stringContaining(text) });
  });

  it('nothing is declared: 2', async () => {
    const ended = await inDirectory((directory) => doctor({ filename: [directory], state: `${directory}/state` }));
    expect(ended).toMatchObject({ code: 2, err: 'there is nothing to examine: no AgoraProject is declared\n' });
  });

  it('ended by Ctrl-C: 130', async () => {
    const { directory } = await quickstart();
    const interrupted = AbortSignal.abort(new Error('interrupted'));
    const endpoint = await endpointOf(500);
    const ended = await ran(
      (io) => doctorCommand({ filename: [directory], strict: false, timeoutMs: 60_000, endpoint }, io),
      { signal: interrupted },
    );
    expect(ended.code).toBe(130);
  });
});
