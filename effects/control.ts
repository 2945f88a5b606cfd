/**
 * Control flow with effects: the bodies are programs, and handlers reach into them.
 *
 *   yield* Control.scan(h0, xs, (h, x) => gen(function* () { … return [h, y] }))
 *   yield* Control.forLoop(10, init, (i, c) => gen(function* () { … return c }))
 *
 * The loops and branches stay loops and branches: a handler's state is a part of their carry. The
 * condition of a while loop sees the carry alone.
 */

import type { Dim } from '../lib/data/index.js'
import {
  condOf,
  forLoopOf,
  type ScanOptions as Lengthened,
  scanOf,
  scanOptions,
  whileLoopOf,
} from '../lib/lang/control.js'
import { signed } from '../lib/lang/face.js'
import { flatten, termKind } from '../lib/lang/index.js'
import { flatMap, pure } from '../lib/lang/program.js'
import { enter, enterAgain, type Outcome, type Scope } from '../lib/lang/scope.js'
import { taking } from '../lib/lang/taking.js'
import { scalar } from '../lib/ops/index.js'
import type {
  CarryIn,
  CarryOut,
  Row,
  SelectedTree,
  Sequences,
  Through,
} from '../lib/types/carry.js'
import type { LengthFault, LengthOf, ScanOptions, StackedThrough } from '../lib/types/control.js'
import type { IndexFault } from '../lib/types/gather.js'
import type { Joined, MatchFault } from '../lib/types/match.js'
import type { NoOptions } from '../lib/types/options.js'
import type { Program } from '../lib/types/program.js'
import type { Checked, GradeOf, Operand, Tensor } from '../lib/types/tensor.js'
import type { Tree } from '../lib/types/tree.js'
import { rowsOf, stepByStep } from './unrolled.js'

interface ControlVocabulary {
  /** One of two programs, on a bool. */
  readonly cond: <
    P extends Tensor<readonly [], 'bool'>,
    const T extends Tree,
    const F extends Tree,
    E1 extends string,
    E2 extends string,
  >(
    predicate: P,
    then: () => Program<T, E1>,
    otherwise: () => Program<Checked<MatchFault<'cond: the branches differ', T, F>, F>, E2>,
  ) => Program<Joined<T, F, GradeOf<P>, 'cond'>, E1 | E2>
  /** Carries values over the rows of sequences; stacks what each step gives. */
  readonly scan: <
    const C extends Tree,
    const X extends Sequences,
    const N extends Tree,
    const Y extends Tree | null,
    E extends string,
    const P extends ScanOptions = NoOptions,
  >(
    init: C,
    xs: Checked<LengthFault<'scan', X>, X>,
    body: (
      carry: CarryIn<C>,
      x: Row<X>,
    ) => Program<readonly [Checked<MatchFault<'scan: the carry changes', C, N>, N>, Y], E>,
    options?: P,
  ) => Program<
    readonly [carry: CarryOut<C, N>, ys: StackedThrough<Y, CarryOut<C, N>, LengthOf<X, P>>],
    E
  >
  /** Repeats a program while a condition on the carry holds. */
  readonly whileLoop: <
    const C extends Tree,
    P extends Tensor<readonly [], 'bool'>,
    const N extends Tree,
    E extends string,
  >(
    init: C,
    condition: (carry: CarryIn<C>) => P,
    body: (
      carry: CarryIn<C>,
    ) => Program<Checked<MatchFault<'whileLoop: the carry changes', C, N>, N>, E>,
  ) => Program<SelectedTree<CarryOut<C, N>, Through<GradeOf<P>, CarryOut<C, N>>, 'whileLoop'>, E>
  /** Repeats a program for i = 0, 1, … below the count. */
  readonly forLoop: <
    K extends Operand,
    const C extends Tree,
    const N extends Tree,
    E extends string,
  >(
    count: Checked<IndexFault<'forLoop', K>, K>,
    init: C,
    body: (
      i: Tensor<[], 'i32', never>,
      carry: CarryIn<C>,
    ) => Program<Checked<MatchFault<'forLoop: the carry changes', C, N>, N>, E>,
  ) => Program<SelectedTree<CarryOut<C, N>, GradeOf<K>, 'forLoop'>, E>
}

type Body = (...trees: readonly unknown[]) => Program<unknown, string>

const cond = (predicate: unknown, then: Body, otherwise: Body) =>
  enter({
    carry: [],
    bodies: [then, otherwise].map(
      (branch) => (carry) => flatMap(branch(), (out) => pure([carry, out] as Outcome)),
    ),
    times: 'branch',
    build: (carry, [first, second]) =>
      condOf(predicate, first as Plain, second as Plain, carry) as Outcome,
  })

const scan = (init: unknown, xs: unknown, body: Body, options: Lengthened = {}) => {
  const count = lengthOf(xs) ?? options.length
  return enterAgain({
    carry: init,
    bodies: [(carry, row) => body(carry, row) as Program<Outcome, string>],
    times: count ?? 'unknown',
    ...(typeof count === 'number' && count > 0
      ? {
          unrolled: (carry, [step]) =>
            stepByStep(
              carry,
              step,
              rowsOf(xs, count).map((row) => [row]),
              options.reverse,
            ),
        }
      : {}),
    // The result of a scan is a pair.
    build: (carry, [step]) => scanOf(carry, xs, step as Plain, options) as unknown as Outcome,
  })
}

/** The length of the sequences of a scan; undefined where there are none. */
const lengthOf = (xs: unknown): Dim | undefined =>
  xs === null ? undefined : flatten(xs, termKind, 'scan: the sequences').leaves[0]?.shape[0]

const whileLoop = (init: unknown, condition: Plain, body: Body) =>
  carried({
    carry: init,
    bodies: [looping(body)],
    times: 'unknown',
    build: (carry, [step], own) => [
      whileLoopOf(
        carry,
        (c) => condition(own(c)),
        (c) => step(c)[0],
      ),
      null,
    ],
  })

const forLoop = (count: unknown, init: unknown, body: Body) =>
  carried({
    carry: init,
    bodies: [looping((carry, i) => body(i, carry))],
    times: typeof count === 'number' || typeof count === 'string' ? count : 'unknown',
    ...(typeof count === 'number' && count > 0
      ? {
          unrolled: (carry, [step]) =>
            stepByStep(
              carry,
              step,
              Array.from({ length: count }, (_, i) => [scalar(i, 'i32')]),
            ),
        }
      : {}),
    build: (carry, [step]) => [forLoopOf(count, carry, (i, c) => step(c, i)[0]), null],
  })

type Plain = (...trees: readonly unknown[]) => unknown

/** A body that gives its carry alone. */
const looping =
  (body: Body) =>
  (carry: unknown, ...rest: readonly unknown[]) =>
    flatMap(body(carry, ...rest), (next) => pure([next, null] as Outcome))

/** The carry that a scope ends with. */
const carried = (scope: Scope): Program<unknown, string> =>
  flatMap(enterAgain(scope), ([carry]) => pure(carry))

// The control flow that is built in the end checks what it is given.
export const Control = signed<ControlVocabulary>({
  cond: taking('Control.cond', { 1: 'function', 2: 'function' }, cond),
  scan: taking('Control.scan', { 2: 'function', 3: scanOptions }, scan),
  whileLoop: taking('Control.whileLoop', { 1: 'function', 2: 'function' }, whileLoop),
  forLoop: taking('Control.forLoop', { 2: 'function' }, forLoop),
})
