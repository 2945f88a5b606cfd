import { describe, expect, test } from 'vitest'
import { arrayFrom } from '../../data/index.js'
import { interpreters, vjp } from '../../interpret/index.js'
import { close, type Func, inline, parameter, type Term } from '../../term/index.js'
import { add, convert, div, mul, sub } from '../arithmetic.js'
import { broadcastTo, sumAxes } from '../broadcast.js'
import { gt, lt } from '../compare.js'
import { constant } from '../constant.js'
import { exp } from '../exponential.js'
import { tanh } from '../hyperbolic.js'
import { and } from '../logic.js'
import { scalar, zeros } from '../operand.js'
import { cos, sin } from '../trigonometric.js'
import { checkpoint, cond, customJvp, customVjp, forLoop, scan, whileLoop } from './index.js'
import {
  adjointLaw,
  allLaws,
  array,
  batchLaw,
  derivativesOf,
  evaluate,
  expectClose,
  f64,
  func,
  num,
  random,
  tangentLaw,
} from './laws.fixture.js'

/** The derivative of a scalar function at x, which may use terms from outside. */
function slope(f: (x: Term) => Term, x: Term): Term {
  const param = parameter({ name: 'slope' }, 'x', x)
  const { func: body, captures } = close('slope', [param], [f(param)])
  const { func: forward, active } = interpreters.jvp(
    body,
    body.params.map((_, i) => i === 0),
  )
  const one = scalar(1, 'f64')
  return active[0] ? inline(forward, [x, ...captures, one])[1] : zeros(x)
}

/** The same by reverse mode. */
function pull(f: (x: Term) => Term, x: Term): Term {
  const param = parameter({ name: 'pull' }, 'x', x)
  const { func: body, captures } = close('pull', [param], [f(param)])
  const back = vjp(
    body,
    body.params.map((_, i) => i === 0),
    interpreters,
  )
  const one = back.active[0] ? [scalar(1, 'f64')] : []
  return back.nonzero[0] ? inline(back.func, [x, ...captures, ...one])[1] : zeros(x)
}

/** f on each row of x, at once; f may use terms from outside. */
function vmap(f: (x: Term) => Term, x: Term): Term {
  const param = parameter({ name: 'vmap' }, 'x', { dtype: x.dtype, shape: x.shape.slice(1) })
  const { func: body, captures } = close('vmap', [param], [f(param)])
  const flags = body.params.map((_, i) => i === 0)
  const many = interpreters.batch(body, flags, x.shape[0])
  const [out] = inline(many.func, [x, ...captures])
  return many.batched[0] ? out : broadcastTo(out, [x.shape[0], ...out.shape])
}

const repeat = (n: number, f: (x: Term) => Term, x: Term): Term =>
  scan(([c]) => ({ carry: [f(c)] }), [x], [], { length: n }).carry[0]

const whileTimes = (n: number, f: (x: Term) => Term, x: Term): Term =>
  whileLoop(
    ([k]) => lt(k, n),
    ([k, c]) => [add(k, 1), f(c)],
    [scalar(0, 'i32'), x],
  )[1]

const branch = (f: (x: Term) => Term, x: Term): Term =>
  cond(
    gt(x, -100),
    ([a]) => [f(a)],
    ([a]) => [a],
    [x],
  )[0]

const passes: readonly (readonly [string, (f: (x: Term) => Term, x: Term) => Term])[] = [
  ['scan', (f, x) => repeat(1, f, x)],
  ['while', (f, x) => whileTimes(1, f, x)],
  ['cond', branch],
  ['checkpoint', (f, x) => checkpoint(([a]) => [f(a)], [x])[0]],
]

describe('perturbations stay apart', () => {
  test.each(passes)('through %s', (_, through) => {
    // d/dx x · (d/dy x·y)(1) = 2x, and d/dx x · (d/dy (x + y))(1) = 1.
    for (const inner of [slope, pull]) {
      for (const outer of [slope, pull]) {
        const one = constant([1], [], 'f64')
        const product = func([f64()], (at) => [
          outer(
            (x) =>
              mul(
                x,
                inner((y) => through((z) => mul(x, z), y), one),
              ),
            at,
          ),
        ])
        const sum = func([f64()], (at) => [
          outer(
            (x) =>
              through(
                (v) =>
                  mul(
                    v,
                    inner((y) => add(x, y), one),
                  ),
                x,
              ),
            at,
          ),
        ])
        expectClose(evaluate(product, [num(3)]), [num(6)])
        expectClose(evaluate(sum, [num(3)]), [num(1)])
      }
    }
  })

  test.each(passes)('third derivatives through %s', (_, through) => {
    const f = (x: Term) => through((v) => exp(mul(sin(v), v)), x)
    const direct = (x: Term) => exp(mul(sin(x), x))
    for (const [a, b, c] of [
      [slope, slope, slope],
      [pull, pull, pull],
      [slope, pull, slope],
      [pull, slope, pull],
    ]) {
      const third = (g: (x: Term) => Term) =>
        func([f64()], (at) => [a((x) => b((y) => c(g, y), x), at)])
      expectClose(evaluate(third(f), [num(0.7)]), evaluate(third(direct), [num(0.7)]), 1e-10)
    }
  })
})

