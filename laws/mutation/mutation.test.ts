import { expect, test } from 'vitest'
import { caught, opMutants, otherMutants, table } from './mutants.js'

test('every wrong rule, pass and backend breaks a law', () => {
  const mutants = [...opMutants(['sin', 'mul', 'sum', 'slice', 'dot']), ...otherMutants]
  const list = mutants.map((m) =>
    caught(m, { runs: m.name.startsWith('pass') ? 300 : 10, seed: 1 }),
  )
  console.log(table(list))
  expect(list.filter((c) => c.law === undefined)).toEqual([])
  expect(list.length).toBeGreaterThanOrEqual(60)
})
