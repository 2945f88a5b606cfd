/**
 * The derivatives of switch, each a switch again.
 *
 *   jvp        each branch computes values and tangents
 *   split      a switch of what is known, that gives residuals; then a switch of the rest
 *   transpose  each branch's transpose, zeros where it does not reach an operand
 *   batch      batched branches; with an index a lane, all of them and a choice
 */
import {
  apply,
  type BatchCall,
  type Batched,
  inline,
  type JvpCall,
  type JvpReplacement,
  type MaybeTerm,
  type SplitCall,
  type SplitFunc,
  type SplitResult,
  showType,
  type TensorType,
  type Term,
  type TransposeCall,
} from '../../term/index.js'
import { broadcastTo, reshape } from '../broadcast.js'
import { le } from '../compare.js'
import { zeros } from '../operand.js'
import { where } from '../select.js'
import { define, instantiate, mapResults, widen } from './body.js'
import { align, chosen, countTrue, isGiven, not, present, sections } from './lists.js'
import { demote, splitWhole } from './parts.js'
import { branchesOf } from './switchType.js'

export function jvpSwitch(call: JvpCall): JvpReplacement {
  const { node, attrs, primals, tangents, interpret } = call
  const [index, ...operands] = primals
  const moves = tangents.slice(1)
  const made = branchesOf(attrs).map((b) => interpret.jvp(b, moves.map(isGiven)))
  const active = anyOf(made.map((m) => m.active))
  const count = active.length
  const branches = made.map((m) =>
    mapResults(m.func, (old) => {
      const [values, given] = sections(old, [count])
      return [...values, ...instantiate(active, align(m.active, given), values)]
    }),
  )
  const outs = apply(node.op, [index, ...operands, ...present(moves)], { branches })
  return { outs: outs.slice(0, count), tangents: align(active, outs.slice(count)) }
}

export function splitSwitch(call: SplitCall): SplitResult {
  const { node, attrs, args, known, interpret } = call
  const [index, ...operands] = args
  if (!known[0]) return splitWhole(call)
  const isKnown = known.slice(1)
  const parts = branchesOf(attrs).map((b) => interpret.split(b, isKnown))
  const kept = parts[0].results.map((_, i) => parts.every((p) => p.results[i]))
  const demoted = parts.map((p) => demote(p, kept))
  const given = chosen(isKnown, operands)
  const { slots, homes } = shareResiduals(demoted, countTrue(kept))
  const branches = demoted.map((p, b) =>
    define(p.known.name, given, (params) => {
      const outs = inline(p.known, params)
      const [results, residuals] = sections(outs, [countTrue(kept)])
      const stored = slots.map(zeros)
      homes[b].forEach((home, r) => {
        if (home.tag === 'slot') stored[home.at] = residuals[r]
      })
      return [...results, ...stored]
    }),
  )
  const empty = branches[0].results.length === 0
  const outs = empty ? [] : apply(node.op, [index, ...given], { branches })
  const [results, stored] = sections(outs, [countTrue(kept)])
  const passed = given.map((_, i) =>
    homes.some((h) => h.some((x) => x.tag === 'param' && x.at === i)),
  )
  return {
    outs: align(kept, results),
    residuals: [index, ...stored, ...chosen(passed, given)],
    rest: ([i, ...residuals], unknown) => {
      const rest = present(unknown)
      const places = passed.map((_, p) => slots.length + countTrue(passed.slice(0, p)))
      const unknownBranches = demoted.map((p, b) =>
        define(p.unknown.name, [...residuals, ...rest], (params) => {
          const own = homes[b].map((h) => params[h.tag === 'slot' ? h.at : places[h.at]])
          return inline(p.unknown, [...own, ...params.slice(residuals.length)])
        }),
      )
      const answers = apply(node.op, [i, ...residuals, ...rest], { branches: unknownBranches })
      return align(kept.map(not), answers)
    },
  }
}

/** Where a residual of a branch is kept: a slot that branches share, or a known operand itself. */
type Home = { readonly tag: 'slot' | 'param'; readonly at: number }

/** Gives residuals of equal type in different branches the same slot. */
function shareResiduals(
  parts: readonly SplitFunc[],
  results: number,
): { readonly slots: readonly TensorType[]; readonly homes: readonly (readonly Home[])[] } {
  const slots: TensorType[] = []
  const byType = new Map<string, number[]>()
  const homes = parts.map(({ known, residuals }) => {
    const used = new Map<string, number>()
    return residuals.map((type, r): Home => {
      const source = known.resultSlots[results + r]
      if (source < known.params.length) return { tag: 'param', at: source }
      const key = showType(type)
      const of = byType.get(key) ?? []
      byType.set(key, of)
      const nth = used.get(key) ?? 0
      used.set(key, nth + 1)
      if (nth === of.length) of.push(slots.push(type) - 1)
      return { tag: 'slot', at: of[nth] }
    })
  })
  return { slots, homes }
}

export function transposeSwitch(call: TransposeCall): readonly MaybeTerm[] {
  const { node, attrs, args, linear, cotangents, interpret } = call
  const [index, ...operands] = args
  const isLinear = linear.slice(1)
  const made = branchesOf(attrs).map((b) =>
    interpret.transpose(b, isLinear, cotangents.map(isGiven)),
  )
  const nonzero = anyOf(made.map((m) => m.nonzero))
  const wanted = chosen(isLinear, operands)
  const branches = made.map((m) =>
    mapResults(m.func, (old) => instantiate(nonzero, align(m.nonzero, old), wanted)),
  )
  const given = [...chosen(isLinear.map(not), operands), ...present(cotangents)]
  const outs = nonzero.includes(true) ? apply(node.op, [index, ...given], { branches }) : []
  return [null, ...align(isLinear, align(nonzero, outs))]
}

export function batchSwitch(call: BatchCall): Batched {
  const { node, attrs, args, batched, size, interpret } = call
  const [index, ...operands] = args
  const [differs, ...isBatched] = batched
  const made = branchesOf(attrs).map((b) => interpret.batch(b, isBatched, size))
  const wide = anyOf(made.map((m) => m.batched)).map((b) => b || differs)
  const branches = made.map((m) => widen(m, wide, size))
  if (!differs) return { outs: apply(node.op, args, { branches }), batched: wide }
  const all = branches.map((b) => inline(b, operands))
  return {
    outs: all[0].map((_, r) =>
      choose(
        index,
        all.map((outs) => outs[r]),
      ),
    ),
    batched: wide,
  }
}

/** The entry that each lane's index (clamped) names. */
function choose(index: Term, entries: readonly Term[]): Term {
  const lanes = (flag: Term, like: Term) =>
    broadcastTo(reshape(flag, [...flag.shape, ...like.shape.slice(1).map(() => 1)]), like.shape)
  const last = entries.length - 1
  return entries.slice(0, last).reduceRight((rest, entry, i) => {
    if (index.dtype === 'bool') return where(lanes(index, entry), rest, entry)
    return where(lanes(le(index, i), entry), entry, rest)
  }, entries[last])
}

const anyOf = (masks: readonly (readonly boolean[])[]): readonly boolean[] =>
  masks[0].map((_, i) => masks.some((m) => m[i]))
