import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { duration, endpoint, port, speed } from '../../src/config.ts';

describe('duration', () => {
  it.each([
    ['90', 90_000],
    ['90s', 90_000],
    ['1m30s', 90_000],
    ['1.5m', 90_000],
    ['500ms', 500],
    ['2h', 7_200_000],
    ['0', 0],
  ])('%s is %i ms', (text, ms) => expect(duration(text)).toBe(ms));

  it.each(['', ' ', '-1s', '1d', 's', '1m x', '1,5m', 'Infinity'])('%j is refused', (text) => {
    expect(() => duration(text)).toThrow(InvalidArgumentError);
  });
});

describe('speed', () => {
  it.each([
    ['1', 1],
    ['2.5', 2.5],
    ['20', 20],
  ])('%s', (text, value) => expect(speed(text)).toBe(value));

  it.each(['', '0', '0.9', '20.1', 'fast', 'NaN'])('%j is refused', (text) => {
    expect(() => speed(text)).toThrow(InvalidArgumentError);
  });
});

describe('port', () => {
  it.each(['0', '8080', '65535'])('%s', (text) => expect(port(text)).toBe(Number(text)));

  it.each(['', '-1', '65536', '80.5', '0x10'])('%j is refused', (text) => {
    expect(() => port(text)).toThrow(InvalidArgumentError);
  });
});

describe('endpoint', () => {
  it.each(['http://127.0.0.1:8080', 'http://localhost:1', 'http://[::1]:1', 'https://agora.example.com/proxy'])(
    '%s',
    (text) => expect(endpoint(text)).toBe(text),
  );

  it.each([
    '',
    'agora.example.com',
    'ftp://127.0.0.1',
    'http://agora.example.com',
    'http://127.0.0.1.example.com',
    'https://user@agora.example.com',
    'https://agora.example.com/?a=b',
  ])('%j is refused', (text) => {
    expect(() => endpoint(text)).toThrow(InvalidArgumentError);
  });
});
