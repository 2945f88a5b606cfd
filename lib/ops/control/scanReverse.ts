/**
 * Reverse mode of scan, in its two halves; each is scans again.
 *
 *   split      a scan of what is known, that stacks residuals; then a scan of the rest
 *   transpose  the reverse scan of cotangents, adding up those of the consts
 *
 * A residual that is the same at each step is kept once; one that is a row of xs or of ys is not
 * stored again.
 */
import {
  apply,
  closeStrict,
  fold,
  inline,
  type MaybeTerm,
  type Op,
  type SplitCall,
  type SplitFunc,
  type SplitResult,
  type Term,
  type TransposeCall,
} from '../../term/index.js'
import { add } from '../arithmetic.js'
import { zeros } from '../operand.js'
import { beside, define, instantiate, mapResults, named } from './body.js'
import { align, chosen, countTrue, isGiven, not, present, saturate, sections } from './lists.js'
import { demote } from './parts.js'
import { type ScanAttrs, scanAttrs } from './scanType.js'

export function splitScan({ node, attrs, args, known, interpret }: SplitCall): SplitResult {
  const a = scanAttrs(attrs)
  const cut = [a.consts, a.carry]
  const [kconsts, kinit, kxs] = sections(known, cut)
  const { mask, made } = saturate(
    kinit.map(not),
    (unknown) => interpret.split(a.body, [...kconsts, ...unknown.map(not), ...kxs]),
    (parts) => parts.results.slice(0, a.carry).map(not),
  )
  const parts = demote(
    made,
    a.body.results.map((_, i) => i >= a.carry || !mask[i]),
  )
  const [consts, init, xs] = sections(args, cut)
  const knownArgs = [chosen(kconsts, consts), chosen(mask.map(not), init), chosen(kxs, xs)] as const
  const first = knownScan(node.op, a, parts, knownArgs)
  const starts = chosen(
    mask.map((m, i) => m && kinit[i]),
    init,
  )
  const restMask = parts.results.map(not)
  return {
    outs: align(parts.results, first.outs),
    residuals: [...first.fixed, ...first.rows, ...starts],
    rest: (residuals, unknown) => {
      const [fixed, rows, given] = sections(residuals, [first.fixed.length, first.rows.length])
      const [uconsts, uinit, uxs] = sections(unknown, cut)
      const own = align(
        mask.map((m, i) => m && kinit[i]),
        given,
      )
      const carry = chosen(
        mask,
        uinit.map((u, i) => u ?? own[i]),
      )
      return align(
        restMask,
        restScan(node.op, a, parts, first, [
          [...fixed, ...present(uconsts)],
          present(carry),
          [...rows, ...present(uxs)],
        ]),
      )
    },
  }
}

interface KnownScan {
  /** Known carries and rows. */
  readonly outs: readonly Term[]
  /** Residuals that are the same at each step. */
  readonly fixed: readonly Term[]
  /** Residuals of each step, stacked. */
  readonly rows: readonly Term[]
  /** For each residual of the body: its place among the fixed, or behind them among the rows. */
  readonly order: readonly { readonly fixed: boolean; readonly at: number }[]
}

/** Runs the known part; a residual is stored once if each step has the same, else by row. */
function knownScan(
  op: Op,
  a: ScanAttrs,
  parts: SplitFunc,
  [consts, init, xs]: readonly [readonly Term[], readonly Term[], readonly Term[]],
): KnownScan {
  const { known } = parts
  const count = countTrue(parts.results)
  const carry = init.length
  const firstRow = consts.length + carry
  const varies = fold<boolean>(
    known,
    known.params.map((_, i) => i >= consts.length),
    (node, args) => node.outs.map(() => args.includes(true)),
  )
  const fixed: Term[] = []
  const own: Term[] = []
  const rows: (Term | number)[] = []
  const seen = new Map<number, { fixed: boolean; at: number }>()
  // A residual that is a row of a known result, or of xs, is stored already.
  const collected = new Map(known.resultSlots.slice(0, count).map((slot, i) => [slot, i]))
  const order = known.resultSlots.slice(count).map((slot, i) => {
    const before = seen.get(slot)
    if (before !== undefined) return before
    const result = known.results[count + i]
    const place = varies[count + i]
      ? { fixed: false, at: rows.length }
      : { fixed: true, at: fixed.length }
    seen.set(slot, place)
    const y = collected.get(slot) ?? -1
    if (place.fixed) fixed.push(result)
    else if (slot >= firstRow && slot < known.params.length) rows.push(xs[slot - firstRow])
    else if (y >= carry) rows.push(y)
    else rows.push(count + own.push(result) - 1)
    return place
  })
  const body = mapResults(known, (old) => [...old.slice(0, count), ...own])
  const outs =
    body.results.length === 0
      ? []
      : apply(op, [...consts, ...init, ...xs], { ...a, body, consts: consts.length, carry })
  const once = closeStrict(known.name, known.params.slice(0, consts.length), fixed)
  return {
    outs: outs.slice(0, count),
    fixed: inline(once, consts),
    rows: rows.map((r) => (typeof r === 'number' ? outs[r] : r)),
    order,
  }
}

