import { defineConfig } from 'vitest/config';

/** Every package runs its tests with this file, from its own folder. */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    passWithNoTests: true,
    retry: 0,
    // Only a hang takes this long; a busy machine must not fail a test that would pass.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: ['default', ['json', { outputFile: '.cache/vitest.json' }]],
  },
});
