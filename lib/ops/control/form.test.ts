import { describe, expect, test } from 'vitest'
import { interpreters, vjp } from '../../interpret/index.js'
import { type Func, faults, parse, show } from '../../term/index.js'
import { add, mul } from '../arithmetic.js'
import { gt, lt } from '../compare.js'
import { scalar } from '../operand.js'
import { sin } from '../trigonometric.js'
import { ops } from '../vocabulary.js'
import { checkpoint, cond, customJvp, scan, whileLoop } from './index.js'
import { array, evaluate, expectClose, f64, func, num } from './laws.fixture.js'

const everything = (maxSteps: number | null, rows: number | string = 3): Func =>
  func([f64(), f64(rows)], (x, xs) => {
    const [w] = whileLoop(
      ([, k]) => lt(k, 3),
      ([v, k]) => [sin(mul(v, x)), add(k, 1)],
      [x, scalar(0, 'i32')],
      maxSteps === null ? {} : { maxSteps },
    )
    const out = scan(
      ([c], [row]) => ({
        carry: cond(
          gt(c, 0),
          ([a]) => checkpoint(([b]) => [mul(b, row)], [a]),
          ([a]) =>
            customJvp(
              ([q]) => [sin(q)],
              (_, [dq], [s]) => [mul(dq, s)],
              [a],
            ),
          [c],
        ),
        ys: [c],
      }),
      [w],
      [xs],
    )
    return [...out.carry, ...out.ys]
  })

describe('programs with bodies', () => {
  test.each([5, null])('print, parse and verify, derivatives too (maxSteps %s)', (maxSteps) => {
    const f = everything(maxSteps)
    const back = vjp(f, [true, true], interpreters).func
    const many = interpreters.batch(back, [true, false, true, true], 2).func
    for (const g of [f, back, many]) {
      expect(faults(g)).toEqual([])
      expect(parse(show(g), ops).key(new Map())).toBe(g.key(new Map()))
    }
  })

  test.each([5, null])('take named sizes and batches of a named size (maxSteps %s)', (maxSteps) => {
    const named = vjp(everything(maxSteps, 'n'), [true, true], interpreters).func
    const fixed = vjp(everything(maxSteps), [true, true], interpreters).func
    const at = [num(0.8), array([0.4, 1.3, -0.2]), num(1), array([1, -1, 0.5])]
    expectClose(interpreters.evaluate(named, at, { n: 3 }), evaluate(fixed, at))
    const mask = at.map((_, i) => i === 0)
    const many = interpreters.batch(named, mask, 'lanes')
    const some = interpreters.batch(fixed, mask, 2)
    const wide = [array([0.8, -0.3]), ...at.slice(1)]
    expectClose(
      interpreters.evaluate(many.func, wide, { n: 3, lanes: 2 }),
      evaluate(some.func, wide),
    )
  })
})
