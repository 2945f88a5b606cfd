import * as Effect from 'effect/Effect'
import { describe, expect, it } from 'vitest'
import { arrayFrom, PullbackError } from '../../lib/data/index.js'
import { add, mul } from '../../lib/ops/index.js'
import { closeStrict, parameter } from '../../lib/term/index.js'
import { Backend, callScoped } from '../backend.js'
import { makeReference, reference } from './index.js'

const binder = { name: 'f' }
const x = parameter(binder, 'x', { dtype: 'f64', shape: ['n'] })
const y = parameter(binder, 'y', { dtype: 'f64', shape: ['n'] })
/** f(x, y) = (x + y, x·y, x) */
const func = closeStrict('f', [x, y], [add(x, y), mul(x, y), x])

const load = (donate: readonly number[] = []) => {
  const backend = makeReference()
  return { backend, f: Effect.runSync(Effect.scoped(backend.load(func, { donate }))) }
}
const array = (...values: readonly number[]) => arrayFrom('f64', [values.length], values)
const numbers = (arrays: readonly { readonly data: ArrayLike<number> }[]) =>
  arrays.map((a) => Array.from(a.data))

describe('the reference backend', () => {
  it('runs one program at several sizes', () => {
    const { backend, f } = load()
    const at = (...args: [number[], number[]]) =>
      numbers(
        backend.readSync(
          f.call(
            args.map((a) => array(...a)),
            { n: args[0].length },
          ),
        ),
      )
    expect(at([1, 2], [3, 4])).toEqual([
      [4, 6],
      [3, 8],
      [1, 2],
    ])
    expect(at([1], [5])).toEqual([[6], [5], [1]])
    expect(at([], [])).toEqual([[], [], []])
  })

  it('takes resident results as arguments, unread', () => {
    const { backend, f } = load()
    const [sum, product] = f.call([array(1), array(2)], { n: 1 })
    expect(numbers(backend.readSync(f.call([sum, product], { n: 1 })))).toEqual([[5], [6], [3]])
  })

  it('neither keeps nor writes host arrays', () => {
    const { backend, f } = load()
    const given = array(1, 2)
    const results = f.call([given, given], { n: 2 })
    given.data[0] = 100
    const [, , first] = backend.readSync(results)
    expect(Array.from(first.data)).toEqual([1, 2])
    first.data[0] = 50
    expect(numbers(backend.readSync(results))[2]).toEqual([1, 2])
  })

  it('ends the life of donated arrays, and of no others', () => {
    const { backend, f } = load([1])
    const [a, b] = [backend.place(array(1)), backend.place(array(2))]
    f.call([a, b], { n: 1 })
    expect([a.live, b.live]).toEqual([true, false])
    expect(() => f.call([a, b], { n: 1 })).toThrow(
      'reference: the array was released or donated; expected a live one. ' +
        'Read it before releasing it, or do not donate it',
    )
  })

  it('releases by `using`, and a second release does nothing', () => {
    const { backend } = load()
    const array1 = backend.place(array(1))
    {
      using held = array1
      expect(held.live).toBe(true)
    }
    expect(array1.live).toBe(false)
    array1.release()
    expect(() => backend.readSync([array1])).toThrow(PullbackError)
  })

  it('refuses arrays of another backend', () => {
    const { f } = load()
    const foreign = makeReference().place(array(1))
    expect(() => f.call([foreign, foreign], { n: 1 })).toThrow(
      'reference: the array belongs to another backend. Read it there and pass the copy',
    )
  })

  it('as a service: results of a scoped call live as long as their scope, arrays as the layer', () => {
    const program = Effect.gen(function* () {
      const backend = yield* Backend
      const f = yield* backend.load(func)
      const kept = backend.place(array(7))
      const lost = yield* Effect.scoped(
        Effect.gen(function* () {
          const results = yield* callScoped(f, [kept, kept], { n: 1 })
          expect(numbers(yield* backend.read(results))).toEqual([[14], [49], [7]])
          return results
        }),
      )
      const error = yield* Effect.flip(backend.read(lost))
      expect(error).toBeInstanceOf(PullbackError)
      return { kept, lost }
    })
    const { kept, lost } = Effect.runSync(Effect.scoped(program).pipe(Effect.provide(reference)))
    expect([kept.live, ...lost.map((a) => a.live)]).toEqual([false, false, false, false])
  })
})
