import { defineConfig } from 'vitest/config';

/** The page watch script in a real Chromium; see test/browser/chromium.ts for where it comes from. */
const report = process.env['TEST_REPORT'];

export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    maxWorkers: '100%',
    // Pages take real time, and several take theirs at once; a busy machine gets more of it.
    maxConcurrency: 4,
    testTimeout: 300_000,
    // Real time and a real browser: on a starved machine a page can miss its own heartbeats. A mistake fails each time.
    retry: 2,
    hookTimeout: 120_000,
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
  },
});
