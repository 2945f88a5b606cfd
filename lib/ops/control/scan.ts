/**
 * Scan: a loop of known length over the rows of arrays, with values carried from step to step.
 *
 *   (consts…, carry…, xs [length, …]…) → (final carry…, ys [length, …]…)
 *   body: (consts…, carry…, x…) → (carry…, y…)
 *
 * Its derivatives are scans again (scanRules.ts). Memory of reverse mode: the residuals of one
 * step, length times, less those that are the same at each step.
 */
import { type Dim, dimMul, emptyArray, fail, type NDArray, sizeOf } from '../../data/index.js'
import {
  apply,
  type EvaluateCall,
  type Func,
  type Op,
  type Sample,
  showType,
  type TensorType,
  type Term,
} from '../../term/index.js'
import { mul } from '../arithmetic.js'
import { closeTogether, define, fixCarries, named, trace } from './body.js'
import { align, chosen, not, sections } from './lists.js'
import { splitScan, transposeScan } from './scanReverse.js'
import { batchScan, jvpScan } from './scanRules.js'
import { checkCarryCount, scanAttrs, scanType } from './scanType.js'

export const scanOp: Op = {
  name: 'scan',
  doc: 'Runs a body over rows, carrying values; collects its further results row by row.',
  grade: 'smooth',
  dims: ['length'],
  type: (args, attrs) => scanType(args, scanAttrs(attrs)),
  evaluate: evaluateScan,
  jvp: jvpScan,
  split: splitScan,
  transpose: transposeScan,
  batch: batchScan,
  cost: ({ attrs, interpret }) => {
    const { body, length } = scanAttrs(attrs)
    return { flops: dimMul(length, interpret.cost(body).flops) }
  },
  get samples(): readonly Sample[] {
    const number: TensorType = { dtype: 'f64', shape: [] }
    const body = define('step', [number, number, number], ([a, c, x]) => {
      const next = mul(c, mul(a, x))
      return [next, mul(next, next)]
    })
    return [3, 0].map((length) => ({
      args: [[], [], [length]].map((shape) => ({ kind: 'float', shape })),
      attrs: { body, consts: 1, carry: 1, length, reverse: length > 0 },
    }))
  },
}

/** What the body gives at one step: the carry for the next, and the rows to collect. */
export interface Step {
  readonly carry: readonly Term[]
  readonly ys?: readonly Term[]
}

/**
 * Carries values over the rows of `xs`: `body(carry, rows)` gives the next carry and rows of
 * `ys`. `length` is needed where there are no xs. Errors: a carry that changes type, xs of
 * different lengths. Source: Haskell's mapAccumL; JAX's `lax.scan`.
 */
export function scan(
  body: (carry: readonly Term[], rows: readonly Term[]) => Step,
  init: readonly Term[],
  xs: readonly Term[],
  options: { readonly length?: Dim; readonly reverse?: boolean } = {},
): { readonly carry: readonly Term[]; readonly ys: readonly Term[] } {
  const rows = xs.map((x, i) => rowType(x, i))
  const traced = trace('scan', [...named('c', init), ...named('x', rows)], (params) => {
    const [carry, x] = sections(params, [init.length])
    const step = body(carry, x)
    checkCarryCount('scan', init.length, step.carry.length)
    return [...step.carry, ...(step.ys ?? [])]
  })
  const { funcs, captures } = closeTogether('scan', [traced])
  // A carry that stays as it is would be stored at each step by reverse mode.
  const kept = init.map((_, i) => traced.results[i] !== traced.params[i])
  const fixed = chosen(kept.map(not), init)
  const moving = chosen(kept, init)
  const outs = scanFunc(
    fixCarries(funcs[0], captures.length, kept),
    [...captures, ...fixed, ...moving, ...xs],
    { ...options, consts: captures.length + fixed.length, carry: moving.length },
  )
  const [finals, ys] = sections(outs, [moving.length])
  return { carry: align(kept, finals).map((x, i) => x ?? init[i]), ys }
}

/**
 * The scan of a ready body `(consts…, carry…, rows…) → (carry…, ys…)` on `(consts…, init…, xs…)`.
 * Gives `(final carry…, ys…)`.
 */
export function scanFunc(
  body: Func,
  args: readonly Term[],
  options: {
    readonly carry: number
    readonly consts?: number
    readonly length?: Dim
    readonly reverse?: boolean
  },
): readonly Term[] {
  const { carry, consts = 0, reverse = false } = options
  const length =
    options.length ??
    args[consts + carry]?.shape[0] ??
    fail({
      code: 'attribute',
      where: 'scan',
      what: 'the length is unknown: there are no xs',
      fix: 'Give it: { length: n }',
    })
  return apply(scanOp, args, { body, consts, carry, length, reverse })
}

function rowType(x: Term, i: number): TensorType {
  if (x.shape.length > 0) return { dtype: x.dtype, shape: x.shape.slice(1) }
  const what = `xs ${i} is ${showType(x)}, which has no rows`
  return fail({ code: 'shape', where: 'scan', what, expected: 'an array with a leading axis' })
}

/** Hot: one body evaluation a step, rows being views. */
function evaluateScan({ args, attrs, types, sizes, interpret }: EvaluateCall): readonly NDArray[] {
  const { body, consts, carry, length, reverse } = scanAttrs(attrs)
  const [fixed, init, xs] = sections(args, [consts, carry])
  const ys = types.slice(carry).map((t) => emptyArray(t.dtype, t.shape))
  let state: readonly NDArray[] = init
  const count = Number(length)
  for (let step = 0; step < count; step++) {
    const at = reverse ? count - 1 - step : step
    const outs = interpret.evaluate(body, [...fixed, ...state, ...xs.map((x) => row(x, at))], sizes)
    state = outs.slice(0, carry)
    ys.forEach((y, i) => {
      y.data.set(outs[carry + i].data, at * outs[carry + i].data.length)
    })
  }
  return [...state, ...ys]
}

function row(x: NDArray, at: number): NDArray {
  const shape = x.shape.slice(1)
  const size = sizeOf(shape)
  return { dtype: x.dtype, shape, data: x.data.subarray(at * size, (at + 1) * size) }
}
