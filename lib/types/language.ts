/**
 * The language by name: functions, control flow, transformations, arrows and programs, each with
 * its signature. Together with the operations (vocabulary.ts) this is what `lib/lang` implements.
 */
import type { Apply } from './apply.js'
import type { Compose, Fanout, First, Id, Parallel, Second } from './arrow.js'
import type { Vmap } from './batching.js'
import type {
  AssociativeScan,
  Cond,
  ForLoop,
  MapRows,
  Scan,
  SwitchCase,
  WhileLoop,
} from './control.js'
import type {
  Checkpoint,
  CustomBatching,
  CustomJvp,
  CustomTranspose,
  CustomVjp,
  Piecewise,
  StopGradient,
  StraightThrough,
} from './custom.js'
import type { MakeFn } from './fn.js'
import type { Gen, Pure } from './program.js'
import type {
  Grad,
  Hessian,
  Hvp,
  Jac,
  Jvp,
  Linearize,
  LinearTranspose,
  ValueAndGrad,
  Vjp,
} from './transform.js'
import type { SpecOf } from './tree.js'
import type { Operations } from './vocabulary.js'

/** Functions and their inputs. */
export interface FunctionVocabulary {
  readonly fn: MakeFn
  readonly apply: Apply
  readonly f32: SpecOf<'f32'>
  readonly f64: SpecOf<'f64'>
  readonly f16: SpecOf<'f16'>
  readonly i32: SpecOf<'i32'>
  readonly u32: SpecOf<'u32'>
  readonly bool: SpecOf<'bool'>
}

/** Control flow. */
export interface ControlVocabulary {
  readonly cond: Cond
  readonly switchCase: SwitchCase
  readonly whileLoop: WhileLoop
  readonly forLoop: ForLoop
  readonly scan: Scan
  readonly associativeScan: AssociativeScan
  readonly map: MapRows
}

/** Transformations of functions, and the author's own rules. */
export interface TransformVocabulary {
  readonly grad: Grad
  readonly valueAndGrad: ValueAndGrad
  readonly jvp: Jvp
  readonly vjp: Vjp
  readonly linearize: Linearize
  readonly linearTranspose: LinearTranspose
  readonly jacfwd: Jac<'jacfwd'>
  readonly jacrev: Jac<'jacrev'>
  readonly hessian: Hessian
  readonly hvp: Hvp
  readonly vmap: Vmap
  readonly checkpoint: Checkpoint
  readonly stopGradient: StopGradient
  readonly straightThrough: StraightThrough
  readonly piecewise: Piecewise
  readonly customJvp: CustomJvp
  readonly customVjp: CustomVjp
  readonly customTranspose: CustomTranspose
  readonly customBatching: CustomBatching
}

/** Arrows. */
export interface ArrowVocabulary {
  readonly id: Id
  readonly compose: Compose
  readonly fanout: Fanout
  readonly parallel: Parallel
  readonly first: First
  readonly second: Second
}

/** Programs with effects. */
export interface ProgramVocabulary {
  readonly gen: Gen
  readonly pure: Pure
}

/** Everything. */
export interface Language
  extends Operations,
    FunctionVocabulary,
    ControlVocabulary,
    TransformVocabulary,
    ArrowVocabulary,
    ProgramVocabulary {}
