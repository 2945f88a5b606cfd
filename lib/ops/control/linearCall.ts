/**
 * LinearCall: a linear function with a transpose of the author's.
 *
 *   forward(residuals, x) → y, linear in x      backward(residuals, cty) → ctx, its adjoint
 *
 * Transposing swaps the two, so transposing twice gives the function back.
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
  type TensorType,
  type Term,
  type TransposeCall,
} from '../../term/index.js'
import { add, mul } from '../arithmetic.js'
import { needInteger } from '../attributes.js'
import { closeTogether, define, instantiate, named, needFunc, trace, widen } from './body.js'
import { sumLanes } from './customTangent.js'
import { align, isGiven, sections } from './lists.js'
import { checkParameters, checkResults } from './parameters.js'

export const linearCallOp: Op = {
  name: 'linearCall',
  doc: 'A function, linear in its last arguments, with a given transpose.',
  grade: 'smooth',
  type: (args, attrs) => {
    const { forward, backward, stored } = readAttrs(attrs)
    const [fixed, moving] = sections(args, [stored])
    checkParameters('linearCall', 'function', forward, args)
    checkParameters('linearCall', 'transpose', backward, [...fixed, ...forward.results])
    checkResults('linearCall', 'transpose', backward.results, moving, 'as the arguments')
    return forward.results.map(({ dtype, shape }) => ({ dtype, shape }))
  },
  evaluate: ({ args, attrs, sizes, interpret }) =>
    interpret.evaluate(readAttrs(attrs).forward, args, sizes),
  jvp: jvpLinear,
  transpose: transposeLinear,
  batch: batchLinear,
  cost: ({ attrs, interpret }) => interpret.cost(readAttrs(attrs).forward),
  get samples(): readonly Sample[] {
    const x: TensorType = { dtype: 'f64', shape: [3] }
    const forward = define('scaled', [x, x], ([w, v]) => [mul(w, v)])
    const arg = { kind: 'float', shape: [3] } as const
    return [{ args: [arg, arg], attrs: { forward, backward: forward, stored: 1 } }]
  },
}

/**
 * `forward(residuals, xs)`, which must be linear in `xs`; its transpose is
 * `backward(residuals, cotangents)`. All xs and results are floats. Errors: a transpose whose
 * results are not of the types of xs. Source: JAX's `linear_call`.
 */
export function linearCall(
  forward: (residuals: readonly Term[], xs: readonly Term[]) => readonly Term[],
  backward: (residuals: readonly Term[], cotangents: readonly Term[]) => readonly Term[],
  residuals: readonly Term[],
  xs: readonly Term[],
): readonly Term[] {
  const cut = [residuals.length]
  const first = trace('linearCall', [...named('r', residuals), ...named('x', xs)], (params) => {
    const [stored, moving] = sections(params, cut)
    return forward(stored, moving)
  })
  if ([...xs, ...first.results].some((x) => !isFloat(x.dtype))) {
    const what = 'an argument or result that it is linear in is not floating'
    fail({ code: 'dtype', where: 'linearCall', what, fix: "Convert it: convert(x, 'f32')" })
  }
  const types = [...named('r', residuals), ...named('ct', first.results)]
  const second = trace('transpose', types, (params) => {
    const [stored, cts] = sections(params, cut)
    return backward(stored, cts)
  })
  const { funcs, captures } = closeTogether('linearCall', [first, second])
  return apply(linearCallOp, [...captures, ...residuals, ...xs], {
    forward: funcs[0],
    backward: funcs[1],
    stored: captures.length + residuals.length,
  })
}

/** A linear function with the transpose given: linearCall without residuals. */
export const customTranspose = (
  f: (xs: readonly Term[]) => readonly Term[],
  transpose: (cotangents: readonly Term[]) => readonly Term[],
  xs: readonly Term[],
): readonly Term[] =>
  linearCall(
    (_, moving) => f(moving),
    (_, cts) => transpose(cts),
    [],
    xs,
  )

const readAttrs = (
  attrs: Attrs,
): { readonly forward: Func; readonly backward: Func; readonly stored: number } => ({
  forward: needFunc('linearCall', attrs, 'forward'),
  backward: needFunc('linearCall', attrs, 'backward'),
  stored: needInteger('linearCall', attrs, 'stored'),
})

/** Along the linear arguments the call itself; along the residuals the derivative of its body. */
function jvpLinear({ node, attrs, primals, tangents, interpret }: JvpCall): readonly MaybeTerm[] {
  const { forward, stored } = readAttrs(attrs)
  const [fixed, xs] = sections(primals, [stored])
  const [dfixed, dxs] = sections(tangents, [stored])
  const along: readonly MaybeTerm[] = dxs.some(isGiven)
    ? apply(
        node.op,
        [
          ...fixed,
          ...instantiate(
            xs.map(() => true),
            dxs,
            xs,
          ),
        ],
        attrs,
      )
    : node.outs.map(() => null)
  if (!dfixed.some(isGiven)) return along
  const inner = interpret.jvp(forward, [...dfixed.map(isGiven), ...xs.map(() => false)])
  const moves = inline(inner.func, [...primals, ...dfixed.flatMap((t) => t ?? [])])
  const across = align(inner.active, moves.slice(node.outs.length))
  return along.map((t, i) => {
    const other = across[i]
    return t !== null && other !== null ? add(t, other) : (t ?? other)
  })
}

function transposeLinear(call: TransposeCall): readonly MaybeTerm[] {
  const { node, attrs, args, linear, cotangents } = call
  const { forward, backward, stored } = readAttrs(attrs)
  if (linear.slice(0, stored).includes(true)) {
    fail({
      code: 'derivative',
      where: node.source?.line() ?? 'linearCall',
      what: 'it is transposed in a residual',
      expected: 'a function that is linear in the inputs transposed',
      fix: 'Pass it among the linear arguments',
    })
  }
  const cts = instantiate(
    cotangents.map(() => true),
    cotangents,
    node.outs,
  )
  const swapped = { forward: backward, backward: forward, stored }
  const answers = apply(node.op, [...args.slice(0, stored), ...cts], swapped)
  return args.map((_, i) => (linear[i] ? answers[i - stored] : null))
}

function batchLinear({ node, attrs, args, batched, size, interpret }: BatchCall): Batched {
  const { forward, backward, stored } = readAttrs(attrs)
  const [fixed, moving] = sections(batched, [stored])
  const inner = interpret.batch(forward, batched, size)
  // Each result has a batch, so that each lane has cotangents of its own.
  const mask = node.outs.map(() => true)
  const back = interpret.batch(backward, [...fixed, ...mask], size)
  const outs = apply(node.op, args, {
    forward: widen(inner, mask, size),
    backward: sumLanes(back, moving, size),
    stored,
  })
  return { outs, batched: mask }
}
