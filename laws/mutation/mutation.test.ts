import { expect, test } from 'vitest'
import { backendLaws } from '../backend.js'
import { hold } from '../law.js'
import { kernelLaws } from './kernels.js'
import { type Caught, caught, opMutants, otherMutants, table } from './mutants.js'
import { rightBackend } from './others.js'

test('every wrong rule, pass and backend breaks a law', async () => {
  const mutants = [...opMutants(['sin', 'mul', 'sum', 'slice', 'dot']), ...otherMutants]
  const list: Caught[] = []
  for (const m of mutants) {
    const runs = /^(pass|kernels|handler|monad)/.test(m.name) ? 300 : 10
    list.push(await caught(m, { runs, seed: 1 }))
  }
  console.log(table(list))
  expect(list.filter((c) => c.law === undefined)).toEqual([])
  expect(list.length).toBeGreaterThanOrEqual(60)
  // Unchanged, kernels and backends are right: what was caught was the change.
  expect(kernelLaws((program) => program)[0].refute({ runs: 40, seed: 1 })).toBeUndefined()
  for (const law of backendLaws(rightBackend, { of: [] })) await hold(law, { runs: 10, seed: 1 })
})
