import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { createLogger, type LogOptions } from '../../src/observability/pino.ts';

function logger(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const log = createLogger({
    level: 'info',
    format: 'text',
    output: { write: (text) => lines.push(text) },
    now: () => Date.parse('2026-01-01T10:00:05Z'),
    ...options,
  });
  return { log, lines };
}

describe('log lines', () => {
  it('text: time, level, message, fields', () => {
    const { log, lines } = logger();
    log.warn({ appId: 'a', cap: 5, because: 'two words' }, 'the cap fell');
    expect(lines).toEqual(['10:00:05 warn  the cap fell appId=a cap=5 because="two words"\n']);
  });

  it('text: how a resource fares reads as a sentence', () => {
    const { log, lines } = logger();
    log.info({ resource: 'WebPageRecording/media/keynote', state: 'Running', note: 'it runs' }, 'state');
    expect(lines).toEqual(['10:00:05 info  WebPageRecording/media/keynote Running: it runs\n']);
  });

  it('JSON: one object a line, by the clock of the run', () => {
    const { log, lines } = logger({ format: 'json' });
    log.info({ resource: 'a' }, 'state');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { level: 'info', time: '2026-01-01T10:00:05.000Z', resource: 'a', message: 'state' },
    ]);
  });

  it('below the level nothing is written', () => {
    const { log, lines } = logger();
    log.debug({}, 'a pass');
    expect(lines).toEqual([]);
  });

  it.each(['text', 'json'] as const)('%s: an error with its stack, a secret never', (format) => {
    const { log, lines } = logger({ format });
    log.error({ error: new TypeError('x is not there'), url: new Secret('rtmp://canary') }, 'the pass failed');
    expect(lines.join('')).toMatch(/TypeError: x is not there[^]*at /);
    expect(lines.join('')).not.toContain('canary');
  });
});
