import { describe, expect, it } from 'vitest'
import { arrayFrom, type NDArray } from '../../data/index.js'
import { interpreters, vjp } from '../../interpret/index.js'
import {
  add,
  broadcastTo,
  cond,
  constant,
  convWith,
  div,
  dynamicSlice,
  dynamicUpdateSlice,
  lt,
  matmul,
  mul,
  reduceMax,
  reshape,
  scan,
  scatter,
  sub,
  sumAxes,
  whileLoop,
} from '../../ops/index.js'
import { closeStrict, type Func, parameter, type Term } from '../../term/index.js'
import { interpretProgram } from '../interpret-program.js'
import { lower } from './lower.js'

function trace(
  shapes: readonly (readonly (number | string)[])[],
  body: (...x: Term[]) => readonly Term[],
): Func {
  const binder = { name: 'f' }
  const params = shapes.map((shape, i) => parameter(binder, `x${i}`, { dtype: 'f64', shape }))
  return closeStrict('f', params, body(...params))
}

function check(func: Func, sizes: Record<string, number>): number {
  let seed = 1
  const random = () => {
    seed = (seed * 16807) % 2147483647
    return seed / 2147483647 + 0.1
  }
  const value = (d: number | string) => (typeof d === 'number' ? d : sizes[d])
  const args = func.params.map((p): NDArray => {
    const shape = p.shape.map(value)
    const n = shape.reduce((a, b) => a * b, 1)
    return arrayFrom('f64', shape, Array.from({ length: n }, random))
  })
  const expected = interpreters.evaluate(func, args, sizes)
  const program = lower(func)
  const externals: Record<string, Float64Array> = {}
  args.forEach((a, i) => {
    externals[`p${i}`] = Float64Array.from(a.data)
  })
  expected.forEach((r, i) => {
    externals[`r${i}`] = new Float64Array(r.data.length)
  })
  const buffers = interpretProgram(program, sizes, externals)
  expected.forEach((r, i) => {
    const got = buffers[`r${i}`]
    r.data.forEach((v, k) => {
      expect(Math.abs(v - got[k])).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(v)))
    })
  })
  return program.kernels.length
}

describe('fusion', () => {
  it('makes a normalisation of rows one kernel', () => {
    const f = trace([['b', 4]], (x) => {
      const total = reshape(sumAxes(x, [1]), ['b', 1])
      return [div(mul(x, x), broadcastTo(total, ['b', 4]))]
    })
    expect(check(f, { b: 3 })).toBe(1)
  })

  it('runs a gradient', () => {
    const f = trace([['b', 4], [4]], (x, w) => [
      sumAxes(sumAxes(div(mul(x, w), add(mul(x, x), 1)), [0]), [0]),
    ])
    const g = vjp(f, [false, true], interpreters).func
    expect(check(g, { b: 3 })).toBeLessThanOrEqual(2)
  })

  it('keeps a row reduction out of the loops of a contraction', () => {
    const f = trace(
      [
        ['b', 3],
        [3, 4],
      ],
      (x, w) => {
        const y = matmul(x, w)
        return [sub(y, reduceMax(y, { axes: [1], keepDims: true }))]
      },
    )
    expect(check(f, { b: 2 })).toBe(2)
  })
})

describe('a convolution of as many groups as a name says', () => {
  const conv = {
    strides: [1],
    padding: [[1, 0]],
    inputDilation: [1],
    kernelDilation: [1],
    groups: 'g',
  } as const

  it.each([
    ['one channel each', ['g', 1, 2]],
    ['several in and out', ['3*g', 2, 2]],
  ])('takes of each group its own: %s', (_, kernel) => {
    const channels = kernel[1] === 1 ? 'g' : '2*g'
    const f = trace([[2, channels, 5], kernel], (x, k) => [convWith(x, k, conv)])
    for (const g of [1, 2, 5]) {
      check(f, { g, '2*g': 2 * g, '3*g': 3 * g })
    }
  })
})

