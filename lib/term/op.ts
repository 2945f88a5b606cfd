/**
 * What an op declares: one record with every rule. A missing rule does not compile.
 *
 * Rules are written with the combinators that users write, on terms. Rules of control flow need
 * the interpreters that live above them; they get them as an argument (`Interpreters`), so that
 * nothing is registered and imports go one way.
 */
import type { Dim, NDArray, Sizes } from '../data/index.js'
import type { Func } from './func.js'
import type { Attrs, Node, TensorType, Term } from './term.js'

/** How results depend on an argument: `cut` carries no derivative, `jump` may be discontinuous. */
export type Continuity = 'smooth' | 'kink' | 'jump' | 'cut'

/** A tangent or cotangent; `null` is the symbolic zero, which is never materialised. */
export type MaybeTerm = Term | null

export interface Op {
  readonly name: string
  /** One paragraph: meaning, shapes, conventions at singular points, source. */
  readonly doc: string
  /** One for all arguments, or one each (the last repeats). */
  readonly grade: Continuity | readonly Continuity[]
  /** Argument types → result types; throws a PullbackError in words. */
  readonly type: (args: readonly TensorType[], attrs: Attrs) => readonly TensorType[]
  readonly evaluate: (call: EvaluateCall) => readonly NDArray[]
  /** The tangents of the results; 'zero' where no result carries one (integers, cut values). */
  readonly jvp: 'zero' | ((call: JvpCall) => readonly MaybeTerm[] | JvpReplacement)
  /** Cotangents of the linear arguments (null elsewhere); 'nonlinear' where no argument is. */
  readonly transpose: 'nonlinear' | ((call: TransposeCall) => readonly MaybeTerm[])
  readonly batch: (call: BatchCall) => readonly Term[] | Batched
  readonly cost: (call: CostCall) => Cost
  /** Arguments on which every law is tested. */
  readonly samples: readonly Sample[]
  /** Attributes that hold sizes (`shape`, `sizes`, …): resolved before evaluation. */
  readonly dims?: readonly string[]
  /** Partial evaluation, for ops with bodies; others are known or unknown as a whole. */
  readonly split?: (call: SplitCall) => SplitResult
}

export interface EvaluateCall {
  readonly args: readonly NDArray[]
  /** With sizes resolved to numbers in the attributes that `dims` names. */
  readonly attrs: Attrs
  /** Result shapes as numbers. */
  readonly types: readonly {
    readonly dtype: TensorType['dtype']
    readonly shape: readonly number[]
  }[]
  readonly sizes: Sizes
  readonly interpret: Interpreters
}

export interface JvpCall {
  readonly node: Node
  readonly attrs: Attrs
  readonly primals: readonly Term[]
  /** One per primal; at least one is not null. */
  readonly tangents: readonly MaybeTerm[]
  /** The primal results. */
  readonly outs: readonly Term[]
  /** The first of them, for ops of one result. */
  readonly out: Term
  readonly interpret: Interpreters
}

/** For ops that compute values and tangents together (a scan of both). */
export interface JvpReplacement {
  readonly outs: readonly Term[]
  readonly tangents: readonly MaybeTerm[]
}

export interface TransposeCall {
  readonly node: Node
  readonly attrs: Attrs
  /** One per result; at least one is not null. */
  readonly cotangents: readonly MaybeTerm[]
  /** The only one, for ops of one result. */
  readonly cotangent: Term
  /** The arguments; of linear ones only the type may be read. */
  readonly args: readonly Term[]
  readonly linear: readonly boolean[]
  readonly interpret: Interpreters
}

export interface BatchCall {
  readonly node: Node
  readonly attrs: Attrs
  /** Batched ones carry the batch as axis 0; at least one is batched. */
  readonly args: readonly Term[]
  readonly batched: readonly boolean[]
  readonly size: Dim
  readonly interpret: Interpreters
}

/** A plain list of results means: all batched, on axis 0. */
export interface Batched {
  readonly outs: readonly Term[]
  readonly batched: readonly boolean[]
}

export interface SplitCall {
  readonly node: Node
  readonly attrs: Attrs
  /** Of unknown arguments only the type may be read. */
  readonly args: readonly Term[]
  readonly known: readonly boolean[]
  readonly interpret: Interpreters
}

export interface SplitResult {
  /** The results that need no unknown argument; null for the others. */
  readonly outs: readonly MaybeTerm[]
  /** Known terms that the rest needs. */
  readonly residuals: readonly Term[]
  /** The other results, from the residuals and the unknown arguments (null where known). */
  readonly rest: (residuals: readonly Term[], unknown: readonly MaybeTerm[]) => readonly MaybeTerm[]
}

export interface CostCall {
  readonly args: readonly TensorType[]
  readonly results: readonly TensorType[]
  readonly attrs: Attrs
  readonly interpret: Interpreters
}

export interface Cost {
  /** Scalar operations; one multiply-add counts two, a transcendental about eight. */
  readonly flops: Dim
}

/** The arguments of one application: used as test input for every law that applies. */
export interface Sample {
  readonly args: readonly ArgSample[]
  readonly attrs?: Attrs
}

export interface ArgSample {
  readonly kind: 'float' | 'int' | 'uint' | 'bool'
  readonly shape: readonly number[]
  /** Values are drawn from this closed interval (integers: whole numbers in it). */
  readonly range?: readonly [number, number]
}

/** The interpreters over closed functions that rules of control flow call. */
export interface Interpreters {
  readonly evaluate: (func: Func, args: readonly NDArray[], sizes: Sizes) => readonly NDArray[]
  readonly jvp: (func: Func, active: readonly boolean[]) => JvpFunc
  readonly split: (func: Func, known: readonly boolean[]) => SplitFunc
  readonly transpose: (
    func: Func,
    linear: readonly boolean[],
    cotangents: readonly boolean[],
  ) => TransposedFunc
  readonly batch: (func: Func, batched: readonly boolean[], size: Dim) => BatchedFunc
  readonly cost: (func: Func) => Cost
}

/** `(primals…, active tangents…) → (results…, active tangents…)` */
export interface JvpFunc {
  readonly func: Func
  /** Which results have a tangent. */
  readonly active: readonly boolean[]
}

/**
 * `known: known params → known results…, residuals…` and
 * `unknown: residuals…, unknown params… → unknown results…`.
 */
export interface SplitFunc {
  readonly known: Func
  readonly unknown: Func
  /** Which results are known. */
  readonly results: readonly boolean[]
  readonly residuals: readonly TensorType[]
}

/** `(nonlinear params…, given cotangents…) → cotangents of linear params that are not zero`. */
export interface TransposedFunc {
  readonly func: Func
  /** One per linear parameter: false where its cotangent is zero. */
  readonly nonzero: readonly boolean[]
}

export interface BatchedFunc {
  readonly func: Func
  /** Which results carry the batch, as axis 0. */
  readonly batched: readonly boolean[]
}
