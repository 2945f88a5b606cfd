/**
 * The kits under each runner: vitest (here), node:test (in a process of its own), fast-check alone.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cos, customJvp, f64, fn, mul, neg, sin } from '../lib/index.js'
import { customRuleLaws, derivativeLaws, hold } from './index.js'

const wave = fn({ x: f64(3) }, ({ x }) => sin(x))
const wrong = customJvp(wave, ({ x }, tangents) => mul(tangents.x, neg(cos(x))))
const differences = customRuleLaws(wrong).filter((l) =>
  l.name.endsWith('the jvp agrees with differences'),
)

describe('under vitest', () => {
  for (const law of derivativeLaws(wave)) test(law.name, () => hold(law, { runs: 5, seed: 1 }))

  test('a broken law throws its report', () => {
    expect(() => hold(differences[0], { runs: 5, seed: 1 })).toThrow(
      /the jvp agrees with differences\nis broken: tangent 0\[\d\] and a difference: .* ulps apart[\s\S]*seed 1/,
    )
  })
})

test('under node:test', () => {
  const file = fileURLToPath(new URL('runners.fixture.ts', import.meta.url))
  const options = ['--import', 'tsx', '--test', '--test-reporter=tap', file]
  // A test of a test runner: it must not think itself a child of another.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const { stdout, status } = spawnSync(process.execPath, options, { encoding: 'utf8', env })
  expect(stdout).toMatch(/ok \d+ - right: .*the jvp agrees with differences/)
  expect(stdout).toMatch(/not ok \d+ - wrong: .*the jvp agrees with differences/)
  expect(stdout).toContain('as TypeScript:')
  expect(status).toBe(1)
})

describe('as plain properties of fast-check', () => {
  test('that hold', () => {
    for (const law of derivativeLaws(wave)) fc.assert(law.property(), { numRuns: 5, seed: 1 })
  })

  test('that fail, shrunk by fast-check itself', () => {
    const found = fc.check(differences[0].property(), { numRuns: 5, seed: 1 })
    expect(found.failed).toBe(true)
    expect(found.numShrinks).toBeGreaterThan(0)
  })
})
