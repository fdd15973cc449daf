import { defineConfig } from 'vitest/config';

/** Tests against a real API server; see test/kubernetes/api-server.ts for where it comes from. */
const report = process.env['TEST_REPORT'];

export default defineConfig({
  test: {
    include: ['test/kubernetes/**/*.test.ts'],
    // Each file has a server of its own; one at a time keeps a small machine quick.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
  },
});
