/**
 * A point: a closed function, arguments and sizes for it, and which arguments move.
 *
 *   pushed(p, v) = J·v     pulled(p, u) = Jᵀ·u     reverseOf(p) : (x, u) → Jᵀ(x)·u
 *
 * Zeros are written out in all answers, in the order of the floating results, or of the moving
 * arguments.
 */
import { dimValue, epsilon, isFloat, type NDArray, type Sizes } from '../../lib/data/index.js'
import { interpreters, vjp } from '../../lib/interpret/index.js'
import { zeros } from '../../lib/ops/index.js'
import { bodiesOf, closeStrict, type Func, show } from '../../lib/term/index.js'
import { type Draw, drawFrom, drawLike, zeroOf } from '../draw.js'
import { magnitude } from '../measured.js'
import type { Pasteable } from '../paste/index.js'
import type { Reducible } from '../reduce/reduce.js'

export interface Point {
  readonly func: Func
  readonly args: readonly NDArray[]
  readonly sizes: Sizes
  /** Which arguments derivatives are taken in: floating ones. */
  readonly active: readonly boolean[]
  /** Of directions, cotangents and batches. */
  readonly seed: number
  /** What fast-check prints. */
  readonly toString: () => string
}

export function pointOf(
  func: Func,
  args: readonly NDArray[],
  options: Partial<Pick<Point, 'sizes' | 'active' | 'seed'>> = {},
): Point {
  const { sizes = {}, seed = 1, active = args.map(() => true) } = options
  const moves = args.map((a, i) => active[i] === true && isFloat(a.dtype))
  return { func, args, sizes, active: moves, seed, toString: () => paste(func, args) }
}

/** A point of a random program, which may be reduced to one of less. */
export const pointIn = ({ func, inputs, sizes }: Pasteable, seed: number): Point & Reducible => ({
  ...pointOf(func, inputs, { sizes, seed }),
  within: (program) => pointIn(program, seed),
})

/** The program and its inputs, as text. */
export const paste = (func: Func, inputs: readonly NDArray[]): string =>
  `\n${show(func)}\n${inputs
    .map((x) => `[${Array.from(x.data, (v) => (Object.is(v, -0) ? '-0' : String(v)))}]`)
    .join('\n')}\n`

export const drawAt = (p: Point): Draw => drawFrom(p.seed)

export const valuesAt = (p: Point, args = p.args): readonly NDArray[] =>
  interpreters.evaluate(p.func, args, p.sizes)

const floating = (arrays: readonly NDArray[]) => arrays.filter((a) => isFloat(a.dtype))

/** The floating results. */
export const floatsAt = (p: Point, args = p.args): readonly NDArray[] => floating(valuesAt(p, args))

/** A direction for each moving argument. */
export const directionAt = (p: Point, draw: Draw): readonly NDArray[] =>
  p.args.filter((_, i) => p.active[i]).map((a) => drawLike(a, draw))

/** The arguments, moved by `step` along a direction. */
export function movedBy(p: Point, v: readonly NDArray[], step: number): readonly NDArray[] {
  let next = 0
  return p.args.map((a, i) => {
    if (!p.active[i]) return a
    const { data } = v[next++]
    return { ...a, data: a.data.map((x, k) => x + step * data[k]) }
  })
}

/** Whether a function, or a body in it, has a node of the op. */
export const usesOp = (func: Func, name: string): boolean =>
  func.nodes.some(
    ({ op, attrs }) => op.name === name || bodiesOf(attrs).some((body) => usesOp(body, name)),
  )

/** Whether a function has tangents: `customVjp` gives cotangents alone. */
export const movesForward = (func: Func): boolean => !usesOp(func, 'customVjp')

/** Floating results and their tangents along a direction. */
export function pushed(p: Point, v: readonly NDArray[]) {
  const forward = interpreters.jvp(p.func, p.active)
  const outs = interpreters.evaluate(forward.func, [...p.args, ...v], p.sizes)
  const values = outs.slice(0, p.func.results.length)
  let next = values.length
  const tangents = values.map((y, i) => (forward.active[i] ? outs[next++] : zeroOf(y)))
  return { values: floating(values), tangents: floating(tangents) }
}

/** Floating results, and the cotangents of the moving arguments; one `ct` a floating result. */
export function pulled(p: Point, cts: readonly NDArray[]) {
  const { func, active, nonzero } = vjp(p.func, p.active, interpreters)
  const given = p.func.results.flatMap((r, i) => (isFloat(r.dtype) ? [active[i]] : []))
  const args = [...p.args, ...cts.filter((_, i) => given[i])]
  const outs = interpreters.evaluate(func, args, p.sizes)
  let next = p.func.results.length
  const cotangents = p.args
    .filter((_, i) => p.active[i])
    .map((x, k) => (nonzero[k] ? outs[next++] : zeroOf(x)))
  return { values: floating(outs.slice(0, p.func.results.length)), cotangents }
}

/** (x…, u…) → the cotangents of the moving arguments, zeros written out; moving in x and u. */
export function reverseOf(p: Point, draw: Draw): Point {
  const { func, active, nonzero } = vjp(p.func, p.active, interpreters)
  const values = valuesAt(p)
  const cts = values.filter((_, i) => active[i]).map((y) => drawLike(y, draw))
  let next = p.func.results.length
  const moving = func.params.filter((_, i) => p.active[i])
  const answers = moving.map((x, k) => (nonzero[k] ? func.results[next++] : zeros(x)))
  const own = closeStrict(`gradient of ${p.func.name}`, func.params, answers)
  return pointOf(own, [...p.args, ...cts], {
    ...p,
    active: [...p.active, ...cts.map(() => true)],
  })
}

/** The same, moving in x alone. */
export const inFirst = (p: Point, count: number): Point => ({
  ...p,
  active: p.active.map((a, i) => a && i < count),
})

/** How many roundings a result of a function may have seen: its operations, and a few to spare. */
export const roundingsOf = (func: Func, sizes: Sizes): number =>
  8 + dimValue(interpreters.cost(func).flops, { steps: 20, ...sizes })

/** The rounding of the narrowest float on the way. */
export const coarsest = (func: Func): number =>
  Math.max(
    epsilon.f64,
    ...[...func.params, ...func.nodes.flatMap((n) => n.outs)].map((t) => epsilon[t.dtype]),
  )

/** The largest number that a function adds up on the way, at least 1. */
export function largestIn(func: Func, args: readonly NDArray[], sizes: Sizes): number {
  return floatsIn(func, args, sizes).reduce((max, a) => Math.max(max, magnitude(a)), 1)
}

/** Whether some value on the way is infinite: what comes of it, ∞ − ∞ or 0 · ∞, is of no number. */
export const meetsInfinity = ({ func, args, sizes }: Point): boolean =>
  floatsIn(func, args, sizes).some(({ data }) => data.some((x) => Math.abs(x) === Infinity))

/** Every floating value that a function computes. */
function floatsIn(func: Func, args: readonly NDArray[], sizes: Sizes): readonly NDArray[] {
  const outs = func.nodes.flatMap((n) => n.outs).filter((t) => isFloat(t.dtype))
  return interpreters.evaluate(closeStrict(func.name, func.params, outs), args, sizes)
}

/** ⟨a, b⟩, and the magnitudes that were added for it. */
export function inner(a: readonly NDArray[], b: readonly NDArray[]) {
  let sum = 0
  let size = 0
  a.forEach((x, r) => {
    x.data.forEach((v, i) => {
      const product = v * b[r].data[i]
      sum += product
      size += Math.abs(product)
    })
    size += magnitude(x) * magnitude(b[r])
  })
  return { sum, size }
}
