import { describe, expect, it } from 'vitest'
import { numbers } from '../lib/lang/evaluate.fixture.js'
import { add, constant, f64, fn, grad, mul } from '../lib/lang/index.js'
import type { Tensor } from '../lib/types/tensor.js'
import { Control, gen, type Program, request, threaded } from './index.js'

type Scalar = Tensor<[], 'f64', string>

/** The count so far, which grows by what is asked with. */
const count = (by: Scalar): Program<Scalar, 'Count'> => request('Count', by)

const counted = <A, E extends string>(program: Program<A, E>) =>
  threaded(program, 'Count', { n: constant(0, { dtype: 'f64' }) }, (by: Scalar, { n }) => ({
    answer: n,
    state: { n: add(n, by) },
  }))

describe('the handler of an effect of one’s own', () => {
  const f = fn({ x: f64() }, ({ x }) =>
    counted(
      gen(function* () {
        yield* count(x)
        const last = yield* Control.forLoop(3, x, (_, c) =>
          gen(function* () {
            return mul(c, yield* count(c)) as Tensor<[], 'f64', 'x'>
          }),
        )
        return last
      }),
    ),
  )

  it('threads its state through straight lines and loops', () => {
    // n: x → x + x → 2x + x² → 2x + x² + 2x³; c: x → x² → 2x³ → 2x³·(2x + x²)
    const [x] = [3]
    const value = 2 * x ** 3 * (2 * x + x ** 2)
    const total = 2 * x + x ** 2 + 2 * x ** 3
    expect(numbers(f, { x })).toEqual({ value: [value], state: { n: [total] } })
  })

  it('and so do derivatives', () => {
    const total = fn({ x: f64() }, ({ x }) => f({ x }).state.n)
    expect(numbers(grad(total as never, 'x' as never), { x: 3 })).toEqual([2 + 6 + 54])
  })

  it('a state of another form is refused in words', () => {
    const wrong = () =>
      fn({ x: f64() }, ({ x }) =>
        threaded(count(x), 'Count', { n: x }, (_: Scalar, state) => ({
          answer: state.n,
          state: {} as typeof state,
        })),
      )
    expect(wrong).toThrow("the next state of Count: 'n' is missing")
  })
})
