/** The elementary functions in the loop language, by the name of their op. */
import type { Expr } from '../expression.js'
import { erf, erfc, erfInv } from './error.js'
import { exp, expm1 } from './exponential.js'
import { digamma, lgamma } from './gamma.js'
import { acosh, asinh, atanh, cosh, sinh } from './hyperbolic.js'
import { acos, asin, atan, atan2 } from './inverse.js'
import { log, log1p, xlogy } from './logarithm.js'
import { logaddexp, logSigmoid, sigmoid, softplus, tanh } from './logistic.js'
import { polygamma } from './polygamma.js'
import { integerPow, pow } from './power.js'
import { modulo, remainder } from './remainder.js'
import { cbrt, hypot } from './root.js'
import { cos, sin, sinc, tan } from './trigonometric.js'

/** `attrs` are those of the op, checked by its type rule. */
type ElementaryRule = (
  args: readonly Expr[],
  node: { readonly attrs: Readonly<Record<string, unknown>> },
) => Expr

export const elementaryRules: Readonly<Record<string, ElementaryRule>> = {
  erf: ([x]) => erf(x),
  erfc: ([x]) => erfc(x),
  erfInv: ([x]) => erfInv(x),
  exp: ([x]) => exp(x),
  expm1: ([x]) => expm1(x),
  digamma: ([x]) => digamma(x),
  lgamma: ([x]) => lgamma(x),
  acosh: ([x]) => acosh(x),
  asinh: ([x]) => asinh(x),
  atanh: ([x]) => atanh(x),
  cosh: ([x]) => cosh(x),
  sinh: ([x]) => sinh(x),
  acos: ([x]) => acos(x),
  asin: ([x]) => asin(x),
  atan: ([x]) => atan(x),
  atan2: ([y, x]) => atan2(y, x),
  log: ([x]) => log(x),
  log1p: ([x]) => log1p(x),
  xlogy: ([x, y]) => xlogy(x, y),
  logaddexp: ([x, y]) => logaddexp(x, y),
  logSigmoid: ([x]) => logSigmoid(x),
  sigmoid: ([x]) => sigmoid(x),
  softplus: ([x]) => softplus(x),
  tanh: ([x]) => tanh(x),
  pow: ([x, y]) => (x.dtype === 'f32' || x.dtype === 'f64' ? pow(x, y) : integerPow(x, y)),
  cbrt: ([x]) => cbrt(x),
  hypot: ([x, y]) => hypot(x, y),
  cos: ([x]) => cos(x),
  sin: ([x]) => sin(x),
  sinc: ([x]) => sinc(x),
  tan: ([x]) => tan(x),
  rem: ([x, y]) => remainder(x, y),
  mod: ([x, y]) => modulo(x, y),
  polygamma: ([x], node) => polygamma(Number(node.attrs.n), x),
}
