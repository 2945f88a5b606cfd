/**
 * Derivatives of a closure at leaves, in the caller's graph: what the public transformations share.
 *
 *   pushforward   (f, x, dx) → (y, dy)
 *   pullback      (f, x)     → y, and  cty → ctx
 *   linearization (f, x)     → y, and  dx → dy
 *
 * `null` is a zero tangent or cotangent; it stays symbolic until a caller writes it out.
 */
import { interpreters, linearize } from '../interpret/index.js'
import { zeros } from '../ops/index.js'
import type { MaybeTerm, TensorType, Term } from '../term/index.js'
import { type Bound, bind } from './apply.js'
import type { Closure } from './closure.js'
import { inlineAt } from './substitute.js'

export interface Pushed {
  readonly outs: readonly Term[]
  /** One a result. */
  readonly tangents: readonly MaybeTerm[]
}

/** Values and tangents of the results. */
export function pushforward(
  closure: Closure,
  leaves: readonly Term[],
  tangents: readonly MaybeTerm[],
): Pushed {
  const { args, sizes } = bind(closure, leaves)
  const forward = interpreters.jvp(closure.func, padded(closure, tangents.map(isGiven)))
  const outs = inlineAt(forward.func, [...args, ...tangents.filter(isGiven)], sizes)
  const count = closure.func.results.length
  return { outs: outs.slice(0, count), tangents: spread(forward.active, outs.slice(count)) }
}

export interface Linear {
  readonly outs: readonly Term[]
  /** Whether a result has a tangent at all: it is floating and depends on an active leaf. */
  readonly moves: readonly boolean[]
  /** Tangents of the active leaves to tangents of the results. */
  readonly push: (tangents: readonly Term[]) => readonly MaybeTerm[]
  /** Cotangents of the results to cotangents of the active leaves. */
  readonly pull: (cotangents: readonly MaybeTerm[]) => readonly MaybeTerm[]
}

/** The results, and the derivative there as a linear function in both directions. */
export function linearizeAt(
  closure: Closure,
  leaves: readonly Term[],
  active: readonly boolean[],
): Linear {
  const { args, sizes }: Bound = bind(closure, leaves)
  const count = closure.func.results.length
  const {
    primal,
    linear,
    residuals,
    active: moves,
  } = linearize(closure.func, padded(closure, active), interpreters)
  const values = inlineAt(primal, args, sizes)
  const kept = values.slice(count)
  return {
    outs: values.slice(0, count),
    moves,
    push: (tangents) => spread(moves, inlineAt(linear, [...kept, ...tangents], sizes)),
    pull: (cotangents) => {
      const given = cotangents.filter((_, i) => moves[i])
      if (!given.some(isGiven)) return active.flatMap((a) => (a ? [null] : []))
      const isTangent = linear.params.map((_, i) => i >= residuals)
      const back = interpreters.transpose(linear, isTangent, given.map(isGiven))
      return spread(back.nonzero, inlineAt(back.func, [...kept, ...given.filter(isGiven)], sizes))
    },
  }
}

/** Zeros written out, in the types of the values. */
export const writtenOut = (
  derivatives: readonly MaybeTerm[],
  values: readonly TensorType[],
): readonly Term[] => derivatives.map((d, i) => d ?? zeros(values[i]))

export const isGiven = (x: MaybeTerm): x is Term => x !== null

/** Flags of the leaves, with false for the captures behind them. */
const padded = (closure: Closure, flags: readonly boolean[]): readonly boolean[] =>
  closure.func.params.map((_, i) => flags[i] ?? false)

/** Terms in the places that flags mark; null elsewhere. */
function spread(flags: readonly boolean[], terms: readonly Term[]): readonly MaybeTerm[] {
  let next = 0
  return flags.map((flag) => (flag ? terms[next++] : null))
}
