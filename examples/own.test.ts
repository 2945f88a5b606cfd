import { describe, expect, test } from 'vitest'
import { customRuleLaws, hold, opLaws, refutations } from '../laws/index.js'
import { softsignOp } from './own-op.js'
import { hasty, mended } from './own-rule.js'

describe('an op of one’s own', () => {
  for (const law of opLaws(softsignOp)) test(law.name, () => hold(law, { runs: 20 }))

  test('with a wrong rule is refused', () => {
    const wrong = { ...softsignOp, jvp: () => [null] }
    expect(refutations(opLaws(wrong), { runs: 20 }).length).toBeGreaterThan(0)
  })
})

describe('a rule of one’s own', () => {
  test('that is wrong is refused, with the law, the distance and the program', () => {
    const found = refutations(customRuleLaws(hasty), { runs: 20, seed: 1 })
    const names = found.map(({ law }) => law.name.split(': ').at(-1))
    expect(names).toContain('the jvp agrees with differences')
    expect(found[0].measured?.ulps).toBeGreaterThan(1e10)
    expect(found[0].counterexample).toContain('customJvp')
  })

  for (const law of customRuleLaws(mended)) test(law.name, () => hold(law, { runs: 20 }))
})
