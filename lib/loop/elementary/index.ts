/** The elementary functions in the loop language, by the name of their op. */
import type { Expr } from '../expression.js'
import { erf, erfc } from './error.js'
import { exp } from './exponential.js'
import { log } from './logarithm.js'
import { logSigmoid, sigmoid, softplus, tanh } from './logistic.js'
import { integerPow, pow } from './power.js'
import { cos, sin, tan } from './trigonometric.js'

type ElementaryRule = (args: readonly Expr[]) => Expr

export const elementaryRules: Readonly<Record<string, ElementaryRule>> = {
  exp: ([x]) => exp(x),
  log: ([x]) => log(x),
  sigmoid: ([x]) => sigmoid(x),
  tanh: ([x]) => tanh(x),
  softplus: ([x]) => softplus(x),
  logSigmoid: ([x]) => logSigmoid(x),
  sin: ([x]) => sin(x),
  cos: ([x]) => cos(x),
  tan: ([x]) => tan(x),
  erf: ([x]) => erf(x),
  erfc: ([x]) => erfc(x),
  pow: ([x, y]) => (x.dtype === 'f32' || x.dtype === 'f64' ? pow(x, y) : integerPow(x, y)),
}
