import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../scripts/kill-nine.ts', import.meta.url));

it('kill -9 at random moments of a rollout loses nothing and starts nothing twice unseen', {
  timeout: 120_000,
}, async () => {
  const child = spawn(process.execPath, [script, '--kills', '4', '--seed', '7'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (part) => {
      said += String(part);
    });
  }
  await once(child, 'close');
  expect(said).not.toContain('must be');
  expect(child.exitCode).toBe(0);
});
