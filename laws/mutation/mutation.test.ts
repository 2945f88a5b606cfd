import { expect, test } from 'vitest'
import { kernelLaws } from './kernels.js'
import { caught, opMutants, otherMutants, table } from './mutants.js'

test('every wrong rule, pass and backend breaks a law', () => {
  const mutants = [...opMutants(['sin', 'mul', 'sum', 'slice', 'dot']), ...otherMutants]
  const list = mutants.map((m) =>
    caught(m, { runs: /^(pass|kernels|handler|monad)/.test(m.name) ? 300 : 10, seed: 1 }),
  )
  console.log(table(list))
  expect(list.filter((c) => c.law === undefined)).toEqual([])
  expect(list.length).toBeGreaterThanOrEqual(60)
  // Unchanged, the kernels are right: what was caught was the change.
  expect(kernelLaws((program) => program)[0].refute({ runs: 40, seed: 1 })).toBeUndefined()
})