/** The scan of what was unknown, from residuals. */
function restScan(
  op: Op,
  a: ScanAttrs,
  parts: SplitFunc,
  first: KnownScan,
  [consts, init, xs]: readonly [readonly Term[], readonly Term[], readonly Term[]],
): readonly Term[] {
  const rowOf = (x: Term) => ({ dtype: x.dtype, shape: x.shape.slice(1) })
  const body = define(parts.unknown.name, [...consts, ...init, ...xs.map(rowOf)], (params) => {
    const [c, s, x] = sections(params, [consts.length, init.length])
    const residuals = first.order.map(({ fixed, at }) => (fixed ? c[at] : x[at]))
    const unknown = [...c.slice(first.fixed.length), ...s, ...x.slice(first.rows.length)]
    return inline(parts.unknown, [...residuals, ...unknown])
  })
  const args = [...consts, ...init, ...xs]
  return apply(op, args, { ...a, body, consts: consts.length, carry: init.length })
}

export function transposeScan(call: TransposeCall): readonly MaybeTerm[] {
  const { node, attrs, args, linear, cotangents, interpret } = call
  const a = scanAttrs(attrs)
  const cut = [a.consts, a.carry]
  const [lconsts, linit, lxs] = sections(linear, cut)
  const [ctCarry, ctYs] = sections(cotangents, [a.carry])
  // Each carry is linear: those that are not were split off before.
  const isLinear = [...lconsts, ...linit.map(() => true), ...lxs]
  const roles = [countTrue(lconsts), a.carry]
  const { mask, made } = saturate(
    ctCarry.map(isGiven),
    (carry) => interpret.transpose(a.body, isLinear, [...carry, ...ctYs.map(isGiven)]),
    (back) => sections(back.nonzero, roles)[1],
  )
  const [nzConsts, nzCarry, nzXs] = sections(made.nonzero, roles)
  const [pc, ps, px] = sections(a.body.params, cut)
  const sums = chosen(nzConsts, chosen(lconsts, pc))
  const groups = [
    chosen(lconsts.map(not), pc),
    beside('sum_', sums),
    beside('ct_', chosen(mask, ps)),
    chosen(lxs.map(not), px),
    named('ct_y', chosen(ctYs.map(isGiven), a.body.results.slice(a.carry))),
  ]
  const lengths = groups.map((g) => g.length)
  const body = define(made.func.name, groups.flat(), (params) => {
    const [c, acc, ct, x, ctY] = sections(params, lengths)
    const outs = inline(made.func, [...c, ...x, ...ct, ...ctY])
    const [dconsts, dcarry, dxs] = sections(outs, [sums.length, countTrue(nzCarry)])
    const next = instantiate(mask, align(nzCarry, dcarry), ps)
    return [...acc.map((sum, i) => add(sum, dconsts[i])), ...next, ...dxs]
  })
  const [consts, init, xs] = sections(args, cut)
  const outs = apply(
    node.op,
    [
      ...chosen(lconsts.map(not), consts),
      ...sums.map(zeros),
      ...instantiate(mask, ctCarry, init),
      ...chosen(lxs.map(not), xs),
      ...present(ctYs),
    ],
    { ...a, body, consts: lengths[0], carry: lengths[1] + lengths[2], reverse: !a.reverse },
  )
  const [dconsts, dinit, dxs] = sections(outs, [lengths[1], lengths[2]])
  return [
    ...align(lconsts, align(nzConsts, dconsts)),
    ...align(mask, dinit).map((ct, i) => (linit[i] ? ct : null)),
    ...align(lxs, align(nzXs, dxs)),
  ]
}
