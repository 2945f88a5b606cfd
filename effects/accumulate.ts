/**
 * Accumulation: a total that a program adds to and does not read.
 *
 *   accumulated(constant(0), gen(function* () { yield* tell(square(w)); return loss }))
 *     →  { value, total }
 *
 * Additions commute, so that none waits for another's value: the adjoint of the total goes to every
 * addition as it is, whatever their order.
 */
import { fail } from '../lib/data/index.js'
import { tensorOf, termOf } from '../lib/lang/face.js'
import { flatMap, later, pure, request } from '../lib/lang/program.js'
import { type Threading, thread } from '../lib/lang/scope.js'
import { add, sameShape } from '../lib/ops/index.js'
import { showType, type Term } from '../lib/term/index.js'
import type { DType } from '../lib/types/dtype.js'
import type { Program } from '../lib/types/program.js'
import type { Shape } from '../lib/types/shape.js'
import type { Tensor } from '../lib/types/tensor.js'

/** Adds a tensor of the total's type to it. */
export const tell = (x: Tensor): Program<void, 'Accumulate'> => request('Accumulate', x)

/** A value, and the total of what was told on the way to it. */
export interface Accumulated<A, S extends Shape, D extends DType> {
  readonly value: A
  /** Its grade is settled when the program is built. */
  readonly total: Tensor<S, D, string>
}

/** Adds up what a program tells, from a first value on; in loops and branches too. */
export const accumulated = <S extends Shape, D extends DType, A, E extends string>(
  from: Tensor<S, D>,
  program: Program<A, E>,
): Program<Accumulated<A, S, D>, Exclude<E, 'Accumulate'>> =>
  later(() => {
    const start = termOf('accumulated', from)
    return flatMap(thread(program, start, adding), ({ value, state }) =>
      pure({ value, total: tensorOf<Tensor<S, D, string>>(state) }),
    )
  }) as Program<Accumulated<A, S, D>, Exclude<E, 'Accumulate'>> // it is answered

const adding: Threading<Term> = {
  effect: 'Accumulate',
  answer: (total, payload) => {
    const x = payload as Term // as `tell` makes them
    if (x.dtype !== total.dtype || !sameShape(x.shape, total.shape)) {
      fail({
        code: 'effect',
        where: 'tell',
        what: `${showType(x)} is told`,
        expected: `${showType(total)}, as the total is`,
      })
    }
    return { state: add(total, x), answer: undefined }
  },
  tensors: (total) => [total],
  restore: (_, [total]) => total,
}
