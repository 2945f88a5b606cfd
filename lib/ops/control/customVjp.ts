/**
 * CustomVjp: a function with a reverse rule of the author's.
 *
 *   forward(x) → (y, residuals)    backward(residuals, cty) → ctx
 *
 * Differentiation replaces the function by `forward` and a node `customTangent`, which stands for
 * the unknown linear map dx → dy; its transpose is `backward`, as ordinary terms. So derivatives
 * of any order pass through the rule's own body, as long as the outermost one goes in reverse.
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
  type JvpReplacement,
  type MaybeTerm,
  type Op,
  showType,
  type TensorType,
  type Term,
} from '../../term/index.js'
import { needInteger } from '../attributes.js'
import { zeros } from '../operand.js'
import { closeTogether, mapResults, named, needFunc, trace, widen } from './body.js'
import { checkCaptures } from './customJvp.js'
import { customTangentOp, sumLanes } from './customTangent.js'
import { align, chosen, present, sections } from './lists.js'
import { checkParameters, checkResults } from './parameters.js'
import { transposeThrough } from './parts.js'

interface CustomVjpAttrs {
  /** (consts…, args…) → results… */
  readonly primal: Func
  /** (consts…, args…) → results…, residuals… */
  readonly forward: Func
  /** (consts…, residuals…, cotangents of float results…) → cotangents of the args that get one */
  readonly backward: Func
  readonly consts: number
  /** Which arguments (behind the consts) get a cotangent. */
  readonly reached: readonly boolean[]
}

export const customVjpOp: Op = {
  name: 'customVjp',
  doc: 'A function with a given rule for cotangents; it has no forward mode.',
  grade: 'smooth',
  type: (args, attrs) => {
    const { primal } = readAttrs(attrs)
    checkParameters('customVjp', 'function', primal, args)
    return primal.results.map(({ dtype, shape }) => ({ dtype, shape }))
  },
  evaluate: ({ args, attrs, sizes, interpret }) =>
    interpret.evaluate(readAttrs(attrs).primal, args, sizes),
  jvp: jvpCustom,
  transpose: (call) => transposeThrough(readAttrs(call.attrs).primal, call),
  batch: batchCustom,
  cost: ({ attrs, interpret }) => interpret.cost(readAttrs(attrs).primal),
  // Laws of ops run forward mode on samples, which this op refuses; its own test has the laws.
  samples: [],
}

/** What `forward` gives: the function's results, and what `backward` needs of it. */
export interface Forward {
  readonly results: readonly Term[]
  readonly residuals: readonly Term[]
}

/**
 * The value of `f` on the arguments. Reverse mode runs `forward` instead, and gets the arguments'
 * cotangents from `backward(residuals, cotangents)`: one an argument, of its type, null where it
 * is zero. Errors: rules whose types do not fit; forward mode. Source: JAX's `custom_vjp`.
 */
export function customVjp(
  f: (args: readonly Term[]) => readonly Term[],
  forward: (args: readonly Term[]) => Forward,
  backward: (residuals: readonly Term[], cotangents: readonly Term[]) => readonly MaybeTerm[],
  args: readonly Term[],
): readonly Term[] {
  const primal = trace('customVjp', named('x', args), f)
  const { results } = primal
  let count = 0
  const first = trace('forward', named('x', args), (params) => {
    const made = forward(params)
    checkResults('customVjp', 'forward rule', made.results, results, 'as the function does')
    count = made.residuals.length
    return [...made.results, ...made.residuals]
  })
  const residuals = first.results.slice(results.length)
  const floats = results.map((r) => isFloat(r.dtype))
  let reached: readonly boolean[] = []
  const types = [...named('r', residuals), ...named('ct', chosen(floats, results))]
  const second = trace('backward', types, (params) => {
    const [stored, given] = sections(params, [count])
    const cotangents = align(floats, given).map((ct, i) => ct ?? zeros(results[i]))
    const answers = checkCotangents(backward(stored, cotangents), args)
    reached = answers.map((ct) => ct !== null)
    return present(answers)
  })
  const { funcs, captures } = closeTogether('customVjp', [primal, first, second])
  return apply(customVjpOp, [...captures, ...args], {
    primal: funcs[0],
    forward: funcs[1],
    backward: funcs[2],
    consts: captures.length,
    reached,
  })
}

/** The cotangents of float arguments, or an error that names the one that does not fit. */
function checkCotangents(
  cotangents: readonly MaybeTerm[],
  args: readonly TensorType[],
): readonly MaybeTerm[] {
  if (cotangents.length !== args.length) {
    const what = `the backward rule gives ${cotangents.length} cotangents for ${args.length} arguments`
    fail({ code: 'derivative', where: 'customVjp', what, fix: 'Give null where one is zero' })
  }
  return cotangents.map((ct, i) => {
    if (ct === null || !isFloat(args[i].dtype)) return null
    if (showType(ct) === showType(args[i])) return ct
    const what = `the backward rule gives ${showType(ct)} as the cotangent of argument ${i}`
    return fail({ code: 'derivative', where: 'customVjp', what, expected: showType(args[i]) })
  })
}

const readAttrs = (attrs: Attrs): CustomVjpAttrs => ({
  primal: needFunc('customVjp', attrs, 'primal'),
  forward: needFunc('customVjp', attrs, 'forward'),
  backward: needFunc('customVjp', attrs, 'backward'),
  consts: needInteger('customVjp', attrs, 'consts'),
  reached: attrs.reached as readonly boolean[], // checked where customVjp builds it
})

function jvpCustom({ node, attrs, primals, tangents }: JvpCall): JvpReplacement {
  const { primal, forward, backward, consts, reached } = readAttrs(attrs)
  checkCaptures('customVjp', primal, tangents.slice(0, consts))
  const [outs, residuals] = sections(inline(forward, primals), [node.outs.length])
  const moves = tangents.slice(consts)
  const moving = moves.map((t, i) => (reached[i] ? t : null))
  const asked = chosen(
    reached,
    moving.map((t) => t !== null),
  )
  if (!asked.includes(true)) return { outs, tangents: outs.map(() => null) }
  const stored = [...primals.slice(0, consts), ...residuals]
  const answers = apply(customTangentOp, [...stored, ...present(moving)], {
    backward: mapResults(backward, (old) => chosen(asked, old)),
    stored: stored.length,
  })
  const floats = outs.map((r) => isFloat(r.dtype))
  return { outs, tangents: align(floats, answers) }
}

function batchCustom({ node, attrs, args, batched, size, interpret }: BatchCall): Batched {
  const a = readAttrs(attrs)
  const primal = interpret.batch(a.primal, batched, size)
  const forward = interpret.batch(a.forward, batched, size)
  const count = node.outs.length
  // Each result has a batch, so that each lane has cotangents of its own.
  const mask = node.outs.map(() => true)
  const stored = [...batched.slice(0, a.consts), ...forward.batched.slice(count)]
  const floats = node.outs.map((r) => isFloat(r.dtype))
  const backward = interpret.batch(a.backward, [...stored, ...chosen(floats, mask)], size)
  const outs = apply(node.op, args, {
    ...a,
    primal: widen(primal, mask, size),
    forward: widen(forward, [...mask, ...forward.batched.slice(count)], size),
    backward: sumLanes(backward, chosen(a.reached, batched.slice(a.consts)), size),
  })
  return { outs, batched: mask }
}
