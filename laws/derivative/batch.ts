/**
 * Batches at a point: a batch is a map over its examples, and so is its derivative.
 *
 *   map        batch f (stack xs) = stack (map f xs)          for every choice of batched arguments
 *   gradients  batch (∇f) (stack xs) = ∇(batch f) (stack xs)  each = stack (map ∇f xs)
 *
 * The size of the batch is a name while rules run: they may not need its value.
 */
import { isFloat, type NDArray } from '../../lib/data/index.js'
import { interpreters, vjp } from '../../lib/interpret/index.js'
import { type Draw, drawLike, shuffled, stacked } from '../draw.js'
import { agreed, comparedArrays, type Measured, worst } from '../measured.js'
import { drawAt, type Point, pointOf, pulled, roundingsOf, valuesAt } from './point.js'

const size = 3
const name = 'batch of examples'

/** An argument's values in the three examples; the default draws its own values anew. */
export type Lanes = (arg: NDArray, index: number, draw: Draw) => readonly NDArray[]

const redrawn: Lanes = (arg, _, draw) => Array.from({ length: size }, () => shuffled(arg, draw))

export function batchIsMap(
  p: Point,
  masks: readonly (readonly boolean[])[] = masksOf(p.args),
  lanes: Lanes = redrawn,
): Measured | undefined {
  const draw = drawAt(p)
  return worst(masks.flatMap((mask) => mapped(p, mask, lanes, draw))) ?? agreed('no arguments')
}

function mapped(p: Point, mask: readonly boolean[], lanes: Lanes, draw: Draw): readonly Measured[] {
  const { examples, args } = examplesOf(p, mask, lanes, draw)
  const many = interpreters.batch(p.func, mask, name)
  const found = interpreters.evaluate(many.func, args, { ...p.sizes, [name]: size })
  const each = examples.map((example) => valuesAt(p, example))
  const roundings = roundingsOf(p.func, p.sizes)
  return found.map((array, r) => {
    const wanted = many.batched[r] ? stacked(each.map((e) => e[r])) : each[0][r]
    return comparedArrays(`result ${r} of the batch in [${mask}]`, array, wanted, roundings)
  })
}

export function gradientsOfBatch(p: Point, lanes: Lanes = redrawn): Measured | undefined {
  const draw = drawAt(p)
  const all = p.args.map(() => true)
  const { examples, args } = examplesOf(p, all, lanes, draw)
  const many = interpreters.batch(p.func, all, name)
  const floats = p.func.results.map((r) => isFloat(r.dtype))
  if (many.batched.includes(false) || !floats.includes(true))
    return agreed('no gradient of a batch')
  const cts = examples.map((example) =>
    valuesAt(p, example)
      .filter((_, r) => floats[r])
      .map((y) => drawLike(y, draw)),
  )
  const stackedCts = cts[0].map((_, r) => stacked(cts.map((c) => c[r])))
  const sizes = { ...p.sizes, [name]: size }
  const late = pulled({ ...p, func: many.func, args, sizes }, stackedCts).cotangents
  const each = examples.map((example, k) => pulled({ ...p, args: example }, cts[k]).cotangents)
  const wanted = late.map((_, i) => stacked(each.map((e) => e[i])))
  const back = vjp(p.func, p.active, interpreters)
  const roundings = 2 * roundingsOf(back.func, p.sizes)
  const compare = (found: readonly NDArray[], what: string) =>
    found.map((x, i) => comparedArrays(`cotangent ${i} of ${what}`, x, wanted[i], roundings))
  return worst(compare(late, 'the batch')) ?? agreed('nothing moves')
}

/** The batch of the function's gradient is the gradient for each example. */
export function batchOfGradient(p: Point, lanes: Lanes = redrawn): Measured | undefined {
  const back = vjp(p.func, p.active, interpreters)
  const values = valuesAt(p)
  const draw = drawAt(p)
  const cts = values.filter((_, i) => back.active[i]).map((y) => drawLike(y, draw))
  const slope = pointOf(back.func, [...p.args, ...cts], { ...p, active: [] })
  return batchIsMap(slope, [slope.args.map(() => true)], lanes)
}

function examplesOf(p: Point, mask: readonly boolean[], lanes: Lanes, draw: Draw) {
  const own = p.args.map((a, i) => (mask[i] ? lanes(a, i, draw) : null))
  const examples = Array.from({ length: size }, (_, k) => p.args.map((a, i) => own[i]?.[k] ?? a))
  const args = p.args.map((a, i) => {
    const list = own[i]
    return list ? stacked(list) : a
  })
  return { examples, args }
}

/** Every choice of batched arguments of few; of many: all, each alone, all but each. */
function masksOf(args: readonly NDArray[]): readonly (readonly boolean[])[] {
  if (args.length <= 3) {
    return Array.from({ length: 2 ** args.length - 1 }, (_, k) =>
      args.map((__, i) => (((k + 1) >> i) & 1) === 1),
    )
  }
  const one = args.map((_, k) => args.map((__, i) => i === k))
  return [args.map(() => true), ...one, ...one.map((mask) => mask.map((b) => !b))]
}
