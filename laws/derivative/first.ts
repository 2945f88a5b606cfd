/**
 * First derivatives at a point: what a tangent map and its transpose must be.
 *
 *   linear       J·(a·v + b·w) = a·J·v + b·J·w
 *   values       jvp and vjp give the values that the function gives
 *   differences  J·v = d/dt f(x + t·v) at t = 0
 *   adjoint      ⟨u, J·v⟩ = ⟨Jᵀ·u, v⟩
 *   reverse      ⟨Jᵀ·u, v⟩ = d/dt ⟨u, f(x + t·v)⟩ at t = 0
 *
 * Where differences are rough (a kink or a jump within their steps) they decide nothing. Of a
 * function without tangents (customVjp) the laws of tangents say nothing, `reverse` says all.
 */
import { isFloat, type NDArray } from '../../lib/data/index.js'
import { interpreters, vjp } from '../../lib/interpret/index.js'
import { drawLike } from '../draw.js'
import { agreed, compared, comparedArrays, type Measured, magnitude, worst } from '../measured.js'
import {
  coarsest,
  directionAt,
  drawAt,
  floatsAt,
  inner,
  largestIn,
  movedBy,
  movesForward,
  type Point,
  pulled,
  pushed,
  roundingsOf,
} from './point.js'

const noTangents = agreed('no tangents')

export function linear(p: Point): Measured {
  if (!movesForward(p.func)) return noTangents
  const draw = drawAt(p)
  const [v, w] = [directionAt(p, draw), directionAt(p, draw)]
  const [a, b] = [2 * draw() - 1, 2 * draw() - 1]
  const mix = (x: readonly NDArray[], y: readonly NDArray[]) =>
    x.map((array, r) => ({
      ...array,
      data: array.data.map((value, i) => a * value + b * y[r].data[i]),
    }))
  const jv = pushed(p, v).tangents
  const jw = pushed(p, w).tangents
  const found = pushed(p, mix(v, w)).tangents
  const forward = interpreters.jvp(p.func, p.active).func
  const unit = coarsest(forward) * Math.max(largestIn(forward, [...p.args, ...v], p.sizes), 1)
  const roundings = 4 * roundingsOf(forward, p.sizes)
  return elementwise('tangent', found, mix(jv, jw), unit, roundings)
}

export function sameValues(p: Point): Measured {
  const draw = drawAt(p)
  const wanted = floatsAt(p)
  const v = directionAt(p, draw)
  const forward = movesForward(p.func) ? pushed(p, v).values : []
  const cts = wanted.map((y) => drawLike(y, draw))
  const reverse = pulled(p, cts).values
  const roundings = roundingsOf(p.func, p.sizes)
  const each = (found: readonly NDArray[], by: string) =>
    found.map((y, r) => comparedArrays(`result ${r} of ${by}`, y, wanted[r], roundings))
  return worst([...each(forward, 'the jvp'), ...each(reverse, 'the vjp')]) ?? agreed('no results')
}

export function differences(p: Point): Measured | undefined {
  if (!movesForward(p.func)) return noTangents
  const v = directionAt(p, drawAt(p))
  const wide = difference(p, v, 2 ** -9)
  const fine = difference(p, v, 2 ** -10)
  const { tangents } = pushed(p, v)
  const all: Measured[] = []
  for (const [r, tangent] of tangents.entries()) {
    for (let i = 0; i < tangent.data.length; i++) {
      const [rough, estimate] = [wide.slopes[r][i], fine.slopes[r][i]]
      const truncation = Math.abs(estimate - rough)
      if (!(truncation <= 1e-4 * (1 + Math.abs(rough)))) return undefined
      const tolerance = 2 * truncation + wide.rounding + fine.rounding
      const unit = coarsest(p.func) * (1 + Math.abs(estimate))
      const where = `tangent ${r}[${i}] and a difference`
      all.push(compared(where, tangent.data[i], estimate, unit, tolerance / unit))
    }
  }
  return worst(all) ?? agreed('no floating elements')
}

export function reverse(p: Point): Measured | undefined {
  const draw = drawAt(p)
  const v = directionAt(p, draw)
  const u = floatsAt(p).map((y) => drawLike(y, draw))
  const wide = difference(p, v, 2 ** -9)
  const fine = difference(p, v, 2 ** -10)
  const along = (slopes: readonly (readonly number[])[]) =>
    slopes.reduce((sum, line, r) => line.reduce((s, x, i) => s + x * u[r].data[i], sum), 0)
  const gaps = fine.slopes.map((line, r) => line.map((x, i) => Math.abs(x - wide.slopes[r][i])))
  const rough = gaps.some((line, r) =>
    line.some((gap, i) => !(gap <= 1e-4 * (1 + Math.abs(wide.slopes[r][i])))),
  )
  if (rough) return undefined
  const count = gaps.reduce((sum, line) => sum + line.length, 0)
  const truncation = gaps.flat().reduce((sum, gap) => sum + gap, 0)
  const found = inner(pulled(p, u).cotangents, v)
  const tolerance = 2 * truncation + count * (wide.rounding + fine.rounding)
  const unit = coarsest(p.func) * (1 + found.size)
  const where = '⟨Jᵀ·u, v⟩ and a difference of ⟨u, f⟩'
  return compared(where, found.sum, along(fine.slopes), unit, tolerance / unit + 8)
}

/** Central differences of fourth order along a direction, and what they may be off by. */
function difference(p: Point, v: readonly NDArray[], h: number) {
  const [a, b, c, d] = [h, -h, 2 * h, -2 * h].map((t) => floatsAt(p, movedBy(p, v, t)))
  const slopes = a.map((array, r) =>
    Array.from(
      array.data,
      (x, i) => (8 * (x - b[r].data[i]) - (c[r].data[i] - d[r].data[i])) / (12 * h),
    ),
  )
  const size = largestIn(p.func, p.args, p.sizes)
  const sum = [...a, ...b].reduce((max, array) => Math.max(max, magnitude(array)), size)
  const rounding = (roundingsOf(p.func, p.sizes) * coarsest(p.func) * 2 * sum) / h
  return { slopes, rounding }
}

export function adjoint(p: Point): Measured {
  if (!movesForward(p.func)) return noTangents
  const draw = drawAt(p)
  const v = directionAt(p, draw)
  const { tangents } = pushed(p, v)
  const u = tangents.map((t) => drawLike(t, draw))
  const { cotangents } = pulled(p, u)
  const left = inner(u, tangents)
  const right = inner(cotangents, v)
  const back = vjp(p.func, p.active, interpreters)
  const given = p.func.results.flatMap((r, i) => (isFloat(r.dtype) ? [back.active[i]] : []))
  const all = [...p.args, ...u.filter((_, i) => given[i])]
  const size = left.size + right.size + largestIn(back.func, all, p.sizes)
  const roundings = roundingsOf(back.func, p.sizes)
  const unit = coarsest(back.func) * size
  return compared('⟨Jᵀ·u, v⟩ and ⟨u, J·v⟩', right.sum, left.sum, unit, roundings)
}

/** Arrays against arrays, each element up to so many units. */
export function elementwise(
  what: string,
  found: readonly NDArray[],
  wanted: readonly NDArray[],
  unit: number,
  allowed: number,
): Measured {
  const all = found.flatMap((array, r) =>
    Array.from(array.data, (x, i) =>
      compared(`${what} ${r}[${i}]`, x, wanted[r].data[i], unit, allowed),
    ),
  )
  return worst(all) ?? agreed(`no ${what}`)
}
