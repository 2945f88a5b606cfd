import { defineConfig } from 'vitest/config'

/** What mutants of the ops and the interpreters are put to: their own tests and the laws. */
export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    include: ['lib/{ops,interpret}/**/*.test.ts'],
    testTimeout: 300_000,
    setupFiles: ['./vitest.setup.ts', './mutation/setup.ts'],
    maxWorkers: 1,
  },
})
