/**
 * Control flow that stays in the program.
 *
 *   cond(gt(x, 0), () => sqrt(x), () => neg(x))
 *   scan(h0, xs, (h, x) => { const n = tanh(add(matmul(h, w), x)); return [n, n] })
 *   whileLoop({ i, x }, (c) => lt(c.i, 10), (c) => ({ i: add(c.i, 1), x: cos(c.x) }))
 *
 * Bodies may use tensors from around them. A value that a predicate on x chooses may jump in x; so
 * may the result of a loop whose number of steps depends on x. Carries keep shape and dtype.
 */
import type {
  CarryIn,
  CarryOut,
  NumberFault,
  Row,
  SelectedTree,
  Sequences,
  Through,
} from './carry.js'
import type { DomainFault } from './dtype.js'
import type { First } from './elementwise.js'
import type { IndexFault } from './gather.js'
import type { Grade } from './grade.js'
import type { Joined, MatchFault, ShowType } from './match.js'
import type { NoOptions } from './options.js'
import type { Dim, Head, ShowDim } from './shape.js'
import type { Checked, DTypeOf, GradeOf, Operand, ShapeOf, Tensor } from './tensor.js'
import type { Argument, Tree } from './tree.js'
import type { Last } from './union.js'

/** `cond(predicate, then, otherwise, ...operands)`: one branch runs, on the operands. */
export type Cond = <
  P extends Tensor,
  const T extends Tree,
  const F extends Tree,
  const X extends readonly Tree[],
>(
  predicate: Checked<ScalarBoolFault<'cond', P>, P>,
  then: (...operands: X) => T,
  otherwise: (...operands: X) => Checked<MatchFault<'cond: the branches differ', T, F>, F>,
  ...operands: X
) => Joined<T, F, GradeOf<P>, 'cond'>

/** `switchCase(index, branches, ...operands)`: the index is clamped to the branches. */
export type SwitchCase = <
  I extends Operand,
  const X extends readonly Tree[],
  const B extends readonly ((...operands: X) => Tree)[],
>(
  index: Checked<IndexFault<'switchCase', I>, I>,
  branches: Checked<BranchesFault<B>, B>,
  ...operands: X
) => JoinedAll<Results<B>, GradeOf<I>>

type Results<B> = { readonly [K in keyof B]: B[K] extends (...x: never) => infer R ? R : never }

type BranchesFault<B> = Results<B> extends readonly [infer A, ...infer R] ? MatchEach<A, R> : never

type MatchEach<A, R> = R extends readonly [infer B, ...infer More]
  ? First<MatchFault<'switchCase: the branches differ', A, B>, MatchEach<A, More>>
  : never

type JoinedAll<R, P extends Grade> = R extends readonly [infer A, infer B, ...infer More]
  ? JoinedAll<readonly [Joined<A, B, P, 'switchCase'>, ...More], P>
  : R extends readonly [infer A]
    ? Joined<A, A, P, 'switchCase'>
    : never

/** Never when a predicate is one bool; otherwise the message. */
type ScalarBoolFault<Op extends string, P> = First<
  DomainFault<Op, 'bool', DTypeOf<P>>,
  ShapeOf<P> extends readonly []
    ? never
    : number extends ShapeOf<P>['length']
      ? never
      : `✗ ${Op} needs one bool, got ${ShowType<P>}: use where to choose elementwise`
>

export interface ScanOptions {
  /** The number of steps, where there are no sequences to tell it. */
  readonly length?: Dim
  /** Run from the last step to the first. */
  readonly reverse?: boolean
}

/**
 * `scan(init, xs, (carry, x) => [carry, y], options?)` → [last carry, stacked ys]. `xs` is a tree of
 * sequences along the first axis, or null with a `length`; `y` may be null.
 */
export type Scan = <
  const C extends Argument,
  const X extends Sequences,
  const N extends Tree,
  const Y extends Tree | null,
  const P extends ScanOptions = NoOptions,
>(
  init: Checked<NumberFault<'scan', C>, C>,
  xs: Checked<LengthFault<'scan', X>, X>,
  body: (
    carry: CarryIn<C>,
    x: Row<X>,
  ) => readonly [Checked<MatchFault<'scan: the carry changes', C, N>, N>, Y],
  options?: P,
) => readonly [carry: CarryOut<C, N>, ys: StackedThrough<Y, CarryOut<C, N>, LengthOf<X, P>>]