describe('updates in place', () => {
  const at = (i: number) => constant([i], [], 'i32')
  const two = constant([2], [1], 'f64')

  it('of a value computed here end in the result', () => {
    const f = trace([[4]], (x) => [dynamicUpdateSlice(mul(x, 3), two, [at(1)])])
    expect(check(f, {})).toBe(2)
  })

  it('of a single number, which readers would compute again, keep what was there', () => {
    const places = constant([0, 5], [2], 'i32')
    const f = trace([[3]], (x) => {
      const one = reshape(sumAxes(x, [0]), [1])
      const updates = constant([1, 2], [2], 'f64')
      return [scatter(sub(one, 4), places, updates, { axis: 0, batch: 0 }, 'add')]
    })
    check(f, {})
  })

  it('come after a single number that is read of what was there', () => {
    const f = trace([[4], []], (x, k) => {
      const y = mul(x, 3)
      const old = dynamicSlice(y, [at(1)], [1])
      const updated = dynamicUpdateSlice(y, two, [at(1)])
      return [mul(reshape(old, []), k), mul(updated, k)]
    })
    check(f, {})
  })

  it('one after another end in the result', () => {
    const f = trace([[4]], (x) => {
      const once = dynamicUpdateSlice(mul(x, 3), two, [at(1)])
      return [dynamicUpdateSlice(once, add(two, 1), [at(2)])]
    })
    expect(check(f, {})).toBe(3)
  })

  it('end in the results of loops and branches', () => {
    const f = trace([[4]], (x) => {
      const updated = (v: Term) => dynamicUpdateSlice(mul(v, 3), two, [at(1)])
      const step = ([v]: readonly Term[]) => ({ carry: [updated(v)], ys: [updated(v)] })
      const { carry, ys } = scan(step, [x], [], { length: 3 })
      const branches = [() => [updated(x)], () => [updated(carry[0])]] as const
      return [...carry, ...ys, ...cond(lt(sumAxes(x, [0]), 0), ...branches, [])]
    })
    check(f, {})
  })
})

describe('loops inside kernels', () => {
  const batched = (f: Func) =>
    interpreters.batch(
      f,
      f.params.map(() => true),
      'n',
    ).func

  it('a batch of scans over scalars is one kernel', () => {
    const f = trace([[], [6]], (c, xs) => {
      const step = ([h]: readonly Term[], [x]: readonly Term[]) => ({
        carry: [add(mul(h, 0.5), x)],
        ys: [mul(h, x)],
      })
      const { carry, ys } = scan(step, [c], [xs])
      return [...carry, ...ys]
    })
    expect(check(batched(f), { n: 3 })).toBe(1)
  })

  it('a batch of whiles that stop apart is one kernel', () => {
    const f = trace([[], []], (x, limit) =>
      whileLoop(
        ([v]) => lt(v, mul(limit, 100)),
        ([v]) => [mul(v, 1.5)],
        [x],
      ),
    )
    expect(check(batched(f), { n: 4 })).toBe(1)
  })

  it('a batch of conds is one kernel', () => {
    const f = trace([[]], (x) =>
      cond(
        lt(x, 0.5),
        () => [mul(x, 2)],
        () => [sub(x, 1)],
        [],
      ),
    )
    expect(check(batched(f), { n: 5 })).toBe(1)
  })

  it('a loop over an array inside a loop over the same reads each where it stands', () => {
    const func = trace([[3]], (x) => {
      const zero = constant([0], [], 'f64')
      const out = scan(
        ([c], [row]) => {
          const inner = scan(
            ([d], [g]) => ({ carry: [add(d, mul(g, row))], ys: [add(d, g)] }),
            [zero],
            [x],
          )
          return { carry: [add(c, inner.carry[0])], ys: [sumAxes(inner.ys[0], [0])] }
        },
        [zero],
        [x],
      )
      return [...out.carry, ...out.ys]
    })
    check(func, {})
  })

  it('updates of single elements in a loop copy nothing', () => {
    const f = trace([['n']], (x) =>
      scan(
        ([i, v]) => {
          const here = dynamicSlice(v, [i], [1])
          return { carry: [add(i, 1), dynamicUpdateSlice(v, mul(here, 2), [i])] }
        },
        [constant([0], [], 'i32'), x],
        [],
        { length: 'n' },
      ).carry.slice(1),
    )
    check(f, { n: 6 })
    const [loop] = lower(f).steps.filter((step) => step.tag === 'for')
    const inside = loop.body.filter((step) => step.tag === 'copy' || step.tag === 'swap')
    expect(inside.length).toBeLessThanOrEqual(1) // the counter swaps; the array stays
  })
})
