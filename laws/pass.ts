/**
 * The kit for passes: a pass changes how a program computes, and nothing that it means.
 *
 *   for (const law of passLaws(fold)) test(law.name, () => hold(law))
 *
 * Held to random programs, before differentiation and after it. An `exact` pass changes no bit of
 * any value or gradient, at numbers where the algebra of reals goes wrong (−0, NaN, ∞); another may
 * change roundings, and is tried on smooth programs at moderate numbers.
 */

import fc from 'fast-check'
import { emptyArray, isFloat, type NDArray } from '../lib/data/index.js'
import { interpreters, vjp } from '../lib/interpret/index.js'
import { need } from '../lib/lang/index.js'
import { flag, type Options, whole } from '../lib/lang/options.js'
import type { Pass } from '../lib/pass/index.js'
import { type Func, showType, verify } from '../lib/term/index.js'
import { drawFrom, drawLike } from './draw.js'
import { needsMembers } from './given.js'
import { type Law, law } from './law.js'
import { agreed, broken, compared, type Measured, worst } from './measured.js'
import { type Program, programs } from './programs.js'

export interface PassOptions {
  /** Whether results may not change by a bit. Default: what the pass says of itself. */
  readonly exact?: boolean
  /** Whether it comes after derivatives alone. Default: what the pass says of itself. */
  readonly late?: boolean
  /** Of the programs. Default: 16. */
  readonly steps?: number
}

const passOptions: Options<PassOptions> = { exact: flag, late: flag, steps: whole(1) }

export function passLaws(pass: Pass, options: PassOptions = {}): readonly Law[] {
  need('passLaws', 1, passOptions, options)
  needsMembers('passLaws', pass, { name: 'string', run: 'function' }, 'a pass')
  const { exact = pass.exact ?? false, late = pass.late ?? false, steps = 16 } = options
  const smooth = programs({ kind: 'smooth', steps })
  const any = fc.oneof(programs({ steps }), programs({ steps, dtype: 'f32' }))
  const tried = exact ? any : smooth
  const compare = exact ? bits : close
  const name = (what: string) => `${pass.name}: ${what}`
  const early = [
    law(name('before differentiation keeps gradients'), 'vjp ∘ pass = vjp', smooth, (p) =>
      close(gradientsOf({ ...p, func: pass.run(p.func) }, same), gradientsOf(p, same)),
    ),
    law(name('before differentiation keeps tangents'), 'jvp ∘ pass = jvp', smooth, (p) =>
      close(tangentsOf({ ...p, func: pass.run(p.func) }, same), tangentsOf(p, same)),
    ),
  ]
  return [
    law(name('gives a well-formed program of the same type'), 'every pass reads Func', any, (p) =>
      wellFormed(pass, p.func),
    ),
    law(name('keeps every value'), 'evaluate ∘ pass = evaluate', tried, ({ func, inputs }) =>
      compare(interpreters.evaluate(pass.run(func), inputs, {}), evaluate(func, inputs)),
    ),
    law(name('keeps gradients'), 'evaluate ∘ pass ∘ vjp = evaluate ∘ vjp', tried, (p) =>
      compare(gradientsOf(p, pass.run), gradientsOf(p, same)),
    ),
    law(name('keeps tangents'), 'evaluate ∘ pass ∘ jvp = evaluate ∘ jvp', tried, (p) =>
      compare(tangentsOf(p, pass.run), tangentsOf(p, same)),
    ),
    ...(late ? [] : early),
  ]
}

type Run = (func: Func) => Func

const same: Run = (func) => func
const evaluate = (func: Func, inputs: readonly NDArray[]) => interpreters.evaluate(func, inputs, {})

function wellFormed(pass: Pass, func: Func): Measured {
  const after = pass.run(func)
  verify(after, pass.name)
  const [was, is] = [func, after].map(
    (f) => `(${f.params.map(showType).join(', ')}) → (${f.results.map(showType).join(', ')})`,
  )
  return was === is ? agreed('types') : broken(`${was} became ${is}`)
}

/** Values, and gradients in all inputs, zeros written out. */
export function gradientsOf({ func, inputs }: Program, run: Run): readonly NDArray[] {
  const back = vjp(func, func.params.map(isMoving), interpreters)
  const draw = drawFrom(7)
  const cts = back.func.params
    .slice(inputs.length)
    .map((p) => drawLike({ dtype: p.dtype, shape: p.shape.map(Number) }, draw))
  const answers = evaluate(run(back.func), [...inputs, ...cts])
  let next = func.results.length
  const moving = inputs.filter((x) => isMoving(x))
  const found = moving.map((x, i) =>
    back.nonzero[i] ? answers[next++] : emptyArray(x.dtype, x.shape),
  )
  return [...answers.slice(0, func.results.length), ...found]
}

/** Values, and tangents along one direction in all inputs, zeros written out. */
function tangentsOf({ func, inputs }: Program, run: Run): readonly NDArray[] {
  const forward = interpreters.jvp(func, func.params.map(isMoving))
  const draw = drawFrom(11)
  const directions = inputs.filter(isMoving).map((x) => drawLike(x, draw))
  const answers = evaluate(run(forward.func), [...inputs, ...directions])
  const count = func.results.length
  let next = count
  const found = forward.active.map((moves, i) => {
    const { dtype, shape } = func.results[i]
    return moves ? answers[next++] : emptyArray(dtype, shape.map(Number))
  })
  return [...answers.slice(0, count), ...found]
}

const isMoving = ({ dtype }: { readonly dtype: NDArray['dtype'] }): boolean => isFloat(dtype)

/** No bit apart; −0 is not 0, and every NaN is NaN. */
function bits(found: readonly NDArray[], wanted: readonly NDArray[]): Measured {
  return each(found, wanted, (where, x, y) =>
    Object.is(x, y) ? agreed(where) : { where, found: x, wanted: y, ulps: Infinity, allowed: 0 },
  )
}

/** Within 2⁻³⁰ of the larger: a rounding moved, and what sixteen steps make of it. */
function close(found: readonly NDArray[], wanted: readonly NDArray[]): Measured {
  return each(found, wanted, (where, x, y) => {
    const unit = 2 ** -52 * Math.max(1, Math.abs(x), Math.abs(y))
    return compared(where, x, y, unit, 2 ** 22)
  })
}

function each(
  found: readonly NDArray[],
  wanted: readonly NDArray[],
  compare: (where: string, x: number, y: number) => Measured,
): Measured {
  const all = wanted.flatMap((array, r) =>
    Array.from(array.data, (y, i) => compare(`array ${r}[${i}]`, found[r].data[i], y)),
  )
  return worst(all) ?? agreed('no elements')
}
