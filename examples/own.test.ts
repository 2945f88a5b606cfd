import { readFileSync } from 'node:fs'
import { f64, fn, grad, hessian, run, sum } from 'pullback'
import { reference } from 'pullback/backends/reference'
import { customRuleLaws, hold, opLaws, refutations } from 'pullback/laws'
import { describe, expect, test } from 'vitest'
import { squareplus, squareplusOp } from './own-op.js'
import { hasty, mended } from './own-rule.js'

describe('an op of one’s own', () => {
  for (const law of opLaws(squareplusOp)) test(law.name, () => hold(law, { runs: 20 }))

  test('with a wrong rule is refused', () => {
    const wrong = { ...squareplusOp, jvp: () => [null] }
    expect(refutations(opLaws(wrong), { runs: 20 }).length).toBeGreaterThan(0)
  })

  test('is an operation like any other: typed, differentiable twice', async () => {
    const f = fn({ x: f64(2) }, ({ x }) => sum(squareplus(x)))
    const on = { backend: reference }
    expect((await run(grad(f, 'x'), { x: [0, 1] }, on)).toNested()).toEqual([
      0.5,
      (1 + 1 / Math.sqrt(5)) / 2,
    ])
    const bend = await run(hessian(f, 'x'), { x: [1, -1] }, on)
    const at = 2 / 5 ** 1.5
    expect([...bend.data].map((x) => x.toFixed(12))).toEqual(
      [at, 0, 0, at].map((x) => x.toFixed(12)),
    )
  })

  test('is written with published entries alone', () => {
    const text = readFileSync(new URL('own-op.ts', import.meta.url), 'utf8')
    const from = [...text.matchAll(/from '([^']+)'/g)].map(([, path]) => path)
    expect(from).toEqual(['pullback/ops'])
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
