import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Child, linesOf, quickstart, run, scratch } from './child.ts';

const FAST = ['--simulate', '--speed', '20'];

const ONE_ADDRESS = `apiVersion: agora-reconciler.dev/v1alpha1
kind: AgoraProject
metadata: { name: other, namespace: media }
spec:
  appId: aaaabbbbccccddddeeeeffff00001111
  credentialsSecretRef: { name: agora }
---
apiVersion: agora-reconciler.dev/v1alpha1
kind: RtmpConverter
metadata: { name: twice, namespace: media }
spec:
  projectRef: { name: other }
  region: eu
  redundancy:
    mode: Parallel
    outputs:
      - name: one
        rtmpUrlFrom: { secretKeyRef: { name: cdn, key: stage } }
      - name: two
        rtmpUrlFrom: { secretKeyRef: { name: cdn, key: stage } }
  transcodeOptions:
    rtcChannel: show68
    media: AudioOnly
`;

describe('watch --once', () => {
  it('ends with 0 when all is as declared or waits for a limit, and says that tasks go on running', async () => {
    const { directory, state } = await quickstart();
    const { code, stdout, stderr } = await run(['watch', directory, '--state', state, '--once', ...FAST]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/✓ recording {2}media\/keynote +Running/);
    expect(stdout).toMatch(/✓ recording {2}media\/workshop +OnHold/);
    expect(stdout).toMatch(/… converter .* WaitingForSlot +place 1, converter eu HD: 3 of/);
    expect(stdout).toContain('tasks go on running');
    expect(linesOf(stdout).filter((line) => line.length > 80)).toEqual([]);
    expect(stderr).not.toContain('demo');
    expect((await stat(state)).mode & 0o777).toBe(0o700);
  });

  it('ends with 1 where something is Stalled', async () => {
    const { directory, state } = await quickstart();
    await writeFile(join(directory, 'twice.yaml'), ONE_ADDRESS);
    const { code, stdout } = await run(['watch', directory, '--state', state, '--once', ...FAST]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/stalled: RtmpConverter\/media\/twice: InvalidSpec/);
  });

  it('ends with 1 and a located finding where a manifest is wrong; the others run', async () => {
    const { directory, state } = await quickstart();
    await writeFile(join(directory, 'broken.yaml'), 'apiVersion: agora-reconciler.dev/v1alpha1\nkind: [\n');
    const { code, stdout, stderr } = await run(['watch', directory, '--state', state, '--once', ...FAST]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/broken\.yaml:\d+:\d+: /);
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect(stdout).toMatch(/keynote +Running/);
  });

  it('ends with 4 where a Secret is missing until --timeout, on the clock of the run', async () => {
    const { directory, state } = await quickstart();
    await writeFile(join(directory, 'secrets.yaml'), '');
    const { code, stdout } = await run([
      ...['watch', directory, '--state', state, '--once', '--timeout', '120s'],
      ...FAST,
    ]);
    expect(code).toBe(4);
    expect(stdout).toMatch(/not settled: WebPageRecording\/media\/keynote: DependencyNotReady/);
    expect(stdout).toContain('not settled within 2 m');
  });

  it('ends with 1 where there is no manifest at all', async () => {
    const base = await scratch();
    const { code } = await run(['watch', base, '--state', join(base, '.state'), '--once', ...FAST]);
    expect(code).toBe(1);
  });
});

