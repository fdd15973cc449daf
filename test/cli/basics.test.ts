import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { linesOf, run } from './child.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

/** Tells at the end which packages were loaded. */
const SPY = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from 'node:module';
  const loaded = new Set();
  registerHooks({ load(url, context, next) {
    const name = /node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url);
    if (name) loaded.add(name[1]);
    return next(url, context);
  } });
  process.on('exit', () => process._rawDebug('loaded ' + [...loaded].join(' ')));
`)}`;

describe('version and crds', () => {
  it('version prints the version of the package, and loads nothing but the command parser', async () => {
    const { code, stdout, stderr } = await run(['version'], { node: ['--import', SPY] });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${version}\n`, stderr: 'loaded commander\n' });
  });

  it('crds prints the three definitions as kubectl takes them', async () => {
    const { code, stdout } = await run(['crds']);
    const documents = parseAllDocuments(stdout).map((document) => document.toJS());
    expect(code).toBe(0);
    expect(documents.map(({ kind, spec }) => `${kind} ${spec.names.kind}`)).toEqual([
      'CustomResourceDefinition AgoraProject',
      'CustomResourceDefinition WebPageRecording',
      'CustomResourceDefinition RtmpConverter',
    ]);
  });
});

describe('help', () => {
  it.each(
    'watch controller plan validate get explain support suspend resume reconcile prune simulate crds version'.split(
      ' ',
    ),
  )('%s -h tells what it does, with an example, in 80 columns', async (command) => {
    const { code, stdout, stderr } = await run([command, '-h']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: agora-reconciler ${command}`);
    expect(stdout).toMatch(new RegExp(`Examples:\n {2}agora-reconciler ${command}`));
    expect(linesOf(stdout).filter((line) => line.length > 80)).toEqual([]);
  });
});

describe('a wrong command line is one line and exit code 64', () => {
  it.each([
    ['no such command', ['nonsense']],
    ['no directory', ['watch']],
    ['an unknown flag', ['watch', 'x', '--twice']],
    ['a speed without --simulate', ['watch', 'x', '--speed', '2']],
    ['faults without --simulate', ['watch', 'x', '--faults', 'x.json']],
    ['a speed above 20', ['watch', 'x', '--simulate', '--speed', '21']],
    ['a cloud and an endpoint', ['watch', 'x', '--simulate', '--endpoint', 'http://127.0.0.1:1']],
    ['credentials in clear text over a network', ['watch', 'x', '--endpoint', 'http://agora.example.com']],
    ['credentials in a URL', ['watch', 'x', '--endpoint', 'https://user:pass@agora.example.com']],
    ['no duration', ['watch', 'x', '--timeout', 'soon']],
    ['no port', ['simulate', '--port', '65536']],
    ['notifications that nothing signs', ['simulate', '--notify-url', 'http://127.0.0.1:1/x']],
    ['no address', ['controller', '--metrics-bind-address', '8080']],
    ['no namespace', ['controller', '--watch-namespaces', 'media,Live']],
    ['no worker', ['controller', '--max-concurrent-reconciles', '0']],
    ['credentials in clear text from a cluster', ['controller', '--endpoint', 'http://agora.example.com']],
    ['a context without --server', ['validate', '-f', 'x', '--context', 'live']],
    ['nothing to suspend', ['suspend']],
  ])('%s', async (_what, args) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(linesOf(stderr)).toHaveLength(1);
    expect(stderr).toMatch(/^error: /);
  });
});
