import { defineConfig } from 'vitest/config'

/** What mutants of the ops and the interpreters are put to: their own tests and the laws. */
export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    include: ['lib/{ops,interpret}/**/*.test.ts'],
    testTimeout: 60_000,
    setupFiles: ['./vitest.setup.ts'],
    maxWorkers: 1,
  },
})
