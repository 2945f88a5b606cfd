/**
 * Vectors from memory: neighbours together, others lane by lane.
 *
 *   x[2·j] in lanes of j    →    one element a lane
 */
import type { Expr } from '../../../lib/loop/index.js'
import { accessIndex, laneStride, layoutOf, valueMask } from './access.js'
import { atLane, type Coordinates, type Emission, laneAt } from './emission.js'
import { levelHere, maskFor, splatText, vectorType } from './lane.js'
import { indexText, scalarText } from './scalar.js'

/** Computes a vector operand; given by the vector emitter, which loads in turn. */
export type VectorText = (e: Emission, x: Expr, at: Coordinates) => string

export function loadText(
  e: Emission,
  x: Expr & { tag: 'load' },
  at: Coordinates,
  vectorText: VectorText,
): string {
  if (laneStride(e, x.buffer, x.at) === 'contiguous') return neighboursText(e, x, x.at, at)
  const direct = e.unclamped.get(x.at)
  if (direct === undefined || laneStride(e, x.buffer, direct.at) !== 'contiguous') {
    return gatherText(e, x, at, vectorText)
  }
  // All lanes together where they are inside, else one by one.
  const { writer } = e
  const { lanes } = levelHere(e)
  const [first, result] = [writer.fresh('first'), writer.fresh('lanes')]
  writer.line(`int64_t ${first} = ${scalarText(e, direct.last, at)};`)
  writer.line(`${vectorType(e, x.dtype)} ${result};`)
  const extent = scalarText(e, direct.extent, at)
  writer.block(`if (${first} >= 0 && ${first} + ${lanes} <= ${extent})`, () =>
    writer.line(`${result} = ${neighboursText(e, x, direct.at, at)};`),
  )
  writer.block('else', () => writer.line(`${result} = ${gatherText(e, x, at, vectorText)};`))
  return result
}

/** A bool's bytes become a mask. */
function neighboursText(
  e: Emission,
  { buffer, dtype }: Expr & { tag: 'load' },
  index: readonly Expr[],
  at: Coordinates,
): string {
  const { lanes, maskBits } = levelHere(e)
  const place = `&${layoutOf(e, buffer).pointer}[${indexText(e, buffer, index, at)}]`
  if (dtype !== 'bool') return `(*(const ${e.prelude.vector(dtype, lanes, 'loose')} *)(${place}))`
  const bytes = `(*(const ${e.prelude.vector('u8', lanes, 'loose')} *)(${place}))`
  const wide = `__builtin_convertvector(${bytes}, ${e.prelude.vector('i32', lanes)})`
  return maskFor(e, `(${wide} != ${splatText(e, 'i32', '0')})`, 32, maskBits)
}

/** One element a lane; what of its index differs between lanes is computed as a vector first. */
function gatherText(
  e: Emission,
  x: Expr & { tag: 'load' },
  at: Coordinates,
  vectorText: VectorText,
): string {
  const { lanes, mask, maskBits } = levelHere(e)
  const vectors = new Map<string, string>()
  for (const name of accessIndex(e, x.buffer, x.at).values) {
    if ((valueMask(e, name) & mask) === 0) continue
    const value: Expr = e.atoms.get(name) ?? { tag: 'variable', dtype: 'i32', name }
    const held = e.writer.fresh('at')
    e.writer.line(`${vectorType(e, 'i32')} ${held} = ${vectorText(e, value, at)};`)
    vectors.set(name, held)
  }
  const { pointer } = layoutOf(e, x.buffer)
  const elements = Array.from({ length: lanes }, (_, i) => {
    const known = new Map([...vectors].map(([name, held]) => [name, `${held}[${i}]`]))
    const where = atLane(e, at, laneAt(e, at) + i)
    return `${pointer}[${indexText(e, x.buffer, x.at, where, known)}]`
  })
  if (x.dtype !== 'bool') return `(${vectorType(e, x.dtype)}){${elements.join(', ')}}`
  const row = `(${e.prelude.vector('i32', lanes)}){${elements.map((t) => `-(${t} != 0)`).join(', ')}}`
  return maskFor(e, `(${row})`, 32, maskBits)
}

/** The element at an index, to be assigned. */
export const cellText = (
  e: Emission,
  buffer: string,
  index: readonly Expr[],
  at: Coordinates,
): string => `${layoutOf(e, buffer).pointer}[${indexText(e, buffer, index, at)}]`
