/**
 * Maps: random smooth functions whose results are of the types of their inputs, so that any two of
 * them compose; three at a time, with a point to compare them at.
 *
 *   f : (a, b, c, d) → (a, b, c, d)        a: f64[], b: f64[3], c: f64[2, 3], d: f64[3, 2]
 *
 * Maps are closed functions here; `arrowOf` makes one a function of the language, from a record to
 * a record of the same names.
 */
import fc from 'fast-check'
import { isFloat, type NDArray } from '../../lib/data/index.js'
import { fnOf, type RuntimeFn } from '../../lib/lang/index.js'
import { closeStrict, type Func, inline, parameter, type Term } from '../../lib/term/index.js'
import { elementwise } from '../derivative/first.js'
import { coarsest, largestIn, type Point, pointOf, roundingsOf } from '../derivative/point.js'
import { drawFrom, drawLike } from '../draw.js'
import type { Measured } from '../measured.js'
import { programs } from '../programs.js'

export interface Maps {
  readonly f: Func
  readonly g: Func
  readonly h: Func
  readonly inputs: readonly NDArray[]
  readonly seed: number
  readonly toString: () => string
}

/** Words of which programs are affine: sums, and the same numbers in other places. */
const linearWords =
  'neg broadcastTo reshape transpose reverse slice concat stack sum mean cumsum add sub'.split(' ')

const three = (endo: ReturnType<typeof programs>): fc.Arbitrary<Maps> =>
  fc.tuple(endo, endo, endo, fc.nat()).map(([f, g, h, seed]) => ({
    f: f.func,
    g: g.func,
    h: h.func,
    inputs: f.inputs,
    seed,
    toString: () => [f, g, h].map(String).join('and'),
  }))

export const maps = (steps = 6): fc.Arbitrary<Maps> =>
  three(programs({ kind: 'smooth', endo: true, steps }))

/** The same, affine. */
export const affineMaps = (steps = 8): fc.Arbitrary<Maps> =>
  three(programs({ kind: 'smooth', endo: true, steps, words: linearWords }))

/** f, then g. */
export const after = (g: Func, f: Func): Func =>
  traced('g ∘ f', f.params, (x) => inline(g, inline(f, x)))

/** A function of parameters like those given. */
export function traced(
  name: string,
  like: readonly Term[],
  body: (params: readonly Term[]) => readonly Term[],
): Func {
  const binder = { name }
  const params = like.map((p, i) => parameter(binder, `x${i}`, p))
  return closeStrict(name, params, body(params))
}

/** From a record to a record of the same names. */
export function arrowOf(func: Func): RuntimeFn {
  const names = func.params.map((p) => String(p.node.attrs.name))
  const record = {
    tag: 'record' as const,
    entries: names.map((name) => [name, { tag: 'leaf' as const }] as const),
  }
  const inputs = Object.fromEntries(
    func.params.map(({ dtype, shape }, i) => [names[i], { dtype, shape }]),
  )
  const head = { name: func.name, inputs, input: record, paths: names }
  return fnOf({ tag: 'closure', ...head, func, captures: [], output: record })
}

/** A direction, or a cotangent, in the types of a function's inputs. */
export const directions = (like: readonly NDArray[], seed: number): readonly NDArray[] => {
  const draw = drawFrom(seed)
  return like.map((x) => drawLike(x, draw))
}

export const at = (func: Func, inputs: readonly NDArray[], seed: number): Point =>
  pointOf(func, inputs, { seed, active: func.params.map((p) => isFloat(p.dtype)) })

/** Arrays as near as the roundings of `func` at these inputs let them be. */
export const near = (
  what: string,
  func: Func,
  inputs: readonly NDArray[],
  found: readonly NDArray[],
  wanted: readonly NDArray[],
): Measured =>
  elementwise(
    what,
    found,
    wanted,
    coarsest(func) * largestIn(func, inputs, {}),
    4 * roundingsOf(func, {}),
  )
