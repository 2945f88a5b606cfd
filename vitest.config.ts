import { existsSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

/**
 * Where Debian puts SwiftShader's driver, for machines without a GPU. Named here, in the main
 * process, because a worker would be too late.
 */
const softwareGpu = '/usr/lib/chromium/vk_swiftshader_icd.json'
if (process.env.VK_ADD_DRIVER_FILES === undefined && existsSync(softwareGpu)) {
  process.env.VK_ADD_DRIVER_FILES = softwareGpu
}

/** Tests that open devices of WebGPU. */
const onDevice = [
  'backends/webgpu/**/*.test.ts',
  'backends/auto.test.ts',
  'bench/gpu.test.ts',
  'cli/explain/profile.test.ts',
  'laws/device.test.ts',
]

export default defineConfig({
  // README and the examples import the package by its name.
  resolve: { tsconfigPaths: true },
  test: {
    testTimeout: 180_000,
    setupFiles: ['./vitest.setup.ts'],
    reporters: ['default', 'json'],
    outputFile: { json: 'reports/tests.json' },
    projects: [
      {
        // Pure functions: no test changes what another sees, so a worker loads the modules once.
        extends: true,
        test: {
          name: 'language',
          include: ['{lib,effects}/**/*.test.ts'],
          isolate: false,
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'main',
          include: ['{backends,laws,examples,cli,bench}/**/*.test.ts'],
          exclude: ['**/node_modules/**', ...onDevice],
          maxWorkers: 2,
        },
      },
      {
        // One process for all, since each opens devices; behind the others, which want both cores.
        extends: true,
        test: {
          name: 'webgpu',
          include: [...onDevice],
          pool: 'forks',
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
