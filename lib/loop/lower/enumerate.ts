/**
 * Enumerate: the layouts of one value at a time that leave a program which can be lowered.
 *
 *   %1 = tanh x; %2 = transpose %1; return %2    →    [layout %1 as 1, 0]
 *
 * Lists of them are legal where `lower` takes them: a layout that spares a copy may leave another
 * value without memory.
 */
import { PullbackError } from '../../data/index.js'
import type { Func } from '../../term/index.js'
import type { Layout } from '../schedule/decision.js'
import { layoutsByTerms } from './layout.js'
import { lower } from './lower.js'
import { type FusionPolicy, fusionPolicy } from './policy.js'

/** `func` as the passes leave it. */
export const enumerateLayouts = (
  func: Func,
  fusion: FusionPolicy = fusionPolicy,
): readonly Layout[] =>
  layoutsByTerms(func).filter((layout) => whyIllegal(func, [layout], fusion) === undefined)

/** Why a list of layouts does not fit a program; undefined where it does. */
export function whyIllegal(
  func: Func,
  layouts: readonly Layout[],
  fusion: FusionPolicy = fusionPolicy,
): string | undefined {
  try {
    lower(func, { fusion, layouts })
    return undefined
  } catch (cause) {
    if (cause instanceof PullbackError && cause.code === 'verify') return cause.message
    throw cause
  }
}
