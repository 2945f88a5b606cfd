/**
 * What is stored rather than computed again, and the other way round.
 */
import { describe, expect, test } from 'vitest'
import { f64, func } from '../ops/control/laws.fixture.js'
import { broadcastTo, constant, exp, iota, mul, neg, reshape } from '../ops/index.js'
import type { Term } from '../term/index.js'
import { interpreters } from './index.js'

describe('split stores', () => {
  const stored = (body: (x: Term, w: Term) => Term) => {
    const f = func([f64(2), f64(2)], (x, w) => [body(x, w)])
    const parts = interpreters.split(f, [false, true])
    return { shapes: parts.residuals.map((r) => r.shape), unknown: parts.unknown }
  }

  test('what the unknown part takes, once', () => {
    const { shapes, unknown } = stored((x, w) => mul(mul(x, exp(w)), exp(w)))
    expect(shapes).toEqual([[2]])
    expect(unknown.nodes.map((n) => n.op.name)).toEqual(['mul', 'mul'])
  })

  test('no broadcast and no reshape, but what they are of', () => {
    expect(stored((x, w) => mul(broadcastTo(x, [3, 2]), broadcastTo(w, [3, 2]))).shapes).toEqual([
      [2],
    ])
    expect(stored((x, w) => mul(reshape(x, [2, 1]), reshape(w, [2, 1]))).shapes).toEqual([[2]])
    const { unknown } = stored((x, w) => mul(reshape(x, [2, 1]), reshape(w, [2, 1])))
    expect(unknown.nodes.map((n) => n.op.name)).toEqual(['reshape', 'reshape', 'mul'])
  })

  test('no literal, but what is computed of literals', () => {
    const two = constant([2, 2], [2], 'f64')
    expect(stored((x) => mul(x, two)).shapes).toEqual([])
    expect(stored((x) => mul(x, exp(two))).shapes).toEqual([[2]])
    expect(stored((x) => mul(x, neg(iota(2, 'f64')))).shapes).toEqual([[2]])
  })
})
