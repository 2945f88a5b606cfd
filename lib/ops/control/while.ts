/**
 * While: repeats a body on carried values as long as a condition holds.
 *
 *   (condition consts…, body consts…, carry…) → final carry…
 *
 * Forward mode carries tangents along. Reverse mode: with `maxSteps`, as a scan of that many steps
 * that idles when done (memory maxSteps × residuals of a step); without, by walking the steps
 * backwards from at most 32 stored states (memory 32 × carry, time O(n log n) steps; rewind.ts).
 */
import { type Dim, dimAdd, dimMul } from '../../data/index.js'
import {
  apply,
  type Func,
  type Op,
  type Sample,
  type TensorType,
  type Term,
} from '../../term/index.js'
import { add, mul } from '../arithmetic.js'
import { lt } from '../compare.js'
import { define } from './body.js'
import { splitWhile, transposeWhile } from './whileReverse.js'
import { batchWhile, jvpWhile } from './whileRules.js'
import { buildWhile, whileAttrs, whileType } from './whileType.js'

export const whileOp: Op = {
  name: 'whileLoop',
  doc: 'Repeats a body while a condition holds, at most maxSteps times where that is given.',
  grade: 'jump',
  dims: ['maxSteps'],
  type: (args, attrs) => whileType(args, whileAttrs(attrs)),
  evaluate: ({ args, attrs, sizes, interpret }) => {
    const { condition, body, conditionConsts, bodyConsts, maxSteps } = whileAttrs(attrs)
    const forCondition = args.slice(0, conditionConsts)
    const forBody = args.slice(conditionConsts, conditionConsts + bodyConsts)
    const limit = maxSteps === null ? Infinity : Number(maxSteps)
    let carry = args.slice(conditionConsts + bodyConsts)
    for (let step = 0; step < limit; step++) {
      const [goesOn] = interpret.evaluate(condition, [...forCondition, ...carry], sizes)
      if (goesOn.data[0] === 0) break
      carry = [...interpret.evaluate(body, [...forBody, ...carry], sizes)]
    }
    return carry
  },
  jvp: jvpWhile,
  split: splitWhile,
  transpose: transposeWhile,
  batch: batchWhile,
  cost: ({ attrs, interpret }) => {
    const { condition, body, maxSteps } = whileAttrs(attrs)
    const step = dimAdd(interpret.cost(condition).flops, interpret.cost(body).flops)
    // How many steps an unbounded loop takes is unknown: one named size stands for it.
    return { flops: dimMul(maxSteps ?? 'steps', step) }
  },
  get samples(): readonly Sample[] {
    const k: TensorType = { dtype: 'i32', shape: [] }
    const x: TensorType = { dtype: 'f64', shape: [2] }
    const condition = define('condition', [k, k, x], ([n, i]) => [lt(i, n)])
    const body = define('body', [x, k, x], ([w, i, v]) => [add(i, 1), mul(v, w)])
    return [null, 2].map((maxSteps) => ({
      args: [
        { kind: 'int', shape: [], range: [0, 4] },
        { kind: 'float', shape: [2] },
        { kind: 'int', shape: [], range: [0, 1] },
        { kind: 'float', shape: [2] },
      ],
      attrs: { condition, body, conditionConsts: 1, bodyConsts: 1, maxSteps },
    }))
  },
}

/**
 * Repeats `body` on the carry while `condition` holds, and gives the final carry. `maxSteps`
 * stops it after so many steps, and makes reverse mode store each step instead of going back
 * over them. Errors: a condition that is not one bool, a carry that changes type.
 */
export const whileLoop = (
  condition: (carry: readonly Term[]) => Term,
  body: (carry: readonly Term[]) => readonly Term[],
  init: readonly Term[],
  options: { readonly maxSteps?: Dim } = {},
): readonly Term[] => buildWhile(whileOp, { condition, body, ...options }, init)

/**
 * The loop of a ready condition `(consts…, carry…) → bool` and body `(consts…, carry…) → carry…`
 * on `(condition consts…, body consts…, init…)`.
 */
export const whileFunc = (
  condition: Func,
  body: Func,
  args: readonly Term[],
  options: {
    readonly conditionConsts?: number
    readonly bodyConsts?: number
    readonly maxSteps?: Dim
  } = {},
): readonly Term[] =>
  apply(whileOp, args, {
    condition,
    body,
    conditionConsts: options.conditionConsts ?? 0,
    bodyConsts: options.bodyConsts ?? 0,
    maxSteps: options.maxSteps ?? null,
  })