describe('compositions', () => {
  test('grad of scan of vmap of cond of jvp', () => {
    const f = func([f64(2), f64(3, 2)], (w, xs) => {
      const out = scan(
        ([c], [x]) => {
          const moved = vmap(
            (v) =>
              cond(
                gt(v, 0),
                ([a]) => [slope((t) => mul(sin(t), sumAxes(w, [0])), a)],
                ([a]) => [mul(a, a)],
                [v],
              )[0],
            add(c, x),
          )
          return { carry: [tanh(moved)], ys: [mul(moved, w)] }
        },
        [w],
        [xs],
      )
      return [...out.carry, ...out.ys]
    })
    allLaws(f, [array([0.4, -0.6]), random([3, 2], 2)])
  })

  test('vmap of grad of while of scan, with a checkpoint and a custom rule', () => {
    const f = func([f64(3), f64()], (xs, w) => [
      vmap(
        (x) =>
          pull(
            (t) =>
              whileTimes(
                3,
                (v) =>
                  repeat(
                    2,
                    (u) =>
                      checkpoint(
                        ([a]) =>
                          customJvp(
                            ([b, s]) => [sin(mul(b, s))],
                            ([b, s], [db, ds]) => [
                              mul(cos(mul(b, s)), add(mul(db, s), mul(b, ds))),
                            ],
                            [a, w],
                          ),
                        [u],
                      )[0],
                    v,
                  ),
                t,
              ),
            x,
          ),
        xs,
      ),
    ])
    const at = [array([0.3, 0.8, -0.5]), num(1.3)]
    tangentLaw(f, at)
    adjointLaw(f, at)
    batchLaw(f, at)
    const [, [g, more]] = derivativesOf(f, at)
    tangentLaw(g, more)
  })

  test('a Newton solve, whose step takes a derivative, inside a gradient', () => {
    const root = (a: Term) =>
      whileLoop(
        ([, k]) => lt(k, 8),
        ([x, k]) => {
          const miss = (t: Term) => sub(mul(t, t), a)
          return [sub(x, div(miss(x), slope(miss, x))), add(k, 1)]
        },
        [a, scalar(0, 'i32')],
      )[0]
    const f = func([f64()], (a) => [root(a)])
    expectClose(evaluate(f, [num(2)]), [num(Math.SQRT2)])
    expectClose(evaluate(gradient(f), [num(2)]), [num(0.5 / Math.SQRT2)], 1e-10)
    expectClose(evaluate(gradient(gradient(f)), [num(2)]), [num(-0.25 * 2 ** -1.5)], 1e-8)
  })

  test('a program four loops deep has a second derivative', () => {
    const deep = (level: number, x: Term): Term =>
      level === 0
        ? sin(x)
        : forLoop(2, (i, [c]) => [mul(deep(level - 1, c), add(convert(i, 'f64'), 0.5))], [x])[0]
    const f = func([f64()], (x) => [deep(4, x)])
    const second = gradient(gradient(f))
    expect(evaluate(second, [num(0.4)]).length).toBe(1)
  })
})

const gradient = (f: Func): Func =>
  func([f64()], (x) => {
    const back = vjp(f, [true], interpreters).func
    return inline(back, [x, scalar(1, 'f64')]).slice(1)
  })

describe('bodies of other kinds', () => {
  test('bool and integer carries, in every loop', () => {
    const bool = { dtype: 'bool', shape: [] } as const
    const f = func([bool, f64(), f64(3)], (flag, x, xs) => {
      const out = scan(
        ([on, c], [row]) => {
          const [next] = cond(
            on,
            ([a]) => [mul(a, row)],
            ([a]) => [add(a, row)],
            [c],
          )
          return { carry: [gt(next, 0), next], ys: [on] }
        },
        [flag, x],
        [xs],
      )
      const settled = whileLoop(
        ([on, k]) => and(on, lt(k, 3)),
        ([on, k, c]) => [and(on, gt(c, -1)), add(k, 1), mul(c, sin(x))],
        [out.carry[0], scalar(0, 'i32'), out.carry[1]],
      )
      return [...settled, ...out.ys]
    })
    for (const flag of [0, 1]) {
      allLaws(f, [arrayFrom('bool', [], [flag]), num(0.7), array([0.5, 0.9, 1.2])])
    }
  })

  test('custom rules in custom rules', () => {
    const cube = (x: Term) =>
      customJvp(
        ([a]) => [mul(a, mul(a, a))],
        ([a], [da]) => [mul(da, mul(3, square(a)))],
        [x],
      )[0]
    const square = (x: Term) =>
      customVjp(
        ([a]) => [mul(a, a)],
        ([a]) => ({ results: [mul(a, a)], residuals: [a] }),
        ([a], [ct]) => [mul(ct, mul(2, a))],
        [x],
      )[0]
    const f = func([f64()], (x) => [mul(square(cube(x)), cube(square(x)))])
    // x⁶ · x⁶
    let g = f
    let expected = 1
    for (let order = 1; order <= 3; order++) {
      g = gradient(g)
      expected *= 13 - order
      expectClose(evaluate(g, [num(1.1)]), [num(expected * 1.1 ** (12 - order))], 1e-11)
    }
  })

  test('f32 stays f32', () => {
    const f32 = { dtype: 'f32', shape: [] } as const
    const f = func([f32], (x) =>
      whileLoop(
        ([k]) => lt(k, 3),
        ([k, c]) => [add(k, 1), repeat(2, sin, c)],
        [scalar(0, 'i32'), x],
      ).slice(1),
    )
    const back = vjp(f, [true], interpreters).func
    const one = arrayFrom('f32', [], [1])
    const outs = evaluate(back, [one, one])
    expect(outs.map((o) => o.dtype)).toEqual(['f32', 'f32'])
  })
})
