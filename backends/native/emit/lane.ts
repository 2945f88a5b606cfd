/**
 * Vectors here: their types, splats, and masks of one width or another.
 */
import { invariant } from '../../../lib/data/error.js'
import type { ScalarType } from '../../../lib/loop/index.js'
import { type Emission, type Level, vectorLevel } from './emission.js'

export function levelHere(e: Emission): Level {
  const level = vectorLevel(e)
  invariant(level !== undefined, `kernel ${e.kernel.name} has a vector outside vector loops`)
  return level
}

/** The C type of a dtype's vectors here; a bool's is that of masks. */
export function vectorType(e: Emission, dtype: ScalarType): string {
  const { lanes } = levelHere(e)
  return dtype === 'bool' ? maskType(e) : e.prelude.vector(dtype, lanes)
}

export const maskType = (e: Emission, bits: 32 | 64 = levelHere(e).maskBits): string =>
  e.prelude.vector(bits === 64 ? 'i64' : 'i32', levelHere(e).lanes)

/** A scalar in every lane; a bool as a mask. */
export function splatText(e: Emission, dtype: ScalarType, scalar: string): string {
  const { lanes, maskBits } = levelHere(e)
  if (dtype !== 'bool') return `${e.prelude.operation('splat', dtype, lanes)}(${scalar})`
  return `${e.prelude.operation('splat', maskBits === 64 ? 'i64' : 'i32', lanes)}(-${scalar})`
}

/** A mask in lanes as wide as those of a dtype, from the loop's own width or to it. */
export function maskFor(e: Emission, mask: string, from: 32 | 64, to: 32 | 64): string {
  return from === to ? mask : `__builtin_convertvector(${mask}, ${maskType(e, to)})`
}

/** Whether a mask, of the loop's own width, holds in some lane. */
export function anyText(e: Emission, mask: string): string {
  const { lanes, maskBits } = levelHere(e)
  return `${e.prelude.operation('any', maskBits === 64 ? 'i64' : 'i32', lanes)}(${mask})`
}
