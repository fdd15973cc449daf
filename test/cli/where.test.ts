import { mkdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type WhereFlags, whereOf } from '../../src/cli/where.ts';
import { run, scratch } from './child.ts';

interface Given {
  readonly flags?: WhereFlags;
  readonly env?: Readonly<Record<string, string>>;
  readonly plugin?: boolean;
}

const STATE = 'AGORA_RECONCILER_STATE';

describe('where a command looks, no state directory being here', () => {
  it.each<[string, Given, string]>([
    ['nothing said', {}, 'default'],
    ['--state', { flags: { state: 'a' } }, 'state'],
    ['--context', { flags: { context: 'a' } }, 'cluster'],
    ['--kubeconfig', { flags: { kubeconfig: 'a' } }, 'cluster'],
    ['--address', { flags: { address: 'a:1' } }, 'cluster'],
    ['KUBECONFIG', { env: { KUBECONFIG: 'a' } }, 'cluster'],
    ['an empty KUBECONFIG', { env: { KUBECONFIG: '' } }, 'default'],
    ['in a Pod', { env: { KUBERNETES_SERVICE_HOST: '10.0.0.1' } }, 'cluster'],
    ['kubectl agora', { plugin: true }, 'cluster'],
    ['kubectl agora --state', { plugin: true, flags: { state: 'a' } }, 'state'],
    [
      'kubectl agora, and a state in the environment',
      { plugin: true, flags: { state: 'a' }, env: { [STATE]: 'a' } },
      'cluster',
    ],
    ['a state in the environment', { flags: { state: 'a' }, env: { [STATE]: 'a', KUBECONFIG: 'b' } }, 'state'],
    ['--context beats that', { flags: { state: 'a', context: 'b' }, env: { [STATE]: 'a' } }, 'cluster'],
  ])('%s', (_what, { flags = {}, env = {}, plugin = false }, where) => {
    expect(whereOf(flags, { env, plugin })).toBe(where);
  });

  it('both at once are refused', () => {
    expect(() => whereOf({ state: 'a', context: 'b' }, { env: {} })).toThrow(/use one of them/);
  });
});

describe('as a command', () => {
  const bare = { KUBECONFIG: '', AGORA_RECONCILER_STATE: '', KUBERNETES_SERVICE_HOST: '' };

  it('a state directory that is here goes before KUBECONFIG', async () => {
    const cwd = await scratch();
    const env = { ...bare, KUBECONFIG: '/nonexistent/config' };
    expect((await run(['get'], { cwd, env })).stderr).toContain('the kubeconfig /nonexistent/config cannot be read');
    await mkdir(`${cwd}/.agora-reconciler`);
    expect((await run(['get'], { cwd, env })).stderr).toContain('no controller answered at');
  });

  it('flags of a cluster are refused where there is none', async () => {
    const cwd = await scratch();
    expect(await run(['get', '-l', 'a=b'], { cwd, env: bare })).toMatchObject({ code: 64, stdout: '' });
    expect(await run(['plan', '-f', cwd, '-n', 'media'], { cwd, env: bare })).toMatchObject({ code: 64, stdout: '' });
  });

  it('files mode loads nothing of Kubernetes', async () => {
    const cwd = await scratch();
    const spy = `data:text/javascript,${encodeURIComponent(`
      import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ load(url, context, next) { if (/kubernetes|cli\\/cluster\\//.test(url)) loaded.push(url); return next(url, context); } });
      process.on('exit', () => process._rawDebug('loaded ' + loaded.length));
    `)}`;
    await mkdir(`${cwd}/.agora-reconciler`);
    for (const args of [['get'], ['plan', '-f', cwd], ['explain', 'wpr/a'], ['validate', '-f', cwd]]) {
      const { stderr } = await run(args, { cwd, env: bare, node: ['--import', spy] });
      expect(stderr, args.join(' ')).toContain('loaded 0');
    }
  });
});
