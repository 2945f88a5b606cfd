/**
 * The loops of a part that become the grid of its dispatch, and what is left inside.
 *
 *   for i < m { s = b[i]; for j < n { … } }    →    m·n invocations, each with s = b[i]; …
 *
 * Counts are sizes, so that a caller who knows these can tell the workgroups to start.
 */
import { type Dim, dimAdd, dimFloorDivide, dimMul, dimProduct } from '../../../lib/data/dim.js'
import {
  alternatives,
  asNumber,
  type Block,
  factorsOf,
  type Loop,
  minus,
  namesOf,
  type Polynomial,
  polynomialOf,
  type Stmt,
} from '../../../lib/loop/index.js'

export interface Grid {
  /** Outermost first; the last is walked by neighbours. */
  readonly axes: readonly Axis[]
  /** What each point of the grid runs. */
  readonly body: Block
}

export interface Axis {
  readonly loop: Loop
  /** Iterations, at the most. */
  readonly count: Dim
  /** Whether there may be fewer: the loop's own bound must be checked. */
  readonly guarded: boolean
}

/** The grid of a launched loop: every loop down to the first that is not like it. */
export function gridOf(top: Loop, sizes: ReadonlySet<string>): Grid {
  const axes: Axis[] = []
  let lets: Block = []
  let loop: Loop | undefined = top
  let body: Block = [top]
  while (loop !== undefined && loop.spread === top.spread) {
    const counted = countOf(loop, sizes)
    if (counted === undefined || loop.mode === 'sequential') break
    axes.push({ loop, ...counted })
    const before = loop.body.filter((s) => s.tag === 'let')
    const others: Block = loop.body.filter((s) => s.tag !== 'let')
    const [only] = others
    body = [...lets, ...loop.body]
    const inner: Stmt | undefined = others.length === 1 ? only : undefined
    // Lets around one inner loop are computed by each of its iterations.
    lets = [...lets, ...before]
    loop = inner?.tag === 'loop' && inner.mode !== 'sequential' ? inner : undefined
  }
  return { axes, body }
}

/** The iterations of a loop, where sizes tell. */
export function countOf(
  loop: Loop,
  sizes: ReadonlySet<string>,
): { readonly count: Dim; readonly guarded: boolean } | undefined {
  const from = polynomialOf(loop.from, () => '?from')
  const bounds = alternatives(loop.to, 'min')
  for (const to of bounds) {
    const length = dimOf(
      minus(
        polynomialOf(to, () => '?to'),
        from,
      ),
      sizes,
    )
    if (length === undefined) continue
    const count = dimFloorDivide(dimAdd(length, loop.step - 1), loop.step)
    return { count, guarded: bounds.length > 1 }
  }
  return undefined
}

/** A polynomial as a size, where it has no other names. */
function dimOf(p: Polynomial, sizes: ReadonlySet<string>): Dim | undefined {
  const number = asNumber(p)
  if (number !== undefined) return Math.max(0, number)
  const isSize = (name: string): boolean => sizes.has(name) || name.startsWith('floor(')
  if (![...namesOf(p)].every(isSize)) return undefined
  return [...p].reduce<Dim>(
    (sum, [monomial, coefficient]) =>
      dimAdd(sum, dimMul(coefficient, dimProduct(factorsOf(monomial)))),
    0,
  )
}

export const totalOf = (axes: readonly Axis[]): Dim => dimProduct(axes.map((axis) => axis.count))
