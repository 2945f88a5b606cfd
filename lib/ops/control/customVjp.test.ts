import { describe, expect, test } from 'vitest'
import { interpreters, vjp } from '../../interpret/index.js'
import { type Func, faults, type Term } from '../../term/index.js'
import { add, mul, stopGradient } from '../arithmetic.js'
import { broadcastTo, sumAxes } from '../broadcast.js'
import { constant } from '../constant.js'
import { exp } from '../exponential.js'
import { cos, sin } from '../trigonometric.js'
import { customVjp, needForward, scan } from './index.js'
import {
  adjointLaw,
  array,
  batchLaw,
  cotangentsAt,
  derivativesOf,
  evaluate,
  expectClose,
  f64,
  func,
  grad,
  hessianLaw,
  num,
  random,
  tangentLaw,
} from './laws.fixture.js'

describe('customVjp', () => {
  const wave = (x: Term, w: Term) =>
    customVjp(
      ([a, b]) => [sin(mul(a, b)), a],
      ([a, b]) => ({ results: [sin(mul(a, b)), a], residuals: [a, b] }),
      ([a, b], [ct, ca]) => {
        const inner = mul(ct, cos(mul(a, b)))
        return [add(mul(inner, b), ca), mul(inner, a)]
      },
      [x, w],
    )
  const f = func([f64(3), f64(3)], (x, w) => {
    const [s, a] = wave(x, mul(w, w))
    return [mul(s, w), mul(a, w)]
  })
  const plain = func([f64(3), f64(3)], (x, w) => [mul(sin(mul(x, mul(w, w))), w), mul(x, w)])
  const at = [random([3], 1), random([3], 2)]
  const ct = [random([3], 3), random([3], 4)]

  test('reverse mode is the backward rule', () => {
    expectClose(cotangentsAt(f, at, ct).cotangents, cotangentsAt(plain, at, ct).cotangents)
    expectClose(evaluate(f, at), evaluate(plain, at))
  })

  test('forward over reverse and reverse over reverse differentiate the rule', () => {
    hessianLaw(f, at)
    const [, [g, more]] = derivativesOf(f, at)
    tangentLaw(g, more)
    adjointLaw(g, more)
    const odd = func([f64()], (x) =>
      customVjp(
        ([a]) => [exp(a)],
        ([a]) => ({ results: [exp(a)], residuals: [a] }),
        ([a], [c]) => [mul(c, mul(a, mul(a, a)))],
        [x],
      ),
    )
    expectClose(evaluate(grad(odd), [num(2)]), [num(8)])
    expectClose(evaluate(grad(grad(odd)), [num(2)]), [num(12)])
    expectClose(evaluate(grad(grad(grad(odd))), [num(2)]), [num(12)])
  })

  test('batches, before and after differentiation', () => {
    batchLaw(f, at)
    const [, [g, more]] = derivativesOf(f, at)
    batchLaw(g, more)
    for (const mask of [
      [true, true],
      [false, true],
      [true, false],
    ]) {
      const { func: many } = interpreters.batch(f, mask, 2)
      const wide = at.map((a, i) =>
        mask[i] ? array([...a.data, ...a.data.map((v) => v + 0.2)], [2, 3]) : a,
      )
      const same = interpreters.batch(plain, mask, 2).func
      const cts = evaluate(many, wide).map((v, i) => random(v.shape, 60 + i))
      const found = cotangentsAt(many, wide, cts).cotangents
      expectClose(found, cotangentsAt(same, wide, cts).cotangents)
    }
  })

  test('in a scan', () => {
    const loop = (step: (c: Term, x: Term) => Term) =>
      func([f64(3), f64(4, 3)], (c, xs) => {
        const out = scan(
          ([v], [x]) => {
            const next = step(v, x)
            return { carry: [next], ys: [mul(next, x)] }
          },
          [c],
          [xs],
        )
        return [...out.carry, ...out.ys]
      })
    const custom = loop((c, x) => wave(c, x)[0])
    const direct = loop((c, x) => sin(mul(c, x)))
    const args = [random([3], 5), random([4, 3], 6)]
    const cts = [random([3], 7), random([4, 3], 8)]
    expectClose(
      cotangentsAt(custom, args, cts).cotangents,
      cotangentsAt(direct, args, cts).cotangents,
    )
    const [, [g, more]] = derivativesOf(custom, args)
    tangentLaw(g, more)
    batchLaw(g, more)
  })

  test('residuals may have other types than results', () => {
    const f = func([f64(3)], (x) =>
      customVjp(
        ([a]) => [sumAxes(sin(a), [0])],
        ([a]) => ({ results: [sumAxes(sin(a), [0])], residuals: [a] }),
        ([a], [ct]) => [mul(cos(a), broadcastTo(ct, [3]))],
        [x],
      ),
    )
    const back = vjp(f, [true], interpreters).func
    expect(faults(back)).toEqual([])
    expectClose(evaluate(back, [random([3], 1), num(2)]).slice(1), [
      array([...random([3], 1).data].map((a) => 2 * Math.cos(a))),
    ])
    batchLaw(back, [random([3], 1), num(2)])
  })

  test('captured tensors are constants of the rule, in batches too', () => {
    const capturing = (rule: (x: Term, w: Term, y: Term) => readonly Term[]) =>
      func([f64(3), f64(3), f64(3)], (x, w, y) => rule(x, w, y))
    const f = capturing((x, w, y) =>
      customVjp(
        ([a, b]) => [mul(sin(a), mul(w, b))],
        ([a, b]) => ({ results: [mul(sin(a), mul(w, b))], residuals: [a] }),
        ([a], [ct]) => [mul(ct, mul(cos(a), mul(w, y))), null],
        [x, y],
      ),
    )
    const plain = capturing((x, w, y) => [mul(sin(x), mul(w, stopGradient(y)))])
    const args = [...at, random([3], 5)]
    const back = (g: Func) => vjp(g, [true, false, true], interpreters).func
    const cts = [...args, random([3], 6)]
    expectClose(evaluate(back(f), cts), evaluate(back(plain), cts))
    for (const mask of [0, 1, 2].map((i) => args.map((_, k) => k === i))) {
      const many = [...mask, true]
      const wide = cts.map((a, i) => (many[i] ? random([2, 3], 70 + i) : a))
      expectClose(
        evaluate(back(interpreters.batch(f, mask, 2).func), wide),
        evaluate(back(interpreters.batch(plain, mask, 2).func), wide),
      )
    }
  })

  test('a linear function is transposed by itself', () => {
    const thrice = func([f64(3)], (x) =>
      customVjp(
        ([a]) => [mul(a, 3)],
        ([a]) => ({ results: [mul(a, 3)], residuals: [] }),
        (_, [c]) => [mul(c, 5)],
        [x],
      ),
    )
    const { func: back } = interpreters.transpose(thrice, [true], [true])
    expectClose(evaluate(back, [array([1, 2, 4])]), [array([3, 6, 12])])
  })

  test('forward mode is refused in words, also inside loops', () => {
    const forward = interpreters.jvp(f, [true, true]).func
    const message =
      'forward mode reaches a function with a customVjp rule, which gives cotangents alone; expected reverse mode: vjp, grad, jacrev; or jvp of those (forward over reverse). Give the function a customJvp rule instead: reverse mode follows from it'
    expect(() => evaluate(forward, [...at, ...at])).toThrow(message)
    expect(() => needForward(forward)).toThrow(message)
    expect(() => needForward(vjp(f, [true, true], interpreters).func)).not.toThrow()
    const looped = func(
      [f64(3)],
      (x) => scan(([c]) => ({ carry: [wave(c, c)[0]] }), [x], [], { length: 2 }).carry,
    )
    expect(() => needForward(interpreters.jvp(looped, [true]).func)).toThrow(message)
    expect(() =>
      interpreters.jvp(interpreters.jvp(f, [true, true]).func, [true, true, true, true]),
    ).toThrow(message)
  })

  test('errors say which rule does not fit', () => {
    const x = constant([1, 2], [2], 'f64')
    expect(() =>
      customVjp(
        ([a]) => [a],
        ([a]) => ({ results: [sumAxes(a, [0])], residuals: [] }),
        () => [null],
        [x],
      ),
    ).toThrow('customVjp: the forward rule gives (f64[]); expected (f64[2]), as the function does')
    expect(() =>
      customVjp(
        ([a]) => [a],
        ([a]) => ({ results: [a], residuals: [] }),
        (_, [ct]) => [sumAxes(ct, [0])],
        [x],
      ),
    ).toThrow(
      'customVjp: the backward rule gives f64[] as the cotangent of argument 0; expected f64[2]',
    )
  })
})
