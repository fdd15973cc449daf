import { defineConfig } from 'vitest/config';

/** A path in TEST_REPORT asks for a JSON report beside what a person reads; `.ci/run` counts from it. */
const report = process.env['TEST_REPORT'];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/kubernetes/**', 'test/browser/**'],
    // The default leaves one processor to the watcher; of two that is half.
    maxWorkers: '100%',
    // Nothing waits for real time, so a test that takes this long hangs; child processes on a busy machine may need it.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
  },
});
