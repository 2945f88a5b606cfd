/**
 * Share: equal terms become one term.
 *
 *   %0 = add(x, y)            %0 = add(x, y)
 *   %1 = add(y, x)      →     %1 = mul(%0, %0)
 *   %2 = mul(%0, %1)          return %1
 *
 * Arguments of ops that commute are ordered by their definition, constants last. Bodies are
 * shared within themselves. Equal bodies make equal loops one loop. Constants of more than 64
 * elements are equal only if they are the same array.
 */
import { type Func, fold, nodeKey, rebuild, reclose, type Term } from '../term/index.js'
import { everywhere } from './body.js'
import { isConstant } from './constant.js'
import type { Pass } from './pass.js'

export const share: Pass = {
  name: 'share',
  sentence: 'Equal terms become one term.',
  exact: true,
  run: (func) => everywhere(func, shareOne),
}

/** Exactly: also on NaN and both zeros. */
const commutes: ReadonlySet<string> = new Set('add mul scale max min eq ne and or xor'.split(' '))

function shareOne(func: Func): Func {
  // Closed functions hold no two equal nodes: there is something to do only where two arguments
  // are out of order.
  const isDone = func.nodes.every((node, i) => {
    const [a, b] = func.wiring[i]
    return !commutes.has(node.op.name) || rank(node.args[0], a) <= rank(node.args[1], b)
  })
  if (isDone) return func
  const place = new Map<Term, number>(func.params.map((p, i) => [p, i]))
  const placeOf = (term: Term) => place.get(term) ?? 0 // every argument was placed before
  const known = new Map<string, readonly Term[]>()
  const large = new Map<object, number>()
  const results = fold<Term>(func, func.params, (node, args) => {
    const sorted = commutes.has(node.op.name) ? ordered(args, placeOf) : args
    const key = nodeKey(node, sorted.map(placeOf), large)
    const before = known.get(key)
    if (before !== undefined) return before
    const outs = rebuild(node, sorted)
    known.set(key, outs)
    for (const out of outs) place.set(out, place.size)
    return outs
  })
  return reclose(func, results)
}

function ordered(args: readonly Term[], placeOf: (term: Term) => number): readonly Term[] {
  const [a, b] = args
  return rank(a, placeOf(a)) > rank(b, placeOf(b)) ? [b, a] : args
}

const rank = (term: Term, place: number) => (isConstant(term) ? Infinity : place)
