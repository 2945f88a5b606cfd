/**
 * CustomBatching: a function with a batching rule of the author's.
 *
 *   vmap f  →  rule(lanes, arguments with the batch as axis 0)
 *
 * The rule is a callback, called when a batch is made, so it lives in memory only: a printed
 * program loses it. Forward mode carries the rule along, differentiated. Reverse mode, partial
 * evaluation and transposing go through the function's body, and then batch as that does.
 */
import { type Dim, fail } from '../../data/index.js'
import {
  type Attrs,
  apply,
  type BatchCall,
  type Batched,
  close,
  type Func,
  type Interpreters,
  inline,
  type JvpCall,
  type JvpReplacement,
  type Op,
  showType,
  type TensorType,
  type Term,
} from '../../term/index.js'
import { broadcastTo } from '../broadcast.js'
import { zeros } from '../operand.js'
import { define, named, needFunc, sameType, stacked, trace } from './body.js'
import { align, chosen, isGiven, present, sections } from './lists.js'
import { checkParameters } from './parameters.js'
import { splitThrough, transposeThrough } from './parts.js'

/** What a batching rule is called with, and gives: as the `batch` of an op. */
export interface BatchRuleCall {
  /** Batched ones carry the batch as axis 0. */
  readonly args: readonly Term[]
  readonly batched: readonly boolean[]
  readonly size: Dim
}

export type BatchRule = (call: BatchRuleCall) => Batched

export const customBatchingOp: Op = {
  name: 'customBatching',
  doc: 'A function with a given rule for batches.',
  grade: 'smooth',
  type: (args, attrs) => {
    const body = bodyOf(attrs)
    checkParameters('customBatching', 'function', body, args)
    return body.results.map(({ dtype, shape }) => ({ dtype, shape }))
  },
  evaluate: ({ args, attrs, sizes, interpret }) => interpret.evaluate(bodyOf(attrs), args, sizes),
  jvp: jvpCustom,
  split: (call) => splitThrough(bodyOf(call.attrs), call),
  transpose: (call) => transposeThrough(bodyOf(call.attrs), call),
  batch: ({ node, attrs, args, batched, size }: BatchCall) =>
    checkBatched(ruleOf(attrs)({ args, batched, size }), node.outs, size),
  cost: ({ attrs, interpret }) => interpret.cost(bodyOf(attrs)),
  // A rule has no home outside a program; the laws run in this op's own test.
  samples: [],
}

/**
 * The value of `f` on the arguments; a batch of it is what `rule` makes. Errors: captured tensors
 * (the rule would not see their batch), results of a rule that are not a batch of f's.
 * Source: JAX's `custom_vmap`.
 */
export function customBatching(
  f: (args: readonly Term[]) => readonly Term[],
  rule: BatchRule,
  args: readonly Term[],
): readonly Term[] {
  const traced = trace('customBatching', named('x', args), f)
  const { func: body, captures } = close('customBatching', traced.params, traced.results)
  if (captures.length > 0) {
    fail({
      code: 'trace',
      where: 'customBatching',
      what: `the function uses an outer tensor ${showType(captures[0])}, which its rule cannot see`,
      expected: 'a function of its arguments alone',
      fix: 'Pass the tensor as an argument',
    })
  }
  return apply(customBatchingOp, args, { body, rule })
}

const bodyOf = (attrs: Attrs): Func => needFunc('customBatching', attrs, 'body')

/** A printed program has lost its rule. */
function ruleOf(attrs: Attrs): BatchRule {
  const { rule } = attrs
  if (typeof rule === 'function') return rule as BatchRule // only customBatching sets it
  return fail({ code: 'attribute', where: 'customBatching', what: 'the batching rule is missing' })
}

function checkBatched(made: Batched, results: readonly TensorType[], size: Dim): Batched {
  const { outs, batched } = made
  const wanted = results.map((r, i) => (batched[i] ? stacked(r, size) : r))
  if (outs.length !== wanted.length || outs.some((t, i) => !sameType(t, wanted[i]))) {
    fail({
      code: 'shape',
      where: 'customBatching',
      what: `the rule gives (${outs.map(showType).join(', ')})`,
      expected: `(${wanted.map(showType).join(', ')}), a batch of ${size} of the function's results`,
    })
  }
  return made
}

/** Values and tangents under one rule: the derivative of the given one. */
function jvpCustom({ node, attrs, primals, tangents, interpret }: JvpCall): JvpReplacement {
  const body = bodyOf(attrs)
  const active = tangents.map(isGiven)
  const inner = interpret.jvp(body, active)
  const rule = jvpRule(ruleOf(attrs), active, inner.active, interpret)
  const outs = apply(node.op, [...primals, ...present(tangents)], { body: inner.func, rule })
  const [values, moves] = sections(outs, [node.outs.length])
  return { outs: values, tangents: align(inner.active, moves) }
}

const jvpRule =
  (
    rule: BatchRule,
    active: readonly boolean[],
    moving: readonly boolean[],
    interpret: Interpreters,
  ): BatchRule =>
  ({ args, batched, size }) => {
    const [primals, tangents] = sections(args, [active.length])
    const isBatched = align(active, batched.slice(active.length)).map((b, i) => b || batched[i])
    const wide = (x: Term, has: boolean, wants: boolean) =>
      wants && !has ? broadcastTo(x, [size, ...x.shape]) : x
    const values = primals.map((x, i) => wide(x, batched[i], isBatched[i]))
    const moves = tangents.map((t, i) =>
      wide(t, batched[active.length + i], chosen(active, isBatched)[i]),
    )
    let answer: readonly boolean[] = []
    const func: Func = define('rule', values, (params) => {
      const made = rule({ args: params, batched: isBatched, size })
      answer = made.batched
      return made.outs
    })
    const forward = interpret.jvp(func, active)
    const [outs, found] = sections(inline(forward.func, [...values, ...moves]), [answer.length])
    const all = align(forward.active, found).map((t, i) => t ?? zeros(outs[i]))
    return {
      outs: [...outs, ...chosen(moving, all)],
      batched: [...answer, ...chosen(moving, answer)],
    }
  }
