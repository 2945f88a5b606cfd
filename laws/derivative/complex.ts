/**
 * Complex step: f′(x)·v = Im f(x + i·h·v) / h for an analytic f, with h so small that nothing but
 * the first order is left, and nothing cancels (Squire and Trapp 1998; Lyness and Moler 1967).
 *
 * An interpreter of its own: each op in the table is computed on complex numbers by its formula in
 * the plane, which knows nothing of any derivative rule. It agrees with the jvp to roundings, where
 * differences see half of the digits. Where a program leaves the table (loops, erf) it says
 * nothing, nor where a formula gives NaN: the plane has no ±∞ in one direction, and ∞ · 0 on the
 * way to it is not the function's.
 */
import { isFloat, type NDArray } from '../../lib/data/index.js'
import { evaluateNode, interpreters } from '../../lib/interpret/index.js'
import { fold, type Node } from '../../lib/term/index.js'
import { zeroOf } from '../draw.js'
import { agreed, type Measured } from '../measured.js'
import { elementwise } from './first.js'
import {
  coarsest,
  directionAt,
  drawAt,
  largestIn,
  movesForward,
  type Point,
  pushed,
  roundingsOf,
} from './point.js'

/** Powers of it underflow. */
const h = 2 ** -600

interface Complex {
  readonly re: NDArray
  readonly im: NDArray
}

type Pair = readonly [re: number, im: number]

/** Linear in all their floating arguments together: real and imaginary parts go each their way. */
const linearOps = new Set(
  'neg add sub broadcastTo reshape transpose reverse slice pad concat sum cumsum gather select windows dynamicSlice dynamicUpdateSlice'.split(
    ' ',
  ),
)
/** Linear in each of two arguments. */
const bilinear = new Set(['mul', 'scale', 'dot', 'conv'])

const over = ([a, b]: Pair, [c, d]: Pair): Pair => {
  const size = c * c + d * d
  return [(a * c + b * d) / size, (b * c - a * d) / size]
}
const exp = ([a, b]: Pair): Pair => [Math.exp(a) * Math.cos(b), Math.exp(a) * Math.sin(b)]
const log = ([a, b]: Pair): Pair => [Math.log(Math.hypot(a, b)), Math.atan2(b, a)]
const sqrt = ([a, b]: Pair): Pair => {
  const re = Math.sqrt((Math.hypot(a, b) + a) / 2)
  return [re, b / (2 * re)]
}
const sin = ([a, b]: Pair): Pair => [Math.sin(a) * Math.cosh(b), Math.cos(a) * Math.sinh(b)]
const cos = ([a, b]: Pair): Pair => [Math.cos(a) * Math.cosh(b), -Math.sin(a) * Math.sinh(b)]
/** log (1 + eᶻ) = z + log (1 + e⁻ᶻ), so that nothing overflows. */
const softplus = ([a, b]: Pair): Pair => {
  const small = Math.exp(-Math.abs(a))
  const turn = Math.atan2(small * Math.sin(b), 1 + small * Math.cos(b))
  return [Math.max(a, 0) + Math.log1p(small), a > 0 ? b - turn : turn]
}
const minus = ([a, b]: Pair): Pair => [-a, -b]

/** Analytic functions by their formulas; arguments on the real axis but for h. */
const analytic: Readonly<Record<string, (z: Pair, w: Pair) => Pair>> = {
  exp,
  log,
  sqrt,
  sin,
  cos,
  softplus,
  expm1: ([a, b]) => [
    Math.expm1(a) * Math.cos(b) - 2 * Math.sin(b / 2) ** 2,
    Math.exp(a) * Math.sin(b),
  ],
  log1p: ([a, b]) => [Math.log1p(a), Math.atan2(b, 1 + a)],
  rsqrt: (z) => over([1, 0], sqrt(z)),
  square: ([a, b]) => [a * a - b * b, 2 * a * b],
  reciprocal: (z) => over([1, 0], z),
  tan: (z) => over(sin(z), cos(z)),
  sinh: ([a, b]) => [Math.sinh(a) * Math.cos(b), Math.cosh(a) * Math.sin(b)],
  cosh: ([a, b]) => [Math.cosh(a) * Math.cos(b), Math.sinh(a) * Math.sin(b)],
  tanh: ([a, b]) => {
    const [t, u] = [Math.tanh(a), Math.tan(b)]
    return Math.abs(a) < 1 ? over([t, u], [1, t * u]) : [t, u / Math.cosh(a) ** 2]
  },
  sigmoid: (z) => {
    const [a, b] = exp(minus(z))
    return over([1, 0], [1 + a, b])
  },
  logSigmoid: (z) => minus(softplus(minus(z))),
  atan: ([a, b]) => [Math.atan(a), Math.log1p((4 * b) / ((1 - b) ** 2 + a * a)) / 4],
  atanh: ([a, b]) => [Math.atanh(a), (Math.atan2(b, 1 + a) + Math.atan2(b, 1 - a)) / 2],
  div: over,
  pow: (z, [c, d]) => {
    const [a, b] = log(z)
    return exp([a * c - b * d, a * d + b * c])
  },
}

