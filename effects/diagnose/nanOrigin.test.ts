import { describe, expect, it } from 'vitest'
import {
  checkpoint,
  cond,
  constant,
  div,
  exp,
  f64,
  fn,
  forLoop,
  gt,
  log,
  lt,
  mul,
  norm,
  scan,
  sqrt,
  square,
  sub,
  sum,
  where,
  whileLoop,
} from '../../lib/lang/index.js'
import { nanOrigin } from '../index.js'

const spec = { x: f64(3) }
const zero = () => constant(0, { dtype: 'f64' })

/** The line of this file on which a text stands first. */
const here = (line: string | undefined) => line?.match(/nanOrigin\.test\.ts:(\d+)/)?.[1]

describe('the origin of a NaN', () => {
  it('is nowhere where all is finite', () => {
    const f = fn(spec, ({ x }) => sum(log(x)))
    expect(nanOrigin(f, { x: [1, 2, 3] })).toBe(null)
  })

  it('forwards: the first op, its line and its element', () => {
    const f = fn(spec, ({ x }) => {
      const shifted = sub(x, 1)
      const logs = log(shifted)
      return sum(mul(logs, 2))
    })
    const origin = nanOrigin(f, { x: [2, 0.5, 3] })
    expect(origin).toMatchObject({ direction: 'forwards', op: 'log', kind: 'NaN', element: [1] })
    expect(origin?.message).toMatch(
      /^the value of log turned NaN at \[1\]: .*nanOrigin\.test\.ts:\d+:\d+$/,
    )
    expect(nanOrigin(f, { x: [2, 1, 3] })).toMatchObject({ op: 'log', kind: 'infinite' })
  })

  it('forwards: an infinity that was written down is not blamed, a NaN that comes of it is', () => {
    const f = fn(spec, ({ x }) => {
      const masked = where(gt(x, 0), x, -Infinity)
      return sum(exp(sub(masked, masked)))
    })
    expect(nanOrigin(f, { x: [1, -1, 2] })).toMatchObject({ op: 'sub', kind: 'NaN', element: [1] })
  })

  it('backwards: a value may be finite and its derivative not', () => {
    const f = fn(spec, ({ x }) => sum(sqrt(x)))
    expect(nanOrigin(f, { x: [1, 0, 4] })).toMatchObject({
      direction: 'backwards',
      op: 'sqrt',
      kind: 'infinite',
      element: [1],
      argument: 0,
    })
    const ratio = fn(spec, ({ x }) => {
      const length = sqrt(sum(square(x)))
      return div(sum(x), length)
    })
    expect(nanOrigin(ratio, { x: [0, 0, 0] })).toMatchObject({ direction: 'forwards', op: 'div' })
  })

  it('backwards: what is dead by convention is not blamed', () => {
    const f = fn(spec, ({ x }) => sum(where(gt(x, 0), sqrt(x), 0)))
    expect(nanOrigin(f, { x: [1, 0, 4] })).toBe(null)
    expect(
      nanOrigin(
        fn(spec, ({ x }) => norm(x)),
        { x: [0, 0, 0] },
      ),
    ).toBe(null)
  })

  it('in loops: the op of the body and the step', () => {
    const scanned = fn(spec, ({ x }) => scan(zero(), x, (c, row) => [log(sub(row, c)), null])[0])
    expect(nanOrigin(scanned, { x: [1, 0.5, -9] })).toMatchObject({ op: 'log', steps: [2] })
    const rooted = fn(spec, ({ x }) => scan(zero(), x, (c, row) => [mul(sqrt(row), c), row])[1])
    expect(nanOrigin(rooted, { x: [0, 1, 1] })).toBe(null)
    const back = fn(spec, ({ x }) => sum(scan(zero(), x, (c, row) => [c, sqrt(row)])[1]))
    expect(nanOrigin(back, { x: [1, 0, 1] })).toMatchObject({
      direction: 'backwards',
      op: 'sqrt',
      steps: [1],
    })
    const counted = fn({ y: f64() }, ({ y }) => forLoop(5, y, (_, c) => sub(sqrt(c), 1)))
    expect(nanOrigin(counted, { y: 1 })).toMatchObject({ op: 'sqrt', kind: 'NaN', steps: [2] })
    const going = fn({ y: f64() }, ({ y }) =>
      whileLoop(
        y,
        (c) => gt(c, 0),
        (c) => sqrt(sub(c, 2)),
      ),
    )
    expect(nanOrigin(going, { y: 3 })).toMatchObject({ op: 'sqrt', kind: 'NaN', steps: [1] })
    const ends = fn({ y: f64() }, ({ y }) =>
      whileLoop(
        y,
        (c) => gt(c, 1),
        (c) => sqrt(sub(c, 2)),
      ),
    )
    expect(nanOrigin(ends, { y: 2 })).toMatchObject({ direction: 'backwards', steps: [0] })
  })

  it('in branches and checkpoints', () => {
    const f = fn({ y: f64() }, ({ y }) =>
      cond(
        lt(y, 0),
        () => log(y),
        () => sqrt(y),
      ),
    )
    expect(nanOrigin(f, { y: -1 })).toMatchObject({ direction: 'forwards', op: 'log' })
    expect(nanOrigin(f, { y: 0 })).toMatchObject({ direction: 'backwards', op: 'sqrt' })
    expect(nanOrigin(f, { y: 1 })).toBe(null)
    const root = checkpoint(fn({ y: f64() }, ({ y }) => sqrt(y)))
    expect(nanOrigin(root, { y: 0 })).toMatchObject({ direction: 'backwards', op: 'sqrt' })
  })

  it('names the input that was NaN from the start, and refuses inputs in words', () => {
    const f = fn(spec, ({ x }) => sum(x))
    expect(nanOrigin(f, { x: [1, Number.NaN, 2] })?.message).toBe("the input 'x' is NaN at [1]")
    expect(() => nanOrigin(f, { x: [1, 2] })).toThrow(
      "'x' has 2 numbers of shape [2]; expected shape [3]",
    )
  })

  it('names the line on which the op was written', () => {
    const f = fn({ y: f64() }, ({ y }) => {
      const inner = sub(y, 1)
      return log(inner)
    })
    const next = new Error().stack?.match(/nanOrigin\.test\.ts:(\d+)/)?.[1]
    expect(here(nanOrigin(f, { y: 0 })?.line)).toBe(String(Number(next) - 2))
  })
})
