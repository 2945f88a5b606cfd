/**
 * Signatures of the distributions. Parameters broadcast; a number adopts the other's dtype.
 */
import type { NoOptions } from '../../lib/types/options.js'
import type { Program } from '../../lib/types/program.js'
import type { Dim, Shape } from '../../lib/types/shape.js'
import type { Checked, DTypeOf, GradeOf, Operand, ShapeOf, Tensor } from '../../lib/types/tensor.js'
import type { Estimator } from './family.js'
import type {
  Count,
  CutUnless,
  Drawn,
  DrawOptions,
  One,
  OptionsFault,
  ParameterFault,
  SampleDType,
  Two,
} from './types.js'

export interface RandomVocabulary {
  /** Normal of a mean and a standard deviation. */
  readonly normal: Two<'normal', 'pathwise' | 'score' | 'measure'>
  /** Uniform between two ends: the lower may be met, the upper not. */
  readonly uniform: Two<'uniform', 'pathwise'>
  /** A standard normal held between two bounds. */
  readonly truncatedNormal: Two<'truncated normal', 'pathwise'>
  /** Exponential of a rate, one over the mean. */
  readonly exponential: One<'exponential', 'pathwise' | 'score'>
  /** Laplace of location and scale; the variance is 2b². */
  readonly laplace: Two<'laplace', 'pathwise' | 'score'>
  /** Gumbel of location and scale; the mean is μ + 0.5772·β. */
  readonly gumbel: Two<'gumbel', 'pathwise' | 'score'>
  /** Logistic of location and scale; the variance is π²s²/3. */
  readonly logistic: Two<'logistic', 'pathwise' | 'score'>
  /** Gamma of shape and rate; the mean is α/β. Its path is differentiated implicitly. */
  readonly gamma: Two<'gamma', 'pathwise' | 'score'>
  /** Beta of two shapes, on (0, 1); the mean is a/(a + b). */
  readonly beta: Two<'beta', 'pathwise' | 'score'>
  /** Dirichlet of concentrations along the last axis, where a sample sums to 1. */
  readonly dirichlet: One<'dirichlet', 'pathwise' | 'score'>
  /** Student-t of its degrees of freedom, around 0. */
  readonly studentT: One<'student-t', 'pathwise' | 'score'>
  /** μ + L·n for a mean [.., n] and a factor L [n, n] of the covariance. */
  readonly multivariateNormal: MultivariateNormal

  /** Orthogonal matrices, of `shape` many, each as likely as any. n → [shape…, n, n] */
  readonly orthogonal: Orthogonal

  /** True with the given probability. */
  readonly bernoulli: Count<'bernoulli', 'score' | 'enumeration', 'bool'>
  /** An index with probabilities softmax(logits) along the last axis. [.., K] → i32[..] */
  readonly categorical: Categorical
  /** Successes in a number of trials, as whole numbers in the dtype of the probability. */
  readonly binomial: Binomial
  /** Events in a unit of time at a rate, as whole numbers in the dtype of the rate. */
  readonly poisson: Count<'poisson', 'score' | 'measure'>

  /** The rows of x in random order. */
  readonly permutation: <X extends Tensor>(x: X) => Program<X, 'Random'>
  /** Rows of x, with equal chance; different ones where asked for. [N, …] → [shape…, …] */
  readonly choice: Choice

  /** Biased: softmax((logits + gumbel) / temperature), near a corner of the simplex when cold. */
  readonly gumbelSoftmax: Relaxed
  /** Biased: one 1 along the last axis, with the derivative of gumbelSoftmax. */
  readonly straightThroughCategorical: Relaxed
}

export type MultivariateNormal = <
  M extends Tensor,
  L extends Tensor,
  const P extends DrawOptions<'pathwise'> = NoOptions,
>(
  mean: M,
  factor: Checked<FactorFault<M, L>, L>,
  options?: P,
) => Drawn<'multivariate normal', ShapeOf<M>, DTypeOf<M>, GradeOf<M> | GradeOf<L>, P>

type FactorFault<M, L> =
  ShapeOf<L> extends readonly [infer A, infer B]
    ? ShapeOf<M> extends readonly [...Dim[], infer N]
      ? [A, B] extends [N, N]
        ? never
        : `✗ multivariateNormal: the factor is not square of the mean's last size`
      : never
    : number extends ShapeOf<L>['length']
      ? never
      : `✗ multivariateNormal: the factor has ${ShapeOf<L>['length']} axes, it needs 2`

export interface OrthogonalOptions {
  /** How many to draw; one without it. */
  readonly shape?: Shape
  /** f32 without it. */
  readonly dtype?: 'f32' | 'f64'
}

export type Orthogonal = <const N extends number, const P extends OrthogonalOptions = NoOptions>(
  n: N,
  options?: P,
) => Program<
  Tensor<
    P extends { readonly shape: infer T extends Shape } ? [...T, N, N] : [N, N],
    P extends { readonly dtype: infer D extends 'f32' | 'f64' } ? D : 'f32',
    never
  >,
  'Random'
>

export type Categorical = <A extends Tensor, const P extends DrawOptions<Estimator> = NoOptions>(
  logits: Checked<ParameterFault<'categorical', A>, A>,
  options?: Checked<OptionsFault<'categorical', Batch<ShapeOf<A>>, P, 'score' | 'enumeration'>, P>,
) => Drawn<'categorical', Batch<ShapeOf<A>>, 'i32', GradeOf<A>, CutUnless<P>>

type Batch<S extends Shape> = S extends readonly [...infer B extends Shape, Dim] ? B : Dim[]

export type Binomial = <A extends Operand, const P extends DrawOptions<Estimator> = NoOptions>(
  count: number,
  probability: Checked<ParameterFault<'binomial', A>, A>,
  options?: Checked<OptionsFault<'binomial', ShapeOf<A>, P, 'score' | 'enumeration'>, P>,
) => Drawn<'binomial', ShapeOf<A>, SampleDType<A>, GradeOf<A>, CutUnless<P>>

export interface ChoiceOptions {
  /** How many to draw; one without it. */
  readonly shape?: Shape
  /** No row twice. */
  readonly distinct?: boolean
}

export type Choice = <X extends Tensor, const P extends ChoiceOptions = NoOptions>(
  x: Checked<RowsFault<X>, X>,
  options?: P,
) => Program<Tensor<Chosen<ShapeOf<X>, P>, DTypeOf<X>, GradeOf<X>>, 'Random'>

type RowsFault<X> =
  ShapeOf<X> extends readonly [] ? '✗ choice needs rows to choose from, got a scalar' : never

type Chosen<S extends Shape, P> = S extends readonly [Dim, ...infer Tail extends Shape]
  ? P extends { readonly shape: infer T extends Shape }
    ? [...T, ...Tail]
    : Tail
  : Dim[]

export type Relaxed = <A extends Tensor, T extends Operand>(
  logits: Checked<ParameterFault<'gumbelSoftmax', A>, A>,
  temperature: T,
) => Program<Tensor<ShapeOf<A>, DTypeOf<A>, GradeOf<A> | GradeOf<T>>, 'Random' | 'Biased'>
