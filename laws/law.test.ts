import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hold, law, refutations } from './law.js'
import { agreed, compared } from './measured.js'

const small = law('numbers are below 10', 'by example', fc.nat(1000), (n) =>
  compared('n', Math.max(n, 10), 10, 1, 0),
)
const never = law('nothing', 'by example', fc.nat(), () => undefined)
const always = law('anything', 'by example', fc.nat(), () => agreed('it'))

describe('a law', () => {
  test('that holds is not refuted', () => {
    expect(refutations([always, always])).toEqual([])
    expect(() => hold(always)).not.toThrow()
  })

  test('that fails gives the smallest counterexample, and the way back to it', () => {
    const found = small.refute({ runs: 500, seed: 3 })
    expect(found?.counterexample).toBe('11')
    expect(found?.measured).toMatchObject({ where: 'n', found: 11, wanted: 10, ulps: 1 })
    expect(small.refute({ seed: 3, path: found?.path ?? '' })?.counterexample).toBe('11')
  })

  test('says which law, where, how far off, at what, and the seed', () => {
    expect(() => hold(small, { runs: 500, seed: 3 })).toThrow(
      /numbers are below 10\nis broken: n: 11 and 10 are 1 ulps apart; 0 are allowed\nat 11\nsource: by example\nrun \d+, seed 3, path '/,
    )
  })

  test('of which no run decides anything is refuted', () => {
    expect(never.refute({ runs: 5 })?.reason).toBe('none of 5 runs could decide it')
  })

  test('is a property of fast-check', () => {
    fc.assert(always.property())
    expect(fc.check(small.property(), { numRuns: 500 }).failed).toBe(true)
  })
})
