import { defineConfig } from 'vitest/config'

export default defineConfig({
  // README and the examples import the package by its name.
  resolve: { tsconfigPaths: true },
  test: {
    include: ['{lib,effects,backends,laws,examples,cli,bench}/**/*.test.ts'],
    testTimeout: 180_000,
    maxWorkers: 2,
    reporters: ['default', 'json'],
    outputFile: { json: 'reports/tests.json' },
  },
})
