/**
 * The carry of a loop, and what it comes to depend on.
 *
 *   body: h → tanh(add(h, w))      h enters as "@carry", leaves as "@carry" | "w"
 *   init "x"                       →  after the loop: "x" | "w"
 *
 * In the body each leaf of the carry is graded by its own symbol. Afterwards symbols are replaced
 * by the initial grades, then by what that gave, until nothing is new: the least fixpoint, so a
 * mark that the second step would pick up is there. After eight rounds the grade counts as unknown.
 * Symbols found in the body stay in the result, for they may be an outer loop's carry; `fn` drops
 * them, assuming that no function made inside a loop captures its carry.
 */
import type { Composed } from './apply.js'
import type { Grade, Selected } from './grade.js'
import type { Tail } from './shape.js'
import type { GradeOf, Tensor } from './tensor.js'
import type { Join, Tree } from './tree.js'

/** The carry as a body sees it: each leaf graded by its symbol. */
export type CarryIn<C, Path extends string = '@carry'> = [Tree] extends [C]
  ? Tree
  : C extends Tensor<infer S, infer D, Grade>
    ? Tensor<S, D, Path>
    : C extends number
      ? Tensor
      : { readonly [K in keyof C]: CarryIn<C[K], Join<Path, K>> }

/** Never where every leaf is a tensor; otherwise the message: a number has no dtype to keep. */
export type NumberFault<Op extends string, C, Path extends string = ''> = [Tree] extends [C]
  ? never
  : C extends number
    ? `✗ ${Op}: the carry holds a number${Path extends '' ? '' : ` at '${Path}'`}: give it a dtype, as constant(0, { dtype: 'i32' })`
    : C extends Tensor
      ? never
      : { [K in keyof C]: NumberFault<Op, C[K], Join<Path, K>> }[C extends readonly unknown[]
          ? keyof C & number
          : keyof C]

/** The carry after the loop: `Init` goes in, `Out` is what the body makes of the symbols. */
export type CarryOut<Init, Out, Env = Init, Rounds extends 0[] = []> = Rounds['length'] extends 8
  ? Unknown<Init>
  : Step<Env, Out, Env> extends infer Next
    ? [Next] extends [Env]
      ? Leaked<Env, Out>
      : CarryOut<Init, Out, Next, [...Rounds, 0]>
    : never

/** One more round: every leaf keeps its grade and gets that of the body. */
type Step<T, Out, Env> = [Tree] extends [T | Out]
  ? Tree
  : T extends Tensor<infer S, infer D, infer G>
    ? Tensor<S, D, G | Composed<GradeOf<Out>, { readonly '@carry': Env }>>
    : { readonly [K in keyof T]: K extends keyof Out ? Step<T[K], Out[K], Env> : never }

type Leaked<T, Out> = [Tree] extends [T | Out]
  ? Tree
  : T extends Tensor<infer S, infer D, infer G>
    ? Tensor<S, D, G | Symbols<GradeOf<Out>>>
    : { readonly [K in keyof T]: K extends keyof Out ? Leaked<T[K], Out[K]> : never }

/** The symbols among grades. */
export type Symbols<G extends Grade> = Extract<G, `@${string}`>

type Unknown<T> = [Tree] extends [T]
  ? Tree
  : T extends Tensor<infer S, infer D, Grade>
    ? Tensor<S, D, string>
    : { readonly [K in keyof T]: Unknown<T[K]> }

/** A grade of the body, with the symbols led back through the carry. */
export type Through<G extends Grade, C> = G extends never
  ? never
  : Composed<G, { readonly '@carry': C }> | Symbols<G>

/** Every leaf of a tree selected by a grade: by the number of steps, or a condition. */
export type SelectedTree<T, P extends Grade, Op extends string> = [P] extends [never]
  ? T
  : [Tree] extends [T]
    ? Tree
    : T extends Tensor<infer S, infer D, infer G>
      ? Tensor<S, D, G | Selected<P, G, Op>>
      : { readonly [K in keyof T]: SelectedTree<T[K], P, Op> }

/** What one step of a loop sees of its sequences: leaves without their first axis. */
export type Row<X> = [Tree] extends [X]
  ? Tree
  : X extends Tensor<infer S, infer D, infer G>
    ? Tensor<Tail<S>, D, G>
    : X extends null
      ? null
      : { readonly [K in keyof X]: Row<X[K]> }

/** The sequences that a loop runs over, if any. */
export type Sequences = Tree | null