describe('watch', () => {
  it('ends in order at Ctrl-C, and tells how things fare in JSON lines', async () => {
    const { directory, state } = await quickstart();
    const child = new Child(['watch', directory, '--state', state, '--log-format', 'json', ...FAST]);
    await child.says(/keynote","state":"Running"/);
    child.process.kill('SIGINT');
    const { code, stdout, stderr } = await child.ended();
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    for (const line of linesOf(stderr))
      expect(JSON.parse(line)).toMatchObject({ level: 'info', time: expect.any(String) });
  });

  it('refuses a state directory that another process uses, in one line', async () => {
    const { directory, state } = await quickstart();
    const first = new Child(['watch', directory, '--state', state, ...FAST]);
    await first.says(/watching/);
    const { code, stderr } = await run(['watch', directory, '--state', state, ...FAST]);
    expect(code).toBe(2);
    expect(linesOf(stderr)).toEqual([expect.stringMatching(/in use by process \d+ .*--state/)]);
  });

  it('refuses the state of a rehearsal for Agora, and begins a rehearsal anew', async () => {
    const { directory, state } = await quickstart();
    const rehearse = ['watch', directory, '--state', state, '--once', ...FAST];
    expect((await run(rehearse)).code).toBe(0);
    expect((await run(rehearse)).code).toBe(0);
    const { code, stderr } = await run(['watch', directory, '--state', state]);
    expect(code).toBe(2);
    expect(linesOf(stderr)).toEqual([expect.stringMatching(/belongs to a rehearsal/)]);
  });

  it.each([
    ['does not exist', (base: string) => join(base, 'nowhere')],
    ['is not a directory', (base: string) => join(base, 'manifests', 'project.yaml')],
  ])('a directory that %s is one line and exit code 2', async (why, path) => {
    const { directory, state } = await quickstart();
    const { code, stderr } = await run(['watch', path(join(directory, '..')), '--state', state, ...FAST]);
    expect(code).toBe(2);
    expect(linesOf(stderr)).toEqual([expect.stringContaining(why)]);
  });
});

describe('simulate', () => {
  it('serves a cloud whose speed watch adopts', async () => {
    const { directory, state } = await quickstart();
    const cloud = new Child(['simulate', '--port', '0', '--speed', '20']);
    const [, url = ''] = await cloud.says(/cloud: (http:\S+) \(20 times faster\)\n/);
    const settled = await run(['watch', directory, '--state', state, '--endpoint', url, '--once']);
    expect(settled.code).toBe(0);
    const { live } = (await (await fetch(`${url}/_simulator/audit`)).json()) as { readonly live: readonly unknown[] };
    expect(live).toHaveLength(6);

    cloud.process.kill('SIGTERM');
    expect((await cloud.ended()).code).toBe(0);
  });

  it('a second Ctrl-C ends watch at once', async () => {
    const { directory, state } = await quickstart();
    // On the machine's own clock, so that the hanging call outlasts the slowest machine's way to the second signal.
    const cloud = new Child(['simulate', '--port', '0']);
    const [, url = ''] = await cloud.says(/cloud: (http:\S+)/);
    await fetch(`${url}/_simulator/faults`, {
      method: 'POST',
      body: '{"kind":"lost-request","match":{"call":"list"}}',
    });
    const child = new Child(['watch', directory, '--state', state, '--endpoint', url]);
    await child.says(/watching/);
    await until(async () => {
      const { faults } = (await (await fetch(`${url}/_simulator/faults`)).json()) as {
        readonly faults: readonly { readonly hits: number }[];
      };
      return (faults[0]?.hits ?? 0) > 0;
    });
    child.process.kill('SIGINT');
    await child.says(/ending/);
    child.process.kill('SIGINT');
    expect((await child.ended()).code).toBe(130);
    cloud.process.kill('SIGTERM');
    await cloud.ended();
  });

  it('a port that is in use is one line and exit code 2', async () => {
    const first = new Child(['simulate', '--port', '0']);
    const [, port = ''] = await first.says(/http:\/\/127\.0\.0\.1:(\d+)\n/);
    const { code, stderr } = await run(['simulate', '--port', port]);
    expect(code).toBe(2);
    expect(linesOf(stderr)).toEqual([expect.stringContaining('is in use')]);
  });
});

async function until(reached: () => Promise<boolean>): Promise<void> {
  while (!(await reached())) await new Promise((resolve) => setTimeout(resolve, 50));
}
