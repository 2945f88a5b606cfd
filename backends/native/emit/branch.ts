/**
 * Branches: taken by all iterations in lock step alike, or by all of them if one must.
 *
 *   var r = 0; if c { t = …; r = t }    c differs from lane to lane    →
 *   if (any(c)) { t = …; r = t }        r of the other lanes is read by nobody
 */
import type { Stmt } from '../../../lib/loop/index.js'
import { type Emission, eachCoordinate, isVector, lanesHere, maskOf } from './emission.js'
import { anyText } from './lane.js'
import { type EmitBlock, requireUniform } from './loop.js'
import { scalarText } from './scalar.js'
import { vectorText } from './vector.js'

export type Branch = Stmt & { readonly tag: 'if' }

/** Whether a branch does no more than compute and set variables. */
export const setsOnly = ({ yes, no }: Branch): boolean =>
  no.length === 0 && yes.every((s) => s.tag === 'let' || s.tag === 'assign')

export function emitControl(
  e: Emission,
  s: Stmt & { tag: 'if' | 'while' },
  emitBlock: EmitBlock,
): void {
  if (s.tag === 'if' && setsOnly(s) && maskOf(e, s.condition) !== 0) {
    e.writer.block(`if (${someText(e, s)})`, () => emitBlock(e, s.yes))
    return
  }
  requireUniform(e, s.condition)
  const condition = scalarText(e, s.condition, [])
  if (s.tag === 'while') {
    e.writer.block(`while (${condition})`, () => emitBlock(e, s.body))
    return
  }
  e.writer.block(`if (${condition})`, () => emitBlock(e, s.yes))
  if (s.no.length > 0) e.writer.block('else', () => emitBlock(e, s.no))
}

/** Whether the condition holds in some iteration. */
function someText(e: Emission, { condition }: Branch): string {
  const inLanes = isVector(e, condition)
  const each: string[] = []
  eachCoordinate(e, maskOf(e, condition), inLanes ? lanesHere(e) : 1, (at) =>
    each.push((inLanes ? vectorText : scalarText)(e, condition, at)),
  )
  const any = each.join(' | ')
  return inLanes ? anyText(e, any) : any
}
