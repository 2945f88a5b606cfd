/**
 * CustomJvp: a function with a derivative of the author's.
 *
 *   customJvp(f, rule)(x)    value f(x); tangent rule(x, dx, f(x)), whatever f would give
 *
 * The rule must be linear in dx: that makes reverse mode follow from it. Its own body is what
 * second derivatives differentiate. Tensors that f captures may not be differentiated through it.
 */
import { fail, isFloat } from '../../data/index.js'
import {
  type Attrs,
  apply,
  type BatchCall,
  type Batched,
  type Func,
  inline,
  type JvpCall,
  type MaybeTerm,
  type Op,
  type Sample,
  showType,
  type TensorType,
  type Term,
} from '../../term/index.js'
import { mul } from '../arithmetic.js'
import { needInteger } from '../attributes.js'
import { zeros } from '../operand.js'
import {
  closeTogether,
  define,
  instantiate,
  named,
  needFunc,
  trace,
  usedParams,
  widen,
} from './body.js'
import { align, chosen, present, saturate, sections } from './lists.js'
import { checkParameters } from './parameters.js'
import { transposeThrough } from './parts.js'

interface CustomJvpAttrs {
  /** (consts…, args…) → results… */
  readonly primal: Func
  /** (consts…, args…, results…, tangents of float args…) → tangents of the results that move */
  readonly rule: Func
  readonly consts: number
  /** Which results have a tangent. */
  readonly moves: readonly boolean[]
}

export const customJvpOp: Op = {
  name: 'customJvp',
  doc: 'A function with a given rule for tangents.',
  grade: 'smooth',
  type: (args, attrs) => {
    const { primal } = readAttrs(attrs)
    checkParameters('customJvp', 'function', primal, args)
    return primal.results.map(({ dtype, shape }) => ({ dtype, shape }))
  },
  evaluate: ({ args, attrs, sizes, interpret }) =>
    interpret.evaluate(readAttrs(attrs).primal, args, sizes),
  jvp: jvpCustom,
  transpose: (call) => transposeThrough(readAttrs(call.attrs).primal, call),
  batch: batchCustom,
  cost: ({ attrs, interpret }) => interpret.cost(readAttrs(attrs).primal),
  get samples(): readonly Sample[] {
    const x: TensorType = { dtype: 'f64', shape: [3] }
    const primal = define('cube', [x], ([v]) => [mul(v, mul(v, v))])
    const rule = define('rule', [x, x, x], ([v, , dv]) => [mul(dv, mul(3, mul(v, v)))])
    const attrs = { primal, rule, consts: 0, moves: [true] }
    return [{ args: [{ kind: 'float', shape: [3] }], attrs }]
  },
}

/**
 * The value of `f` on the arguments, with the derivative that `rule(args, tangents, results)`
 * gives: one tangent a result, of its type; null where it is zero. Integer arguments have zero
 * tangents, and what the rule gives for integer results is not used. Source: JAX's `custom_jvp`.
 */
export function customJvp(
  f: (args: readonly Term[]) => readonly Term[],
  rule: (
    args: readonly Term[],
    tangents: readonly Term[],
    results: readonly Term[],
  ) => readonly MaybeTerm[],
  args: readonly Term[],
): readonly Term[] {
  const primal = trace('customJvp', named('x', args), f)
  const { results } = primal
  const tangentTypes = args.filter((a) => isFloat(a.dtype))
  let moves: readonly boolean[] = []
  const types = [...named('x', args), ...named('y', results), ...named('dx', tangentTypes)]
  const traced = trace('rule', types, (params) => {
    const [own, values, given] = sections(params, [args.length, results.length])
    const tangents = align(
      args.map((a) => isFloat(a.dtype)),
      given,
    ).map((t, i) => t ?? zeros(args[i]))
    const answers = checkTangents(rule(own, tangents, values), results)
    moves = answers.map((t) => t !== null)
    return present(answers)
  })
  const { funcs, captures } = closeTogether('customJvp', [primal, traced])
  return apply(customJvpOp, [...captures, ...args], {
    primal: funcs[0],
    rule: funcs[1],
    consts: captures.length,
    moves,
  })
}

/**
 * The value of `hard` with the derivative of `soft`, which has its type: a rounding that lets the
 * gradient through. Source: Bengio et al. 2013.
 */
export const straightThrough = (hard: Term, soft: Term): Term =>
  customJvp(
    ([value]) => [value],
    (_, [, dsoft]) => [dsoft],
    [hard, soft],
  )[0]

/** The tangents of float results, or an error that names the one that does not fit. */
function checkTangents(
  tangents: readonly MaybeTerm[],
  results: readonly TensorType[],
): readonly MaybeTerm[] {
  if (tangents.length !== results.length) {
    const what = `the rule gives ${tangents.length} tangents for ${results.length} results`
    fail({ code: 'derivative', where: 'customJvp', what, fix: 'Give null where one is zero' })
  }
  return tangents.map((t, i) => {
    if (t === null || !isFloat(results[i].dtype)) return null
    if (showType(t) === showType(results[i])) return t
    const what = `the rule gives ${showType(t)} as the tangent of result ${i}`
    return fail({ code: 'derivative', where: 'customJvp', what, expected: showType(results[i]) })
  })
}

const readAttrs = (attrs: Attrs): CustomJvpAttrs => ({
  primal: needFunc('customJvp', attrs, 'primal'),
  rule: needFunc('customJvp', attrs, 'rule'),
  consts: needInteger('customJvp', attrs, 'consts'),
  moves: attrs.moves as readonly boolean[], // checked where customJvp builds it
})

function jvpCustom({ node, attrs, primals, tangents, outs }: JvpCall): readonly MaybeTerm[] {
  const { primal, rule, consts, moves } = readAttrs(attrs)
  checkCaptures(node.op.name, primal, tangents.slice(0, consts))
  const args = primals.slice(consts)
  const floats = args.map((a) => isFloat(a.dtype))
  const moving = instantiate(floats, tangents.slice(consts), args)
  return align(moves, inline(rule, [...primals, ...outs, ...moving]))
}

/** Fails where a derivative would have to pass through what a custom rule knows nothing of. */
export function checkCaptures(op: string, primal: Func, tangents: readonly MaybeTerm[]): void {
  const used = usedParams(primal)
  if (!tangents.some((t, i) => t !== null && used[i])) return
  fail({
    code: 'derivative',
    where: op,
    what: 'the function uses an outer tensor that is being differentiated, and its rule says nothing about that one',
    expected: 'a function of its arguments and of constants',
    fix: 'Pass the tensor as an argument, or hold it constant: stopGradient(x)',
  })
}

function batchCustom({ node, attrs, args, batched, size, interpret }: BatchCall): Batched {
  const { primal, rule, consts, moves } = readAttrs(attrs)
  const floats = args.map((a, i) => i >= consts && isFloat(a.dtype))
  const tangents = chosen(floats, batched)
  const made = interpret.batch(primal, batched, size)
  const { mask, made: batchedRule } = saturate(
    made.batched,
    (results) => interpret.batch(rule, [...batched, ...results, ...tangents], size),
    (inner) => align(moves, inner.batched).map((b) => b ?? false),
  )
  const outs = apply(node.op, args, {
    primal: widen(made, mask, size),
    rule: widen(batchedRule, chosen(moves, mask), size),
    consts,
    moves,
  })
  return { outs, batched: mask }
}
