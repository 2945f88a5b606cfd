/**
 * Types of random programs: what a sample's grade says of the estimator it was asked with.
 *
 *   Random.normal(mu, sd)                     "mu" | "sd": the path carries the derivative
 *   Random.normal(mu, sd, { by: 'score' })    "mu#sampling normal" | …: cut here, and the handler
 *   Random.bernoulli(p)                       `expectation` carries the derivative past the cut
 *
 * A path that jumps before it reaches a parameter keeps its jump: no estimator mends that one.
 */
import type { Broadcast } from '../../lib/types/broadcast.js'
import type { DType, Floating } from '../../lib/types/dtype.js'
import type { BinaryFault, First, JointDType } from '../../lib/types/elementwise.js'
import type { Cut, Grade, NameOf } from '../../lib/types/grade.js'
import type { NoOptions } from '../../lib/types/options.js'
import type { Program } from '../../lib/types/program.js'
import type { Shape, Show } from '../../lib/types/shape.js'
import type { Checked, DTypeOf, GradeOf, Operand, ShapeOf, Tensor } from '../../lib/types/tensor.js'
import type { Estimator } from './family.js'

/** What a sample may be asked with. */
export interface DrawOptions<By extends Estimator> {
  /** The shape of the sample, to which the parameters broadcast; without it, theirs. */
  readonly shape?: Shape
  /** How the derivative of an expected value passes it. */
  readonly by?: By
  /** Subtracted from what the score multiplies: any scalar that does not depend on the sample. */
  readonly baseline?: Operand
}

/** A program that gives a sample. */
export type Drawn<
  Name extends string,
  S extends Shape,
  D extends DType,
  G extends Grade,
  P,
> = Program<Tensor<SampleShape<S, P>, D, Estimated<G, Name, P>>, 'Random'>

/** The shape that was asked for, or that of the parameters. */
export type SampleShape<S extends Shape, P> = P extends { readonly shape: infer T extends Shape }
  ? [...T]
  : S

type Estimated<G extends Grade, Name extends string, P> = P extends {
  readonly by: infer By extends Estimator
}
  ? By extends 'pathwise'
    ? G
    : By extends 'measure'
      ? CutSample<G, `sampling ${Name} by measure`>
      : CutSample<G, `sampling ${Name}`>
  : G

/** Paths that carry a derivative are cut by the sample; jumps stay what they are. */
export type CutSample<G extends Grade, Op extends string> = string extends G
  ? string
  : G extends `${string}!${string}`
    ? G
    : Cut<G, Op>

/** The grade of an expected value: cuts by samples vanish, for their estimators carry them. */
export type Expected<G extends Grade> = string extends G ? string : ExpectedEach<G>
type ExpectedEach<G extends Grade> = G extends `${string}#sampling ${infer Name} by measure`
  ? `${NameOf<G>}~sampling ${Name} by measure`
  : G extends `${string}#sampling ${string}`
    ? NameOf<G>
    : G

/**
 * Never when the options suit the sample; otherwise the message. A sample of unknown rank may suit:
 * the checker looks at options before it has the type of a parameter such as mul(x, 2).
 */
export type OptionsFault<Name extends string, S extends Shape, P, By> = P extends {
  readonly by: infer Asked extends Estimator
}
  ? Asked extends By
    ? Asked extends 'enumeration' | 'measure'
      ? number extends SampleShape<S, P>['length']
        ? never
        : SampleShape<S, P> extends readonly []
          ? never
          : `✗ ${Name}: ${Asked} needs a scalar sample, got ${Show<SampleShape<S, P>>}. Draw its elements one by one, or ask for score`
      : never
    : `✗ ${Name} has no ${Asked} estimator`
  : never

/** Never when a parameter is floating; otherwise the message. */
export type ParameterFault<Name extends string, A> = A extends number
  ? never
  : [DTypeOf<A>] extends [Floating]
    ? never
    : DType extends DTypeOf<A>
      ? never
      : `✗ ${Name}: a parameter is ${DTypeOf<A>}, it needs a floating dtype`

/** Never when two parameters go together; otherwise the message. */
export type PairFault<Name extends string, A, B> = First<
  ParameterFault<Name, A>,
  First<ParameterFault<Name, B>, A | B extends number ? never : BinaryFault<Name, 'float', A, B>>
>

/** The dtype of a sample: that of the parameters, f32 where all are numbers. */
export type SampleDType<A, B = A> = [JointDType<A, B>] extends [never] ? 'f32' : JointDType<A, B>

/** A family with one elementwise parameter. */
export type One<Name extends string, By extends Estimator> = <
  A extends Operand,
  const P extends DrawOptions<Estimator> = NoOptions,
>(
  parameter: Checked<ParameterFault<Name, A>, A>,
  options?: Checked<OptionsFault<Name, ShapeOf<A>, P, By>, P>,
) => Drawn<Name, ShapeOf<A>, SampleDType<A>, GradeOf<A>, P>

/** A family with two parameters that broadcast. */
export type Two<Name extends string, By extends Estimator> = <
  A extends Operand,
  B extends Operand,
  const P extends DrawOptions<Estimator> = NoOptions,
>(
  first: A,
  second: Checked<PairFault<Name, A, B>, B>,
  options?: Checked<OptionsFault<Name, Broadcast<ShapeOf<A>, ShapeOf<B>>, P, By>, P>,
) => Drawn<Name, Broadcast<ShapeOf<A>, ShapeOf<B>>, SampleDType<A, B>, GradeOf<A> | GradeOf<B>, P>

/**
 * A discrete family with one elementwise parameter; `D` is the dtype of samples, if not its own.
 */
export type Count<Name extends string, By extends Estimator, D extends DType = never> = <
  A extends Operand,
  const P extends DrawOptions<Estimator> = NoOptions,
>(
  parameter: Checked<ParameterFault<Name, A>, A>,
  options?: Checked<OptionsFault<Name, ShapeOf<A>, P, By>, P>,
) => Drawn<Name, ShapeOf<A>, [D] extends [never] ? SampleDType<A> : D, GradeOf<A>, CutUnless<P>>

/** A discrete sample is cut whatever it was asked with; by score, unless otherwise. */
export type CutUnless<P> = P extends { readonly by: Estimator } ? P : P & { readonly by: 'score' }
