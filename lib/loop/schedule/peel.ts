/**
 * Peel: where a loop's conditions hold for a whole range, that range becomes a loop without them.
 *
 *   for j in 0..n { t[j] = select(j ≥ 1 & j < n − 1, x[max(min(j − 1, …), 0)], 0) }    →
 *   for j.before in 0..1 { t[j] = 0 }
 *   for j in 1..n − 1 { t[j] = x[j − 1] }
 *   for j.after in n − 1..n { t[j] = 0 }
 *
 * Comparisons and clamps of an index that moves with the loop by one are what is decided; bounds
 * may depend on loops around. So the middle runs in lanes over neighbours, without asking. Only
 * loops that fill tiles: that results are written everywhere is seen from one loop over them.
 */
import { add, binary, type Expr, max, min, sub, variable } from '../expression.js'
import type { Kernel } from '../kernel.js'
import { asNumber, keyOf, linearIn, minus, namesOf, polynomialOf, whole } from '../polynomial.js'
import type { Block, Loop } from '../statement.js'
import { rewriteBlock, rewriteExpr, substitute } from '../traverse.js'
import { findLoop, illegal, replaceLoop, requireFresh, zeroIndex } from './nest.js'

/** The loop's index is at least, or less than, this where a condition holds. */
interface Bound {
  readonly side: 'from' | 'below'
  readonly at: Expr
  /** Equal for equal bounds. */
  readonly key: string
}

export function peelLoop(kernel: Kernel, name: string): Kernel {
  const [first, last] = [`${name}.before`, `${name}.after`]
  requireFresh(kernel, first)
  requireFresh(kernel, last)
  const loop = findLoop(kernel, name)
  if (loop.step !== 1 || loop.width > 1) illegal(kernel, `'${name}' does not go one by one`)
  if (loop.mode !== 'parallel') illegal(kernel, `the iterations of '${name}' are in order`)
  if (!loop.body.every((s) => s.tag === 'let' || s.tag === 'store')) {
    illegal(kernel, `'${name}' does more than to compute and store`)
  }
  const results = new Set(kernel.buffers.map((b) => b.name))
  if (loop.body.some((s) => s.tag === 'store' && results.has(s.buffer))) {
    illegal(kernel, `'${name}' stores results, which one loop is to cover`)
  }
  const bounds: Bound[] = []
  const middle = decided(loop, { from: true, below: true }, (bound) => bounds.push(bound))
  const on = (side: Bound['side']): readonly Bound[] => [
    ...new Map(bounds.filter((b) => b.side === side).map((b) => [b.key, b])).values(),
  ]
  const [from, below] = [on('from'), on('below')]
  if (bounds.length === 0) illegal(kernel, `nothing in '${name}' depends on where it is`)
  const start = from.reduce((at, b) => max(at, b.at), loop.from)
  const end = below.reduce((at, b) => min(at, b.at), loop.to)
  const before = min(start, loop.to)
  const edge = (index: string, lower: Expr, upper: Expr, body: Block): Loop => ({
    ...loop,
    index,
    from: lower,
    to: upper,
    body: rewriteBlock(renamed(body, index), substitute(new Map([[name, variable(index)]]))),
  })
  // Beyond the only bound of a side what is compared with it does not hold.
  const outside = (side: Bound['side'], of: readonly Bound[]): Block =>
    new Set(of.map((b) => b.key)).size === 1
      ? decided(loop, { [side]: false }, () => {})
      : loop.body
  return replaceLoop(kernel, name, () => [
    edge(first, loop.from, before, outside('from', from)),
    { ...loop, from: start, to: end, body: middle },
    edge(last, max(before, end), loop.to, outside('below', below)),
  ])
}

/** Names that a copy of the body binds are its own. */
function renamed(body: Block, suffix: string): Block {
  const own = body.flatMap((s) => (s.tag === 'let' ? [s.name] : []))
  const names = new Map(own.map((name) => [name, `${name}.${suffix}`]))
  const rename = rewriteExpr((e) =>
    e.tag === 'variable' && names.has(e.name) ? { ...e, name: names.get(e.name) ?? e.name } : e,
  )
  return rewriteBlock(
    body.map((s) => (s.tag === 'let' ? { ...s, name: names.get(s.name) ?? s.name } : s)),
    rename,
  )
}

/** The body where the conditions of a side are known; clamps go where they do nothing. */
function decided(
  loop: Loop,
  known: { readonly [side in Bound['side']]?: boolean },
  found: (bound: Bound) => void,
): Block {
  const bound = boundIn(loop)
  const settle = (side: Bound['side'], x: Expr, y: Expr, plus: number): boolean | undefined => {
    const at = bound(x, y, plus)
    if (at === undefined || known[side] === undefined) return undefined
    found({ side, ...at })
    return known[side]
  }
  return rewriteBlock(
    loop.body,
    rewriteExpr((e) => {
      if (e.tag === 'compare' && e.x.dtype === 'i32') {
        // i + r ≥ y from y − r on; i + r < y below it.
        const holds = isOneOf(e.op, 'ge', 'gt')
          ? settle('from', e.x, e.y, e.op === 'gt' ? 1 : 0)
          : isOneOf(e.op, 'lt', 'le')
            ? settle('below', e.x, e.y, e.op === 'le' ? 1 : 0)
            : undefined
        return holds === undefined ? e : truth(holds)
      }
      if (e.tag === 'binary' && e.op === 'and' && e.dtype === 'bool') {
        for (const [x, y] of [[e.x, e.y] as const, [e.y, e.x] as const]) {
          if (x.tag === 'constant') return x.value === 0 ? x : y
        }
      }
      if (e.tag === 'select' && e.condition.tag === 'constant') {
        return e.condition.value === 0 ? e.no : e.yes
      }
      if (e.tag !== 'binary' || e.dtype !== 'i32' || !isOneOf(e.op, 'min', 'max')) return e
      const free = settle(e.op === 'max' ? 'from' : 'below', e.x, e.y, e.op === 'max' ? 0 : 1)
      return free === true ? e.x : e
    }),
  )
}

const isOneOf = (op: string, ...ops: readonly string[]): boolean => ops.includes(op)

const truth = (holds: boolean): Expr => ({
  tag: 'constant',
  dtype: 'bool',
  value: holds ? 1 : 0,
})

/** Where x = i + r reaches y + plus; undefined where x − y is not of that form. */
function boundIn({ index, body }: Loop) {
  const own = new Set(body.flatMap((s) => ('name' in s ? [s.name] : [])))
  const atStart = rewriteExpr((e) => {
    if (e.tag === 'variable') return e.name === index ? zeroIndex : e
    // Rebuilt, so that what the zeros leave behind folds away.
    return e.tag === 'binary' && e.dtype === 'i32' ? binary(e.op, e.x, e.y) : e
  })
  return (x: Expr, y: Expr, plus: number): Omit<Bound, 'side'> | undefined => {
    let plain = true
    const opaque = (): string => {
      plain = false
      return '$'
    }
    const parts = linearIn(minus(polynomialOf(x, opaque), polynomialOf(y, opaque)), index)
    if (!plain || parts === undefined || asNumber(parts.coefficient) !== 1) return undefined
    if ([...namesOf(parts.rest)].some((name) => own.has(name))) return undefined
    return {
      at: add(sub(atStart(y), atStart(x)), plus),
      key: keyOf(minus(whole(plus), parts.rest)),
    }
  }
}
