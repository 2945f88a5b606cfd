import { expect, it } from 'vitest'
import { fuzz } from './fuzz.js'

it('random programs, their gradients and tangents, compiled, mean what the reference says', () => {
  const { compared, open, skipped, failure } = fuzz({ runs: 100, seed: 20 })
  expect(failure).toBeUndefined()
  expect([...skipped.keys()].filter((why) => why.includes('no kernel'))).toEqual([])
  // Most entries must be settled by the program, or the comparison would say little.
  expect(compared).toBeGreaterThan(2000)
  expect(open).toBeLessThan(compared / 20)
}, 300_000)
