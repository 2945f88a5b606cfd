/**
 * The kit for programs: what holds of every program of the language, whatever its steps.
 *
 *   for (const law of programLaws()) test(law.name, () => hold(law, { runs: 1000, seed }))
 *
 * The laws of derivatives and batches on random smooth programs, with loops and branches; programs
 * are printed and read back; sinking work into branches changes nothing.
 */
import fc from 'fast-check'
import { interpreters, sink } from '../lib/interpret/index.js'
import { ops } from '../lib/ops/index.js'
import { sameFunc } from '../lib/pass/index.js'
import { parse, show, verify } from '../lib/term/index.js'
import { type PointLaw, pointLaws } from './derivative/laws.js'
import { largestIn, type Point, pointIn, usesOp } from './derivative/point.js'
import { type Law, law } from './law.js'
import { agreed, broken, compared, type Measured, worst } from './measured.js'
import { type Program, type ProgramOptions, programs } from './programs.js'

export function programLaws(options: Pick<ProgramOptions, 'steps'> = {}): readonly Law[] {
  const any = programs(options)
  const smooth = fc.tuple(programs({ ...options, kind: 'smooth' }), fc.nat())
  const points = smooth.map(([program, seed]) => pointIn(program, seed))
  const { differences, reverse, second, ...algebraic } = pointLaws
  const isTame = (p: Point) => largestIn(p.func, p.args, p.sizes) < 1e6
  // stopGradient is no derivative, by its meaning.
  const isWhole = (p: Point) => isTame(p) && !usesOp(p.func, 'stopGradient')
  const ofPoints =
    (decides: (p: Point) => boolean) =>
    ({ name, source, check }: PointLaw): Law =>
      law(`programs: ${name}`, source, points, (p) => (decides(p) ? check(p) : undefined))
  return [
    ...Object.values(algebraic).map(ofPoints(isTame)),
    ...[differences, reverse, second].map(ofPoints(isWhole)),
    law('programs: are well formed', 'combinators build through type rules', any, ({ func }) => {
      verify(func, 'programs')
      return agreed('the program')
    }),
    law('programs: printed and read back, are the same', 'parse ∘ show = id', any, readBack),
    law(
      'programs: sunk into branches, give the same values',
      'evaluate ∘ sink = evaluate',
      any,
      sunk,
    ),
  ]
}

function readBack({ func }: Program): Measured {
  const again = parse(show(func), ops)
  return sameFunc(func, again) ? agreed('the text') : broken(`it was read as ${show(again)}`)
}

function sunk({ func, inputs }: Program): Measured {
  const wanted = interpreters.evaluate(func, inputs, {})
  const found = interpreters.evaluate(sink(func), inputs, {})
  const all = wanted.flatMap((array, r) =>
    Array.from(array.data, (y, i) => compared(`result ${r}[${i}]`, found[r].data[i], y, 0, 0)),
  )
  return worst(all) ?? agreed('no elements')
}
