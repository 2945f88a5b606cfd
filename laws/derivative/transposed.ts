/**
 * The transpose rule itself: where f is linear in arguments, ⟨u, f(v)⟩ = ⟨fᵀ·u, v⟩ in those.
 *
 * An op does not declare which arguments it is linear in; where f(a·v + b·w) = a·f(v) + b·f(w) at
 * drawn numbers, it is, and its rule is put to the test: each argument alone, and all together.
 * For ops without bodies: those may be linear by the branch they take, or by taking no step.
 */
import { isFloat, type NDArray } from '../../lib/data/index.js'
import { interpreters } from '../../lib/interpret/index.js'
import { drawLike, zeroOf } from '../draw.js'
import { agreed, compared, holds, type Measured, magnitude, worst } from '../measured.js'
import { elementwise } from './first.js'
import { coarsest, drawAt, inner, type Point, roundingsOf, valuesAt } from './point.js'

export function transposed(p: Point): Measured {
  const one = p.args.map((_, k) => p.active.map((a, i) => a && i === k))
  const masks = [...one, p.active].filter((mask) => mask.includes(true))
  const all = masks.flatMap((mask) => (isLinear(p, mask) ? [inMask(p, mask)] : []))
  return worst(all) ?? agreed('not linear')
}

const put = (p: Point, mask: readonly boolean[], moving: (a: NDArray, i: number) => NDArray) =>
  p.args.map((a, i) => (mask[i] ? moving(a, i) : a))

function isLinear(p: Point, mask: readonly boolean[]): boolean {
  if (!p.func.results.every((r) => isFloat(r.dtype))) return false
  const draw = drawAt(p)
  const v = p.args.map((a) => drawLike(a, draw))
  const w = p.args.map((a) => drawLike(a, draw))
  const [a, b] = [2 * draw() - 1, 2 * draw() - 1]
  const mix = (x: NDArray, y: NDArray): NDArray => ({
    ...x,
    data: x.data.map((value, i) => a * value + b * y.data[i]),
  })
  const minus = (x: NDArray): NDArray => ({ ...x, data: x.data.map((value) => -value) })
  const at = (list: readonly NDArray[]) =>
    valuesAt(
      p,
      put(p, mask, (_, i) => list[i]),
    )
  const found = at(v.map((x, i) => mix(x, w[i])))
  const [fv, fw] = [at(v), at(w)]
  const size = [...fv, ...fw].reduce((max, y) => Math.max(max, magnitude(y)), 0)
  if (size === 0) return false // without values everything looks linear
  const unit = coarsest(p.func) * Math.max(size, 1)
  const wanted = fv.map((y, r) => mix(y, fw[r]))
  const roundings = 4 * roundingsOf(p.func, p.sizes)
  // A maximum may be additive by accident; it is never odd.
  const odd = elementwise('result', at(v.map(minus)), fv.map(minus), unit, roundings)
  return holds(odd) && holds(elementwise('result', found, wanted, unit, roundings))
}

function inMask(p: Point, mask: readonly boolean[]): Measured {
  const draw = drawAt(p)
  const moved = put(p, mask, (a) => drawLike(a, draw))
  const values = valuesAt(p, moved)
  const u = values.map((y) => drawLike(y, draw))
  const every = p.func.results.map(() => true)
  const back = interpreters.transpose(p.func, mask, every)
  const fixed = p.args.filter((_, i) => !mask[i])
  const outs = interpreters.evaluate(back.func, [...fixed, ...u], p.sizes)
  const moving = moved.filter((_, i) => mask[i])
  let next = 0
  const cts = moving.map((v, i) => (back.nonzero[i] ? outs[next++] : zeroOf(v)))
  const [left, right] = [inner(u, values), inner(cts, moving)]
  const unit = coarsest(back.func) * (1 + left.size + right.size)
  const roundings = roundingsOf(p.func, p.sizes) + roundingsOf(back.func, p.sizes)
  return compared('⟨fᵀ·u, v⟩ and ⟨u, f(v)⟩', right.sum, left.sum, unit, roundings)
}
