/**
 * Reverse mode of while, in its two halves.
 *
 *   split      the loop of what is known; then the whole loop again for the rest, so that
 *              nothing is stored by step (with maxSteps: a scan, whose residuals are)
 *   transpose  the steps backwards (rewind.ts), after counting them
 *
 * The count is the known loop's own, with a counter beside the carries: sharing equal terms makes
 * the one loop of split and transpose of it.
 */
import { fail } from '../../data/index.js'
import {
  apply,
  type Func,
  type Interpreters,
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
import { scalar, zeros } from '../operand.js'
import { define, instantiate } from './body.js'
import { align, chosen, countTrue, isGiven, not, present, saturate, sections } from './lists.js'
import { demote, splitThrough, splitWhole, transposeThrough } from './parts.js'
import { rewind } from './rewind.js'
import { scan } from './scan.js'
import { cond } from './switch.js'
import { type WhileAttrs, whileAttrs } from './whileType.js'

export function splitWhile(call: SplitCall): SplitResult {
  const { node, attrs, args, known, interpret } = call
  const a = whileAttrs(attrs)
  if (a.maxSteps !== null) return splitThrough(asScan(a, args), call)
  const parts = knownCarries(a, known, interpret)
  if (parts === undefined) return splitWhole(call)
  const finals = knownLoop(node.op, a, parts, args).slice(1)
  const whole = splitWhole(call)
  return {
    outs: align(parts.known, finals),
    residuals: whole.residuals,
    rest: (residuals, unknown) =>
      whole.rest(residuals, unknown).map((out, i) => (parts.known[i] ? null : out)),
  }
}

interface KnownCarries {
  /** One per argument. */
  readonly args: readonly boolean[]
  /** One per carry. */
  readonly known: readonly boolean[]
  readonly condition: Func
  /** The body: known carries, and residuals for the others; then those. */
  readonly body: SplitFunc
}

/** Which carries can be computed from known arguments alone; none if the condition cannot. */
function knownCarries(
  a: WhileAttrs,
  known: readonly boolean[],
  interpret: Interpreters,
): KnownCarries | undefined {
  const [forCondition, consts, init] = sections(known, [a.conditionConsts, a.bodyConsts])
  const { mask, made } = saturate(
    init.map(not),
    (unknown) => interpret.split(a.body, [...consts, ...unknown.map(not)]),
    (parts) => parts.results.map(not),
  )
  const carries = mask.map(not)
  const condition = interpret.split(a.condition, [...forCondition, ...carries])
  if (!condition.results[0]) return undefined
  return {
    args: [...forCondition, ...consts, ...carries],
    known: carries,
    condition: condition.known,
    body: demote(made, carries),
  }
}

/** The loop of the known carries, and first how many steps it takes. */
function knownLoop(
  op: Op,
  a: WhileAttrs,
  parts: KnownCarries,
  args: readonly Term[],
): readonly Term[] {
  const [forCondition, consts, init] = sections(
    args.map((x, i) => (parts.args[i] ? x : null)),
    [a.conditionConsts, a.bodyConsts],
  )
  const [fc, c, s] = [present(forCondition), present(consts), present(init)]
  const count = scalar(0, 'i32')
  const condition = define(a.condition.name, [...fc, count, ...s], (params) => {
    const [own, [, ...state]] = sections(params, [fc.length])
    return inline(parts.condition, [...own, ...state])
  })
  const body = define(a.body.name, [...c, count, ...s], (params) => {
    const [own, [steps, ...state]] = sections(params, [c.length])
    return [add(steps, 1), ...inline(parts.body.known, [...own, ...state]).slice(0, s.length)]
  })
  return apply(op, [...fc, ...c, count, ...s], {
    condition,
    body,
    conditionConsts: fc.length,
    bodyConsts: c.length,
    maxSteps: null,
  })
}

/** The bounded loop as a scan of that many steps; those after the last one do nothing. */
function asScan(a: WhileAttrs, args: readonly Term[]): Func {
  return define(a.body.name, args, (params) => {
    const [forCondition, consts, init] = sections(params, [a.conditionConsts, a.bodyConsts])
    const step = (carry: readonly Term[]) => {
      const [goesOn] = inline(a.condition, [...forCondition, ...carry])
      const next = (state: readonly Term[]) => inline(a.body, [...consts, ...state])
      return { carry: cond(goesOn, next, (state) => state, carry) }
    }
    return scan(step, init, [], { length: a.maxSteps ?? 0 }).carry
  })
}

export function transposeWhile(call: TransposeCall): readonly MaybeTerm[] {
  const { node, attrs, args, linear, cotangents, interpret } = call
  const a = whileAttrs(attrs)
  if (a.maxSteps !== null) {
    return transposeThrough(asScan(a, args), call)
  }
  const parts = knownCarries(a, linear.map(not), interpret)
  if (parts === undefined) {
    return fail({
      code: 'derivative',
      where: node.source?.line() ?? 'whileLoop',
      what: 'the condition depends on what the loop is transposed in',
      expected: 'a condition on other values, so that the loop is linear',
      fix: 'Differentiate it with vjp or grad instead',
    })
  }
  const { known, unknown, residuals } = parts.body
  const isLinear = parts.known.map(not)
  const [, lconsts, linit] = sections(linear, [a.conditionConsts, a.bodyConsts])
  const { mask, made } = saturate(
    chosen(isLinear, cotangents).map(isGiven),
    (cts) => {
      const params = unknown.params.map((_, i) => i >= residuals.length)
      return interpret.transpose(unknown, params, cts)
    },
    (back) => back.nonzero.slice(countTrue(lconsts)),
  )
  const [nzConsts, nzCarry] = sections(made.nonzero, [countTrue(lconsts)])
  const [, consts, init] = sections(args, [a.conditionConsts, a.bodyConsts])
  const fixed = chosen(lconsts.map(not), consts)
  const sums = chosen(nzConsts, chosen(lconsts, consts))
  const carries = chosen(isLinear, init)
  const [count] = knownLoop(node.op, a, parts, args)
  const start = chosen(parts.known, init)
  const outs = rewind(
    node.op,
    {
      count,
      start,
      advance: (state) => inline(known, [...fixed, ...state]).slice(0, start.length),
      back: (state, carried) => {
        const [acc, cts] = sections(carried, [sums.length])
        const stored = inline(known, [...fixed, ...state]).slice(start.length)
        const answers = inline(made.func, [...stored, ...cts])
        const [dconsts, dcarry] = sections(answers, [sums.length])
        const next = instantiate(mask, align(nzCarry, dcarry), carries)
        return [...acc.map((sum, i) => add(sum, dconsts[i])), ...next]
      },
    },
    [...sums.map(zeros), ...instantiate(mask, chosen(isLinear, cotangents), carries)],
  )
  const [dconsts, dcarry] = sections(outs, [sums.length])
  const ofCarry = align(isLinear, align(mask, dcarry))
  return [
    ...linear.slice(0, a.conditionConsts).map(() => null),
    ...align(lconsts, align(nzConsts, dconsts)),
    ...ofCarry.map((ct, i) => (linit[i] ? ct : null)),
  ]
}
