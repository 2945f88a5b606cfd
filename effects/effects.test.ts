import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PullbackError } from '../lib/data/index.js'
import { closureOf } from '../lib/lang/closure.js'
import { numbers } from '../lib/lang/evaluate.fixture.js'
import { add, f64, fn, grad, mul, sin, sum } from '../lib/lang/index.js'
import {
  collected,
  flatMap,
  gen,
  handle,
  log,
  Monad,
  type Program,
  pure,
  request,
  silenced,
  tap,
  value,
} from './index.js'

/** Answers 'Ask' with what it was asked for, plus one. */
const answered = <A>(program: Program<A, 'Ask'>): A =>
  value(
    handle<A, 'Ask', 'Ask', A, never>(program, 'Ask', {
      done: pure,
      request: (payload, resume) => resume(Number(payload) + 1),
    }),
  )
const ask = (n: number): Program<number, 'Ask'> => request('Ask', n)

describe('Program is a monad', () => {
  const programs: fc.Arbitrary<Program<number, 'Ask'>> = fc
    .array(fc.integer({ min: -9, max: 9 }), { maxLength: 5 })
    .map((asked) =>
      asked.reduce<Program<number, 'Ask'>>(
        (program, n) => flatMap(program, (a) => flatMap(ask(n), (b) => pure(a + b))),
        pure(0),
      ),
    )
  const steps = fc
    .integer({ min: -9, max: 9 })
    .map((n) => (a: number) => flatMap(ask(a * n), (b) => pure(a - b)))

  it('of is neutral on the left and on the right', () => {
    fc.assert(
      fc.property(fc.integer(), steps, (a, f) => {
        expect(answered(Monad.chain(Monad.of<'Ask', number>(a), f))).toBe(answered(f(a)))
      }),
    )
    fc.assert(
      fc.property(programs, (m) => {
        expect(answered(Monad.chain(m, (a) => Monad.of<'Ask', number>(a)))).toBe(answered(m))
      }),
    )
  })

  it('chain is associative', () => {
    fc.assert(
      fc.property(programs, steps, steps, (m, f, g) => {
        const left = Monad.chain(Monad.chain(m, f), g)
        const right = Monad.chain(m, (a) => Monad.chain(f(a), g))
        expect(answered(left)).toBe(answered(right))
      }),
    )
  })

  it('map and ap agree with chain', () => {
    fc.assert(
      fc.property(programs, programs, (m, n) => {
        const plus = (a: number) => (b: number) => a + b
        const viaAp = Monad.ap(Monad.map(m, plus), n)
        const viaChain = Monad.chain(m, (a) => Monad.map(n, plus(a)))
        expect(answered(viaAp)).toBe(answered(viaChain))
      }),
    )
  })

  it('a program may be run again, and resumed twice', () => {
    const both = flatMap(ask(1), (a) => flatMap(ask(10), (b) => pure([a, b])))
    const all = handle<readonly number[], 'Ask', 'Ask', readonly (readonly number[])[], never>(
      both,
      'Ask',
      {
        done: (pair) => pure([pair]),
        request: (payload, resume) =>
          flatMap(resume(payload), (some) =>
            flatMap(resume(Number(payload) * 2), (more) => pure([...some, ...more])),
          ),
      },
    )
    const expected = [
      [1, 10],
      [1, 20],
      [2, 10],
      [2, 20],
    ]
    expect(value(all)).toEqual(expected)
    expect(value(all)).toEqual(expected)
  })
})

describe('generator notation', () => {
  it('is chain, written in lines', () => {
    const program = gen(function* () {
      const a = yield* ask(1)
      const b = yield* ask(a * 10)
      return a + b
    })
    expect(answered(program)).toBe(23)
    expect(answered(program)).toBe(23)
  })

  it('may be resumed again, and anew from each place', () => {
    const program = gen(function* () {
      const a = yield* ask(1)
      let total = a
      total += yield* ask(10)
      return [a, total]
    })
    const all = handle<readonly number[], 'Ask', 'Ask', readonly (readonly number[])[], never>(
      program,
      'Ask',
      {
        done: (pair) => pure([pair]),
        request: (payload, resume) =>
          flatMap(resume(payload), (some) =>
            flatMap(resume(Number(payload) * 2), (more) => pure([...some, ...more])),
          ),
      },
    )
    expect(value(all)).toEqual([
      [1, 11],
      [1, 21],
      [2, 12],
      [2, 22],
    ])
  })
})

describe('depth', () => {
  const n = 1_000_000
  it('10⁶ binds to the left and to the right need no stack', () => {
    let left: Program<number> = pure(0)
    for (let i = 0; i < n; i++) left = flatMap(left, (a) => pure(a + 1))
    expect(value(left)).toBe(n)
    const right = (i: number): Program<number> => (i === n ? pure(i) : flatMap(pure(i + 1), right))
    expect(value(right(0))).toBe(n)
  })

  it('10⁵ requests are answered in a loop', () => {
    const program = gen(function* () {
      let total = 0
      for (let i = 0; i < 100_000; i++) total += yield* ask(0)
      return total
    })
    expect(answered(program)).toBe(100_000)
  })
})

describe('logging', () => {
  it('functions with effects are handled before they run', () => {
    const f = fn({ x: f64('n') }, function* ({ x }) {
      const s = yield* tap('sine', sin(x))
      yield* log('input', x)
      yield* log('input', s)
      return sum(s)
    })
    const quiet = fn({ x: f64('n') }, ({ x }) => silenced(f({ x })))
    const loud = fn({ x: f64('n') }, ({ x }) => collected(f({ x })))
    expect(numbers(quiet, { x: [0, 0] })).toEqual([0])
    expect(numbers(loud, { x: [0, 0] })).toEqual({
      value: [0],
      logged: {
        sine: [[0, 0]],
        input: [
          [0, 0],
          [0, 0],
        ],
      },
    })
    expect(numbers(grad(quiet, 'x'), { x: [0, 0] })).toEqual([1, 1])
  })

  it('grad and everything else refuses unhandled effects, in words', () => {
    const f = fn({ x: f64() }, function* ({ x }) {
      yield* log('x', x)
      return mul(x, x)
    })
    expect(() => closureOf(f, 'grad')).toThrow(PullbackError)
    expect(() => closureOf(f, 'grad')).toThrow("'fn': unhandled effect IO. Handle it before grad")
    const untyped = value as (program: unknown) => unknown
    expect(() => untyped(ask(1))).toThrow('unhandled effect Ask. Handle it before value')
  })

  it('a body whose effects are handled is an ordinary function', () => {
    const f = fn({ x: f64() }, function* ({ x }) {
      const y = yield* silenced(tap('x', x))
      return add(y, 1)
    })
    expect(numbers(f, { x: 1 })).toEqual([2])
  })
})
