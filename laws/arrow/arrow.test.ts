import { describe, expect, test } from 'vitest'
import { composeOf, fanoutOf, parallelOf } from '../../lib/lang/arrow.js'
import { hold, refutations } from '../law.js'
import { categoryLaws } from './category.js'
import { functorLaws } from './derivative.js'

describe('functions are a category with products', () => {
  for (const law of categoryLaws()) test(law.name, () => hold(law, { runs: 6 }))

  const own = { compose: composeOf, fanout: fanoutOf, parallel: parallelOf }
  test.each([
    ['composition the other way', { ...own, compose: (f, g) => composeOf(g, f) }],
    ['pairs swapped', { ...own, fanout: (f, g) => fanoutOf(g, f) }],
    ['the second of a product left as the first', { ...own, parallel: (f) => parallelOf(f, f) }],
  ] as const satisfies readonly (readonly [string, typeof own])[])('%s breaks it', (_, arrows) => {
    expect(refutations(categoryLaws(arrows), { runs: 20, seed: 1 })).not.toEqual([])
  })
})

describe('differentiation is a functor', () => {
  for (const law of functorLaws()) test(law.name, () => hold(law, { runs: 8 }))
})
