/**
 * Custom derivatives while developing: wrong ones are refused where they are defined.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import * as development from '../development.js'
import { soft, tooSteep } from '../examples/own-rule.js'
import * as production from '../index.js'

const { cos, f64, fn, grad, log, mul, sin, sqrt, sum } = development
const { customJvp, customVjp } = development
const wave = fn({ x: f64(3) }, ({ x }) => sin(x))

describe('while developing', () => {
  test('a wrong tangent is refused, with the law, the distance, the input and the way out', () => {
    const define = () => customJvp(soft, tooSteep)
    expect(define).toThrow(/agrees with differences\nis broken: tangent 0\[\d\] and a difference/)
    expect(define).toThrow(/ulps apart[\s\S]*seed 1[\s\S]*import \{ .*customJvpOp/)
    expect(define).toThrow(/\nMend the rule; .* write \{ laws: false \} behind it$/)
  })

  test('one that is not linear is told so, forward and in reverse', () => {
    const squared = (laws: boolean) =>
      customJvp(wave, ({ x }, t) => mul(mul(t.x, t.x), cos(x)), { laws })
    expect(() => squared(true)).toThrow(/: the tangent map is linear\nis broken/)
    const f = squared(false)
    expect(() =>
      grad(
        fn({ x: f64(3) }, ({ x }) => sum(f({ x }))),
        'x',
      ),
    ).toThrow(/refuse\.test\.ts:\d+:\d+: 'mul' is not linear in what it is given here/)
  })

  test('a wrong cotangent is refused', () => {
    const define = () =>
      customVjp(
        wave,
        ({ x }) => [sin(x), x],
        (x, ct) => ({ x: mul(ct, sin(x)) }),
      )
    expect(define).toThrow('the vjp agrees with differences')
  })

  test('right ones pass, where f has values for some interval too', () => {
    const f = fn({ x: f64('n') }, ({ x }) => log(sqrt(x)))
    expect(customJvp(f, ({ x }, t) => development.div(t.x, mul(x, 2))).inputs).toBe(f.inputs)
    expect(() => customJvp(f, ({ x }, t) => development.div(t.x, x))).toThrow('is broken')
    const g = customVjp(
      wave,
      ({ x }) => [sin(x), x],
      (x, ct) => ({ x: mul(ct, cos(x)) }),
    )
    expect(g.inputs).toBe(wave.inputs)
  })

  test('one that means to differ says so; inside another function its tensors may be used', () => {
    expect(() => customJvp(soft, tooSteep, { laws: false })).not.toThrow()
    const outer = fn({ w: f64(3) }, ({ w }) => {
      const inner = fn({ x: f64(3) }, ({ x }) => mul(sin(x), w))
      return customJvp(inner, ({ x }, t) => mul(mul(t.x, cos(x)), w))({ x: w })
    })
    expect(outer.result.shape).toEqual([3])
    expect(() =>
      fn({ w: f64(3) }, ({ w }) => {
        const inner = fn({ x: f64(3) }, ({ x }) => mul(sin(x), w))
        return customJvp(inner, ({ x }, t) => mul(t.x, cos(x)))({ x: w })
      }),
    ).toThrow('is broken')
  })
})

test('in production nothing is checked, nor loaded for it', () => {
  expect(() => production.customJvp(soft, tooSteep)).not.toThrow()
  expect(Object.keys(development).sort()).toEqual(Object.keys(production).sort())
  const entry = readFileSync(new URL('../index.ts', import.meta.url), 'utf8')
  expect(entry).not.toContain('laws')
})
