/**
 * Loops made of scan and while: forLoop, map, associativeScan.
 */
import { type Dim, fail } from '../../data/index.js'
import { isTerm, showType, type Term } from '../../term/index.js'
import { add } from '../arithmetic.js'
import { reshape } from '../broadcast.js'
import { lt } from '../compare.js'
import { concat, stack } from '../concat.js'
import { iota } from '../constant.js'
import { zeros } from '../operand.js'
import { slice } from '../slice.js'
import { reverse } from '../transpose.js'
import { sameType } from './body.js'
import { scan } from './scan.js'
import { checkCarry, checkCarryCount } from './scanType.js'
import { whileLoop } from './while.js'

/**
 * `body(i, carry)` for i = 0, 1, … below count, each giving the next carry. A count that is a
 * size makes a scan; one that is a tensor (i32) a while loop, with that one's reverse mode.
 */
export function forLoop(
  count: Dim | Term,
  body: (i: Term, carry: readonly Term[]) => readonly Term[],
  init: readonly Term[],
): readonly Term[] {
  const next = (i: Term, carry: readonly Term[]): readonly Term[] => {
    const after = body(i, carry)
    checkCarryCount('forLoop', carry.length, after.length)
    after.forEach((x, at) => {
      checkCarry('forLoop', at, carry[at], x)
    })
    return after
  }
  if (!isTerm(count)) {
    const step = (carry: readonly Term[], [i]: readonly Term[]) => ({ carry: next(i, carry) })
    return scan(step, init, [iota(count, 'i32')]).carry
  }
  if (count.dtype !== 'i32' || count.shape.length > 0) {
    const what = `the count is ${showType(count)}`
    fail({ code: 'dtype', where: 'forLoop', what, expected: 'a size or a tensor i32[]' })
  }
  const outs = whileLoop(
    ([i]) => lt(i, count),
    ([i, ...carry]) => [add(i, 1), ...next(i, carry)],
    [zeros({ dtype: 'i32', shape: [] }), ...init],
  )
  return outs.slice(1)
}

/** f on each row of the arguments, one after the other, results stacked; vmap does all at once. */
export const map = (
  f: (rows: readonly Term[]) => readonly Term[],
  xs: readonly Term[],
): readonly Term[] => scan((_, rows) => ({ carry: [], ys: f(rows) }), [], xs).ys

/**
 * All prefixes x₀, x₀∘x₁, … of an associative `combine`, which takes and gives arrays of pairs'
 * elements along axis 0, in ⌈2·log₂ n⌉ rounds. A named length makes a sequential scan of the same
 * meaning. Errors: no rows' axis, lengths that differ. Source: Blelloch 1990.
 */
export function associativeScan(
  combine: (a: readonly Term[], b: readonly Term[]) => readonly Term[],
  xs: readonly Term[],
  options: { readonly reverse?: boolean } = {},
): readonly Term[] {
  const length = xs[0]?.shape[0]
  if (length === undefined || xs.some((x) => x.shape[0] !== length)) {
    fail({
      code: 'shape',
      where: 'associativeScan',
      what: `cannot scan ${xs.map(showType).join(', ') || 'nothing'}`,
      expected: 'arrays with one leading length',
    })
  }
  const flip = (list: readonly Term[]) =>
    options.reverse ? list.map((x) => reverse(x, [0])) : list
  const checked = (a: readonly Term[], b: readonly Term[]) => {
    const outs = combine(a, b)
    const wrong = a.findIndex((x, i) => outs[i] === undefined || !sameType(outs[i], x))
    if (wrong >= 0 || outs.length !== a.length) {
      fail({
        code: 'shape',
        where: 'associativeScan',
        what: `combine gives (${outs.map(showType).join(', ')})`,
        expected: `(${a.map(showType).join(', ')}), as it takes`,
      })
    }
    return outs
  }
  return flip(prefixes(checked, flip(xs), length))
}

type Combine = (a: readonly Term[], b: readonly Term[]) => readonly Term[]

/** Pairs combine, prefixes of the pairs follow, and between them those of the even places. */
function prefixes(combine: Combine, xs: readonly Term[], length: Dim): readonly Term[] {
  if (typeof length !== 'number') return sequential(combine, xs)
  if (length < 2) return xs
  const half = Math.floor(length / 2)
  const pairs = combine(every(xs, 0, half * 2), every(xs, 1, half * 2))
  const odd = prefixes(combine, pairs, half)
  const later = Math.floor((length - 1) / 2)
  const first = xs.map((x) => rowsOf(x, 0, 1))
  const rest = combine(
    odd.map((x) => rowsOf(x, 0, later)),
    every(xs, 2, length),
  )
  const even = first.map((x, i) => (later === 0 ? x : concat([x, rest[i]], 0)))
  return even.map((x, i) => interleave(x, odd[i], length))
}

function sequential(combine: Combine, xs: readonly Term[]): readonly Term[] {
  const alone = (x: Term) => reshape(x, [1, ...x.shape])
  const first = xs.map((x) => rowsOf(x, 0, 1))
  const rest = xs.map((x) => slice(x, starts(x, 1), x.shape))
  const { ys } = scan(
    (carry, rows) => {
      const next = combine(carry, rows.map(alone))
      return { carry: next, ys: next.map((y) => reshape(y, y.shape.slice(1))) }
    },
    first,
    rest,
  )
  return first.map((x, i) => concat([x, ys[i]], 0))
}

const starts = (x: Term, from: number): readonly number[] => x.shape.map((_, i) => (i ? 0 : from))

const rowsOf = (x: Term, from: number, to: Dim): Term =>
  slice(x, starts(x, from), [to, ...x.shape.slice(1)])

/** Every second row. */
const every = (xs: readonly Term[], from: number, to: number): readonly Term[] =>
  xs.map((x) =>
    slice(
      x,
      starts(x, from),
      [to, ...x.shape.slice(1)],
      x.shape.map((_, i) => (i ? 1 : 2)),
    ),
  )

/** Rows at the even places and rows at the odd ones, together `length`. */
function interleave(even: Term, odd: Term, length: number): Term {
  const half = Math.floor(length / 2)
  const pairs = stack([rowsOf(even, 0, half), odd], 1)
  const both = reshape(pairs, [2 * half, ...odd.shape.slice(1)])
  return length % 2 === 0 ? both : concat([both, rowsOf(even, half, half + 1)], 0)
}
