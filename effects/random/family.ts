/**
 * Families of distributions, as the handlers see them.
 *
 *   family.sample(key, parameters, type)  →  a sample, whose graph is its reparameterisation
 *
 * What else a family knows decides which estimators it can be asked for: a density, for the score
 * function; a finite support, to be enumerated; a decomposition of its derivative into a difference
 * of two measures.
 */
import type { TensorType, Term } from '../../lib/term/index.js'

/** A distribution with its parameters left open. */
export interface Family {
  /** As messages say it: 'sampling …'. */
  readonly name: string
  /**
   * A sample of the given shape and dtype. It depends on the parameters as far as it is pathwise.
   */
  readonly sample: (key: Term, parameters: readonly Term[], type: TensorType) => Term
  /** log p(x), elementwise over independent events, for the score function. */
  readonly logDensity?: (x: Term, parameters: readonly Term[]) => Term
  /** All values of a scalar sample, with their probabilities. */
  readonly support?: (parameters: readonly Term[], type: TensorType) => readonly Weighted[]
  /** d E f / d parameter as factor · (E f(plus) − E f(minus)), for a scalar sample x. */
  readonly measures?: (key: Term, x: Term, parameters: readonly Term[]) => readonly Measure[]
}

/** One value of a support. */
export interface Weighted {
  readonly value: Term
  readonly probability: Term
}

/** The derivative in one parameter, as a difference of two expectations. */
export interface Measure {
  readonly parameter: number
  readonly factor: Term
  readonly plus: Term
  readonly minus: Term
}

/** How the derivative of an expected value passes a sample. */
export type Estimator = 'pathwise' | 'score' | 'enumeration' | 'measure'
