import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { closureOf } from '../lib/lang/closure.js'
import { numbers } from '../lib/lang/evaluate.fixture.js'
import {
  add,
  constant,
  f64,
  fn,
  grad,
  gt,
  lt,
  mul,
  sin,
  square,
  sum,
  u32,
} from '../lib/lang/index.js'
import type { Program } from '../lib/types/program.js'
import type { Tensor } from '../lib/types/tensor.js'
import {
  Control,
  functionalized,
  gen,
  log,
  Random,
  type Ref,
  State,
  sampled,
  silenced,
} from './index.js'

type X = Tensor<[3], 'f64', 'x'>
const spec = { x: f64(3) }
const of = (body: (x: X) => Program<Tensor, 'State'>) =>
  fn(spec, ({ x }) => functionalized(body(x)))
const same = (a: (x: X) => Program<Tensor, 'State'>, b: (x: X) => Program<Tensor, 'State'>) =>
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 3, maxLength: 3 }),
      (x) => {
        expect(numbers(of(a), { x })).toEqual(numbers(of(b), { x }))
      },
    ),
    { numRuns: 10 },
  )

describe('the laws of state', () => {
  it('get–put: writing what was read changes nothing', () => {
    same(
      (x) =>
        gen(function* () {
          const r = yield* State.make(x)
          yield* State.set(r, yield* State.get(r))
          return yield* State.get(r)
        }),
      (x) =>
        gen(function* () {
          const r = yield* State.make(x)
          return yield* State.get(r)
        }),
    )
  })

  it('put–put: the last write stays; put–get: it is what is read', () => {
    same(
      (x) =>
        gen(function* () {
          const r = yield* State.make(x)
          yield* State.set(r, sin(x))
          yield* State.set(r, mul(x, 2))
          return yield* State.get(r)
        }),
      (x) =>
        gen(function* () {
          const r = yield* State.make(x)
          yield* State.set(r, mul(x, 2))
          return mul(x, 2)
        }),
    )
  })

  it('two references do not disturb each other', () => {
    same(
      (x) =>
        gen(function* () {
          const r = yield* State.make(x)
          const s = yield* State.make(x)
          yield* State.set(s, sin(x))
          return yield* State.get(r)
        }),
      (x) =>
        gen(function* () {
          const r = yield* State.make(x)
          return yield* State.get(r)
        }),
    )
  })
})

describe('updates of elements', () => {
  it('set, add, mul, min and max at an index, ranges and masks', () => {
    const f = of((x) =>
      gen(function* () {
        const r = yield* State.make(x)
        yield* State.at(r, 0).set(10)
        yield* State.at(r, 1).add(5)
        yield* State.at(r, 1).mul(3)
        yield* State.at(r, constant([2, 2], { dtype: 'i32' })).add(1)
        yield* State.at(r, 0).min(7)
        yield* State.at(r, 0).max(8)
        return yield* State.get(r)
      }),
    )
    expect(numbers(f, { x: [1, 2, 3] })).toEqual([8, 21, 5])
    const g = of((x) =>
      gen(function* () {
        const r = yield* State.make(x)
        yield* State.range(r, 1, 2).set(0)
        yield* State.masked(r, gt(x, 0)).set(-1)
        const one = yield* State.at(r, 2).get()
        yield* State.at(r, 1).set(add(one, 4))
        return yield* State.get(r)
      }),
    )
    expect(numbers(g, { x: [1, -2, -3] })).toEqual([-1, 4, 0])
  })

  it('adjoints are gathers and scatters', () => {
    const f = fn(spec, ({ x }) =>
      functionalized(
        gen(function* () {
          const r = yield* State.make(square(x))
          yield* State.at(r, 1).set(0)
          yield* State.at(r, 2).add(mul(yield* State.at(r, 0).get(), 3))
          return sum(yield* State.get(r)) as Tensor<[], 'f64', 'x'>
        }),
      ),
    )
    expect(numbers(grad(f, 'x'), { x: [1, 2, 3] })).toEqual([8, 0, 6])
  })
})

