/**
 * Checkpoint: a function whose derivative stores its arguments and computes the rest again.
 *
 *   checkpoint(f)(x)    value f(x); reverse mode keeps x, and runs f again on the way back
 *
 * The second run lies inside a node of its own, (x, ct) → ctx, so sharing equal terms never
 * merges it with the first; a compiler must not inline it into its surroundings. Memory: the
 * arguments that the derivative uses. Time: one more evaluation of f.
 */
import {
  type Attrs,
  apply,
  type Func,
  type Op,
  type Sample,
  type SplitCall,
  type SplitResult,
  type TensorType,
  type Term,
} from '../../term/index.js'
import { mul } from '../arithmetic.js'
import { exp } from '../exponential.js'
import {
  closeTogether,
  define,
  mapResults,
  named,
  needFunc,
  restrict,
  trace,
  usedParams,
} from './body.js'
import { align, chosen, countTrue, isGiven, not, present, sections } from './lists.js'
import { checkParameters } from './parameters.js'

export const checkpointOp: Op = {
  name: 'checkpoint',
  doc: 'A function whose intermediate values are computed again for its derivative.',
  grade: 'smooth',
  type: (args, attrs) => {
    const body = bodyOf(attrs)
    checkParameters('checkpoint', 'body', body, args)
    return body.results.map(({ dtype, shape }) => ({ dtype, shape }))
  },
  evaluate: ({ args, attrs, sizes, interpret }) => interpret.evaluate(bodyOf(attrs), args, sizes),
  jvp: ({ node, attrs, primals, tangents, interpret }) => {
    const inner = interpret.jvp(bodyOf(attrs), tangents.map(isGiven))
    const outs = apply(node.op, [...primals, ...present(tangents)], { body: inner.func })
    const [values, moves] = sections(outs, [inner.active.length])
    return { outs: values, tangents: align(inner.active, moves) }
  },
  split: splitCheckpoint,
  transpose: ({ node, attrs, args, linear, cotangents, interpret }) => {
    const body = bodyOf(attrs)
    const back = interpret.transpose(body, linear, cotangents.map(isGiven))
    const given = [...chosen(linear.map(not), args), ...present(cotangents)]
    return align(linear, align(back.nonzero, apply(node.op, given, { body: back.func })))
  },
  batch: ({ node, attrs, args, batched, size, interpret }) => {
    const inner = interpret.batch(bodyOf(attrs), batched, size)
    return { outs: apply(node.op, args, { body: inner.func }), batched: inner.batched }
  },
  cost: ({ attrs, interpret }) => interpret.cost(bodyOf(attrs)),
  get samples(): readonly Sample[] {
    const x: TensorType = { dtype: 'f64', shape: [3] }
    const body = define('body', [x, x], ([a, b]) => [mul(exp(a), b)])
    const arg = { kind: 'float', shape: [3] } as const
    return [{ args: [arg, arg], attrs: { body } }]
  },
}

const bodyOf = (attrs: Attrs): Func => needFunc('checkpoint', attrs, 'body')

/** The value of a function on the arguments; its derivative recomputes what lies between. */
export function checkpoint(
  body: (args: readonly Term[]) => readonly Term[],
  args: readonly Term[],
): readonly Term[] {
  const { funcs, captures } = closeTogether('checkpoint', [
    trace('checkpoint', named('x', args), body),
  ])
  return checkpointFunc(funcs[0], [...captures, ...args])
}

/** The checkpoint of a ready body. */
export const checkpointFunc = (body: Func, args: readonly Term[]): readonly Term[] =>
  apply(checkpointOp, args, { body })

/** What is known is computed now and forgotten; the rest is a checkpoint of all arguments. */
function splitCheckpoint({ node, attrs, args, known, interpret }: SplitCall): SplitResult {
  const body = bodyOf(attrs)
  const parts = interpret.split(body, known)
  const first = mapResults(parts.known, (old) => old.slice(0, countTrue(parts.results)))
  const outs = apply(node.op, chosen(known, args), { body: first })
  const second = restrict(
    body,
    () => true,
    (_, i) => !parts.results[i],
  )
  const used = usedParams(second)
  const kept = restrict(
    second,
    (_, i) => used[i],
    () => true,
  )
  const stored = known.map((k, i) => k && used[i])
  return {
    outs: align(parts.results, outs),
    residuals: chosen(stored, args),
    rest: (residuals, unknown) => {
      const own = align(stored, residuals)
      const all = unknown.map((u, i) => own[i] ?? u)
      const given = present(all.map((x, i) => (used[i] ? x : null)))
      return align(parts.results.map(not), apply(node.op, given, { body: kept }))
    },
  }
}
