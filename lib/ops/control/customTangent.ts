/**
 * CustomTangent: the linear map whose transpose is known and which itself is not.
 *
 *   (stored…, dx…) → dy…      transpose: backward(stored…, cty…) → ctx…
 *
 * It appears where a customVjp is differentiated, and must be transposed away before a program
 * runs; `needForward` finds the ones that were not.
 */
import { type Dim, fail } from '../../data/index.js'
import {
  type Attrs,
  apply,
  type BatchCall,
  type BatchedFunc,
  bodiesOf,
  type Func,
  inline,
  type JvpCall,
  type MaybeTerm,
  type Op,
  type Term,
  type TransposeCall,
} from '../../term/index.js'
import { needInteger } from '../attributes.js'
import { broadcastTo, sumAxes } from '../broadcast.js'
import { instantiate, mapResults, needFunc } from './body.js'
import { align, chosen, isGiven, present } from './lists.js'
import { checkParameters } from './parameters.js'

export const customTangentOp: Op = {
  name: 'customTangent',
  doc: 'The unknown linear map of which a customVjp’s backward rule is the transpose.',
  grade: 'smooth',
  type: (args, attrs) => {
    const { backward, stored } = readAttrs(attrs)
    const cotangents = backward.params.slice(stored)
    checkParameters('customVjp', 'backward rule', backward, [
      ...args.slice(0, stored),
      ...cotangents,
    ])
    return cotangents.map(({ dtype, shape }) => ({ dtype, shape }))
  },
  evaluate: () => refuse(undefined),
  jvp: jvpTangent,
  transpose: transposeTangent,
  batch: batchTangent,
  cost: ({ attrs, interpret }) => interpret.cost(readAttrs(attrs).backward),
  samples: [],
}

/** Fails, in words, where a function holds a forward derivative through a customVjp. */
export function needForward(func: Func): void {
  for (const node of func.nodes) {
    if (node.op === customTangentOp) refuse(node.source?.line())
    for (const body of bodiesOf(node.attrs)) needForward(body)
  }
}

function refuse(where: string | undefined): never {
  return fail({
    code: 'derivative',
    where: where ?? 'customVjp',
    what: 'forward mode reaches a function with a customVjp rule, which gives cotangents alone',
    expected: 'reverse mode: vjp, grad, jacrev; or jvp of those (forward over reverse)',
    fix: 'Give the function a customJvp rule instead: reverse mode follows from it',
  })
}

const readAttrs = (attrs: Attrs) => ({
  backward: needFunc('customVjp', attrs, 'backward'),
  stored: needInteger('customVjp', attrs, 'stored'),
})

/** Linear in the tangents; how it depends on what is stored is unknown. */
function jvpTangent({ node, attrs, primals, tangents }: JvpCall): readonly MaybeTerm[] {
  const { backward, stored } = readAttrs(attrs)
  if (tangents.slice(0, stored).some(isGiven)) return refuse(node.source?.line())
  const moving = tangents.slice(stored)
  return apply(node.op, [...primals.slice(0, stored), ...present(moving)], {
    backward: mapResults(backward, (old) => chosen(moving.map(isGiven), old)),
    stored,
  })
}

function transposeTangent(call: TransposeCall): readonly MaybeTerm[] {
  const { node, attrs, args, linear, cotangents } = call
  const { backward, stored } = readAttrs(attrs)
  if (linear.slice(0, stored).includes(true)) return refuse(node.source?.line())
  const given = instantiate(
    cotangents.map(() => true),
    cotangents,
    node.outs,
  )
  const answers: readonly Term[] = inline(backward, [...args.slice(0, stored), ...given])
  return align(
    args.map((_, i) => i >= stored),
    answers,
  ).map((ct, i) => (linear[i] ? ct : null))
}

function batchTangent({ node, attrs, args, batched, size, interpret }: BatchCall): readonly Term[] {
  const { backward, stored } = readAttrs(attrs)
  const inner = interpret.batch(
    backward,
    backward.params.map((_, i) => i >= stored || batched[i]),
    size,
  )
  return apply(node.op, args, { backward: sumLanes(inner, batched.slice(stored), size), stored })
}

/** Batched cotangents, where those of what all lanes share add up over the lanes. */
export const sumLanes = (
  { func, batched }: BatchedFunc,
  lanes: readonly boolean[],
  size: Dim,
): Func =>
  mapResults(func, (old) =>
    old.map((ct, i) => {
      const each = batched[i] ? ct : broadcastTo(ct, [size, ...ct.shape])
      return lanes[i] ? each : sumAxes(each, [0])
    }),
  )