describe('loops and branches', () => {
  it('a scan, a loop and a branch change what is outside them', () => {
    const f = of((x) =>
      gen(function* () {
        const total = yield* State.make(constant(0, { dtype: 'f64' }))
        const seen = yield* State.make(mul(x, 0))
        const [last] = yield* Control.scan(constant(0, { dtype: 'i32' }), x, (i, row) =>
          gen(function* () {
            yield* State.modify(total, (t) => add(t, row))
            yield* State.at(seen, i).set(yield* State.get(total))
            return [add(i, 1), null] as const
          }),
        )
        yield* Control.cond(
          gt(last, 2),
          () =>
            gen(function* () {
              yield* State.at(seen, 0).add(100)
              return x
            }),
          () =>
            gen(function* () {
              yield* State.set(seen, x)
              return x
            }),
        )
        yield* Control.forLoop(3, constant(1, { dtype: 'f64' }), (_, c) =>
          gen(function* () {
            yield* State.at(seen, 1).add(c)
            return mul(c, 2)
          }),
        )
        yield* Control.whileLoop(
          constant(0, { dtype: 'i32' }),
          (i) => lt(i, 4),
          (i) =>
            gen(function* () {
              yield* State.at(seen, 2).add(1)
              return add(i, 1)
            }),
        )
        return yield* State.get(seen)
      }),
    )
    expect(numbers(f, { x: [1, 2, 3] })).toEqual([101, 10, 10])
  })

  it('randomness in a loop draws anew at each step; state and randomness commute', () => {
    const body = (x: X) =>
      gen(function* () {
        const total = yield* State.make(constant(0, { dtype: 'f64' }))
        const [, draws] = yield* Control.scan(constant(0, { dtype: 'f64' }), x, (c, row) =>
          gen(function* () {
            const z = yield* Random.normal(row, 1)
            yield* State.modify(total, (t) => add(t, z))
            return [c, z] as const
          }),
        )
        return [draws, yield* State.get(total)] as const
      })
    const inputs = { x: f64(3), key: u32(2) }
    const f = fn(inputs, ({ x, key }) => sampled(key, functionalized(body(x))))
    const g = fn(inputs, ({ x, key }) => functionalized(sampled(key, body(x))))
    const at = { x: [0, 0, 0], key: [0, 1] }
    const [draws, [total]] = numbers(f, at) as number[][]
    expect(new Set(draws).size).toBe(3)
    expect(total).toBeCloseTo(draws[0] + draws[1] + draws[2], 12)
    expect(numbers(g, at)).toEqual([draws, [total]])
  })

  it('an effect that is left inside a loop is named', () => {
    const f = fn(spec, ({ x }) =>
      Control.forLoop(2, x, (_, c) =>
        gen(function* () {
          yield* log('c', c)
          return c
        }),
      ),
    )
    expect(() => closureOf(f, 'grad')).toThrow('unhandled effect IO')
    const quiet = fn(spec, ({ x }) => silenced(f({ x })))
    expect(numbers(quiet, { x: [1, 2, 3] })).toEqual([1, 2, 3])
  })

  it('a reference made in a loop ends with it, and one that escaped is refused', () => {
    const leaked: Ref<[3], 'f64'>[] = []
    const f = () =>
      of((x) =>
        gen(function* () {
          yield* Control.forLoop(2, x, (_, c) =>
            gen(function* () {
              leaked.push(yield* State.make(c))
              return c
            }),
          )
          return yield* State.get(leaked[0])
        }),
      )
    expect(f).toThrow('a reference is used outside the handler, loop or branch')
    const changed = () =>
      of((x) =>
        gen(function* () {
          const r = yield* State.make(x)
          yield* State.set(r, sum(x) as never)
          return yield* State.get(r)
        }),
      )
    expect(changed).toThrow('a reference to f64[3] is set to f64[]; expected the same type')
  })
})
