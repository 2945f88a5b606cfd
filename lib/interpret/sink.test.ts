import { describe, expect, test } from 'vitest'
import { mul, neg, sub } from '../ops/arithmetic.js'
import { gt } from '../ops/compare.js'
import { cond, scan, switchCase, whileLoop } from '../ops/control/index.js'
import {
  allLaws,
  cotangentsAt,
  evaluate,
  expectClose,
  f64,
  func,
  i32,
  int,
  num,
} from '../ops/control/laws.fixture.js'
import { exp } from '../ops/exponential.js'
import { add, sum, zeros } from '../ops/index.js'
import { sin, sinOp } from '../ops/trigonometric.js'
import { apply1, type Op, type Term } from '../term/index.js'
import { sink } from './sink.js'

/** A sine that counts its evaluations. */
function counting() {
  const count = { runs: 0 }
  const op: Op = {
    ...sinOp,
    evaluate: (call) => {
      count.runs++
      return sinOp.evaluate(call)
    },
  }
  return { count, of: (x: Term) => apply1(op, [x]) }
}

const isPositive = (x: Term) => gt(x, zeros(x))

describe('sink', () => {
  test('work written inside an untaken branch does not run', () => {
    const spy = counting()
    const f = func([f64(), f64()], (p, x) =>
      cond(
        isPositive(p),
        () => [mul(spy.of(spy.of(x)), 2)],
        () => [x],
      ),
    )
    const lazy = sink(f)
    expectClose(evaluate(lazy, [num(-1), num(0.5)]), [num(0.5)])
    expect(spy.count.runs).toBe(0)
    expectClose(evaluate(lazy, [num(1), num(0.5)]), [num(2 * Math.sin(Math.sin(0.5)))])
    expect(spy.count.runs).toBe(2)
    evaluate(f, [num(-1), num(0.5)])
    expect(spy.count.runs).toBe(4)
  })

  test('a loop without end in an untaken branch is not entered', () => {
    const f = func([i32(), f64()], (i, x) =>
      switchCase(i, [
        () => [neg(x)],
        () =>
          whileLoop(
            () => isPositive(mul(x, x)),
            ([v]) => [add(v, 1)],
            [x],
          ),
      ]),
    )
    expectClose(evaluate(sink(f), [int(0), num(2)]), [num(-2)])
  })

  test('what both branches use, or the rest of the program, stays', () => {
    const spy = counting()
    const f = func([f64(), f64()], (p, x) => {
      const shared = spy.of(x)
      const seen = spy.of(exp(x))
      const [y] = cond(
        isPositive(p),
        () => [mul(shared, seen)],
        () => [shared],
      )
      return [y, seen]
    })
    const lazy = sink(f)
    const outs = evaluate(lazy, [num(-1), num(0.5)])
    expectClose(outs, evaluate(f, [num(-1), num(0.5)]))
    expect(spy.count.runs).toBe(4)
    expect(lazy.nodes.filter((n) => n.op.name === 'sin').length).toBe(2)
  })

  test('branches in branches, and in loops', () => {
    const spy = counting()
    const f = func(
      [f64(), f64()],
      (p, x) =>
        scan(
          ([c]) => {
            const double = mul(c, 2)
            return {
              carry: cond(
                isPositive(p),
                () =>
                  cond(
                    isPositive(sub(c, 10)),
                    () => [spy.of(mul(double, x))],
                    () => [add(double, x)],
                  ),
                () => [add(c, 1)],
              ),
            }
          },
          [x],
          [],
          { length: 2 },
        ).carry,
    )
    const lazy = sink(f)
    for (const p of [1, -1]) {
      expectClose(evaluate(lazy, [num(p), num(0.5)]), evaluate(f, [num(p), num(0.5)]))
    }
    spy.count.runs = 0
    evaluate(lazy, [num(1), num(0.5)])
    expect(spy.count.runs).toBe(0)
    allLaws(lazy, [num(1), num(0.5)])
  })

  test('derivatives of the untaken branch do not run either', () => {
    const spy = counting()
    const lazy = sink(
      func([f64(), f64()], (p, x) =>
        cond(
          isPositive(p),
          () => [spy.of(exp(x))],
          () => [sin(x)],
        ),
      ),
    )
    const { cotangents } = cotangentsAt(lazy, [num(-1), num(0.5)], [num(1)])
    expectClose(cotangents, [num(0), num(Math.cos(0.5))])
    expect(spy.count.runs).toBe(0)
  })

  /** Ops outside of all branches, in order. */
  const outside = (f: ReturnType<typeof func>) => f.nodes.map((n) => n.op.name)
  const flag = i32()

  test('what two switches use, each in one branch, stays', () => {
    const f = func([flag, f64()], (i, x) => {
      const e = sin(x)
      const first = switchCase(i, [() => [neg(e)], () => [x]])
      const second = switchCase(i, [() => [mul(e, e)], () => [x]])
      return [...first, ...second]
    })
    expect(outside(sink(f))).toEqual(['sin', 'switch', 'switch'])
    expectClose(evaluate(sink(f), [int(0), num(2)]), evaluate(f, [int(0), num(2)]))
  })

  test('what two branches of one switch use stays, directly or by way of other work', () => {
    const f = func([flag, f64()], (i, x) => {
      const e = sin(x)
      return switchCase(i, [() => [exp(e)], () => [neg(e)], () => [x]])
    })
    expect(outside(sink(f))).toEqual(['sin', 'switch'])
    for (const i of [0, 1, 2]) {
      expectClose(evaluate(sink(f), [int(i), num(2)]), evaluate(f, [int(i), num(2)]))
    }
  })

  test('what two branches take as it is stays, also where another switch has it in one', () => {
    const f = func([flag, f64(), f64()], (i, x, y) => {
      const e = sin(x)
      const both = switchCase(i, [([a]) => [mul(a, e)], ([a]) => [sub(a, e)]], [y])
      const one = switchCase(i, [([a]) => [mul(a, e)], ([a]) => [a]], [y])
      return [...both, ...one]
    })
    expect(outside(sink(f))).toEqual(['sin', 'switch', 'switch'])
    for (const i of [0, 1]) {
      const at = [int(i), num(2), num(3)]
      expectClose(evaluate(sink(f), at), evaluate(f, at))
    }
  })

  test('an operand that no branch takes is not computed', () => {
    const f = func([flag, f64()], (i, x) =>
      switchCase(i, [([, b]) => [neg(b)], ([, b]) => [exp(b)]], [sin(x), x]),
    )
    expect(outside(f)).toEqual(['sin', 'switch'])
    expect(outside(sink(f))).toEqual(['switch'])
    expectClose(evaluate(sink(f), [int(0), num(2)]), [num(-2)])
  })

  test('a node moves though one of its results is not used', () => {
    const f = func([flag, f64()], (i, x) => {
      const { carry } = scan(([c]) => ({ carry: [mul(c, x)], ys: [c] }), [sin(x)], [], {
        length: 3,
      })
      return switchCase(i, [() => [carry[0]], () => [x]])
    })
    expect(outside(f)).toContain('scan')
    expect(outside(sink(f))).toEqual(['switch'])
    expectClose(evaluate(sink(f), [int(0), num(2)]), evaluate(f, [int(0), num(2)]))
  })

  test('a node of several results stays where two branches use one each', () => {
    const f = func([flag, f64()], (i, x) => {
      const step = ([c]: readonly Term[]) => ({ carry: [mul(c, x)], ys: [add(c, x)] })
      const { carry, ys } = scan(step, [sin(x)], [], { length: 3 })
      return switchCase(i, [() => [carry[0]], () => [sum(ys[0])]])
    })
    expect(outside(sink(f))).toEqual(['sin', 'scan', 'switch'])
    for (const i of [0, 1]) {
      expectClose(evaluate(sink(f), [int(i), num(2)]), evaluate(f, [int(i), num(2)]))
    }
  })

  test('all work of a branch moves there together, after its own operands', () => {
    const f = func([flag, f64(), f64()], (i, x, y) => {
      const { carry, ys } = scan(([c]) => ({ carry: [mul(c, y)], ys: [c] }), [sin(x)], [], {
        length: 2,
      })
      return switchCase(i, [() => [add(carry[0], sum(ys[0]))], () => [sub(y, x)]])
    })
    const lazy = sink(f)
    expect(outside(lazy)).toEqual(['switch'])
    expect(lazy.nodes[0].args.length).toBe(3)
    for (const i of [0, 1]) {
      const at = [int(i), num(2), num(3)]
      expectClose(evaluate(lazy, at), evaluate(f, at))
    }
  })

  test('a function without bodies is itself', () => {
    const plain = func([f64()], (x) => [sin(x)])
    expect(sink(plain)).toBe(plain)
  })

  test('sinking twice changes nothing', () => {
    const f = func([f64(), f64()], (p, x) =>
      cond(
        isPositive(p),
        () => [sin(exp(x))],
        () => [x],
      ),
    )
    const once = sink(f)
    expect(sink(once).key(new Map())).toBe(once.key(new Map()))
    expect(once.key(new Map())).not.toBe(f.key(new Map()))
  })
})