/** `map(xs, f)`: f on each row of a tree of sequences, one after another; results are stacked. */
export type MapRows = <const X extends Tree, const Y extends Tree>(
  xs: Checked<LengthFault<'map', X>, X>,
  f: (x: Row<X>) => Y,
) => StackedThrough<Y, never, LengthOf<X, NoOptions>>

/** A new first axis on every leaf, with grades led back through the carry. */
export type StackedThrough<Y, C, N extends Dim> = [Tree] extends [Y]
  ? Tree
  : Y extends Tensor<infer S, infer D, infer G>
    ? Tensor<[N, ...S], D, [C] extends [never] ? G : Through<G, C>>
    : Y extends null
      ? null
      : { readonly [K in keyof Y]: StackedThrough<Y[K], C, N> }

/** The first sizes of all leaves. */
type Heads<X> = [Tree] extends [X]
  ? never
  : X extends Tensor<infer S, infer _D, infer _G>
    ? S extends readonly []
      ? 'scalar'
      : [Head<S>]
    : X extends null
      ? never
      : { [K in keyof X]: Heads<X[K]> }[keyof X & (X extends readonly unknown[] ? number : keyof X)]

export type LengthFault<Op extends string, X> =
  Heads<X> extends infer H
    ? [Extract<H, 'scalar'>] extends [never]
      ? LengthsFault<Op, Lengths<H>>
      : `✗ ${Op} needs a first axis on every sequence`
    : never

type LengthsFault<Op extends string, L extends Dim> = [Exclude<L, Last<L>>] extends [never]
  ? never
  : `✗ ${Op}: the sequences have lengths ${ShowDim<Exclude<L, Last<L>>>} and ${ShowDim<Extract<Last<L>, Dim>>}`

/** The known lengths. */
type Lengths<H> = H extends readonly [infer N extends Dim] ? (number extends N ? never : N) : never

export type LengthOf<X, P> = [Lengths<Heads<X>>] extends [never]
  ? P extends { readonly length: infer N extends Dim }
    ? N
    : number
  : Lengths<Heads<X>>

export interface WhileOptions {
  /** The most steps the loop may take; with it reverse mode knows its memory. */
  readonly maxSteps?: number
}

/** `whileLoop(init, condition, body, options?)`: the carry when the condition first fails. */
export type WhileLoop = <const C extends Argument, P extends Tensor, const N extends Tree>(
  init: Checked<NumberFault<'whileLoop', C>, C>,
  condition: (carry: CarryIn<C>) => Checked<ScalarBoolFault<'whileLoop', P>, P>,
  body: (carry: CarryIn<C>) => Checked<MatchFault<'whileLoop: the carry changes', C, N>, N>,
  options?: WhileOptions,
) => Looped<CarryOut<C, N>, GradeOf<P>>

type Looped<C, P extends Grade> = SelectedTree<C, Through<P, C>, 'whileLoop'>

/** `forLoop(count, init, (i, carry) => carry)`: the carry after `count` steps; i counts from 0. */
export type ForLoop = <K extends Operand, const C extends Argument, const N extends Tree>(
  count: Checked<IndexFault<'forLoop', K>, K>,
  init: Checked<NumberFault<'forLoop', C>, C>,
  body: (
    i: Tensor<[], 'i32', never>,
    carry: CarryIn<C>,
  ) => Checked<MatchFault<'forLoop: the carry changes', C, N>, N>,
) => SelectedTree<CarryOut<C, N>, GradeOf<K>, 'forLoop'>

export interface AssociativeScanOptions {
  /** Run from the last element to the first. */
  readonly reverse?: boolean
}

/**
 * `associativeScan(xs, (a, b) => c, options?)`: all prefixes along the first axis under an
 * associative operation on single rows. Same shape as `xs`.
 */
export type AssociativeScan = <const X extends Tree, const N extends Tree>(
  xs: Checked<LengthFault<'associativeScan', X>, X>,
  combine: (
    a: CarryIn<Row<X>>,
    b: CarryIn<Row<X>>,
  ) => Checked<MatchFault<'associativeScan: the element changes', Row<X>, N>, N>,
  options?: AssociativeScanOptions,
) => StackedThrough<CarryOut<Row<X>, N>, never, LengthOf<X, NoOptions>>