/** Whether the complex step knows an op. */
export const hasComplexStep = (op: string): boolean =>
  linearOps.has(op) || bilinear.has(op) || op in analytic

export function complexStep(p: Point): Measured {
  if (!movesForward(p.func)) return agreed('no tangents')
  const v = directionAt(p, drawAt(p))
  let next = 0
  const inputs = p.args.map((re, i): Complex => {
    const moves = p.active[i] ? v[next++] : undefined
    const im = moves ? { ...moves, data: moves.data.map((x) => x * h) } : zeroOf(re)
    return { re, im }
  })
  const unknown = p.func.nodes.find((node) => !isKnown(node))
  if (unknown !== undefined) return agreed(`no complex step through ${unknown.op.name}`)
  const results = fold<Complex>(p.func, inputs, (node, args) => step(node, args, p))
  const wanted = results
    .filter(({ re }) => isFloat(re.dtype))
    .map(({ im }) => ({ ...im, data: im.data.map((x) => x / h) }))
  if (wanted.some(({ data }) => data.some(Number.isNaN))) return agreed('NaN in the plane')
  const forward = interpreters.jvp(p.func, p.active).func
  const unit = coarsest(forward) * Math.max(largestIn(forward, [...p.args, ...v], p.sizes), 1)
  const roundings = 4 * roundingsOf(forward, p.sizes)
  return elementwise('tangent and complex step', pushed(p, v).tangents, wanted, unit, roundings)
}

/** What has no floating result, or is cut from derivatives, is real. */
const isReal = ({ op, outs }: Node): boolean =>
  op.name === 'stopGradient' || op.name === 'constant' || outs.every((t) => !isFloat(t.dtype))

const isKnown = (node: Node): boolean =>
  isReal(node) || hasComplexStep(node.op.name) || node.args.every((a) => !isFloat(a.dtype))

function step(node: Node, args: readonly Complex[], p: Point): readonly Complex[] {
  const { name } = node.op
  const run = (given: readonly NDArray[]) => evaluateNode(node, given, p.sizes, interpreters)
  const re = args.map((a) => a.re)
  const floats = args.map((a) => isFloat(a.re.dtype))
  if (isReal(node) || !floats.includes(true)) {
    return run(re).map((x) => ({ re: x, im: zeroOf(x) }))
  }
  // Indices and conditions are what they are in both parts.
  const im = args.map((a, i) => (floats[i] ? a.im : a.re))
  if (linearOps.has(name)) {
    const parts = run(im)
    return run(re).map((x, i) => ({ re: x, im: parts[i] }))
  }
  if (bilinear.has(name)) {
    const [rr, ii] = [run(re)[0], run(im)[0]]
    const [ri, ir] = [run([re[0], im[1]])[0], run([im[0], re[1]])[0]]
    const combine = (a: NDArray, b: NDArray, sign: number): NDArray => ({
      ...a,
      data: a.data.map((x, i) => x + sign * b.data[i]),
    })
    return [{ re: combine(rr, ii, -1), im: combine(ri, ir, 1) }]
  }
  const f = analytic[name]
  const [real, imaginary] = [zeroOf(re[0]), zeroOf(re[0])]
  re[0].data.forEach((x, i) => {
    const w: Pair = args[1] === undefined ? [0, 0] : [re[1].data[i], im[1].data[i]]
    const [a, b] = f([x, im[0].data[i]], w)
    real.data[i] = a
    imaginary.data[i] = b
  })
  return [{ re: real, im: imaginary }]
}
