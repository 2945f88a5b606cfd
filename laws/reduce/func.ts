/**
 * Smaller functions: each candidate has one thing less than the function given.
 *
 *   %1 = mul %0 b     →     %0, or b, or ones, in its place
 *
 * What reads a replaced value is typed anew, so a candidate may not be: then it throws, and is none.
 */
import { full } from '../../lib/ops/index.js'
import {
  apply,
  bodyEntries,
  closeStrict,
  type Func,
  fold,
  inline,
  mapBodies,
  type Node,
  parameter,
  rebuild,
  type TensorType,
  type Term,
} from '../../lib/term/index.js'

/** A function that may turn out to be ill-typed when it is made. */
export type Candidate = () => Func

type Step = (node: Node, args: readonly Term[], at: number) => readonly Term[]

/** The function with its nodes replaced, at parameters of the given types. */
export function remade(
  func: Func,
  step: Step,
  types: readonly TensorType[] = func.params,
  keep: (result: Term, i: number) => boolean = () => true,
): Func {
  const binder = { name: func.name }
  const params = func.params.map((p, i) => parameter(binder, String(p.node.attrs.name), types[i]))
  let at = 0
  const results = fold<Term>(func, params, (node, args) => step(node, args, at++))
  return closeStrict(func.name, params, results.filter(keep))
}

/** Everything but one node as it is. */
const replacing =
  (k: number, replace: (node: Node, args: readonly Term[]) => readonly Term[]): Step =>
  (node, args, at) =>
    at === k ? replace(node, args) : rebuild(node, args)

/** Constants are what is left at last. */
const isPlain = (node: Node): boolean =>
  node.op.name === 'constant' || (node.op.name === 'broadcastTo' && isPlain(node.args[0].node))

/** How much there is of a function: candidates have less. */
export const weightOf = (func: Func): number =>
  func.results.length +
  func.nodes.reduce(
    (sum, node) =>
      sum +
      (isPlain(node) ? 0.25 : 1) +
      bodyEntries(node.attrs).reduce((inner, [, body]) => inner + 0.5 * weightOf(body), 0),
    0,
  )

/** Candidates with one result, or with a node less, outside and inside of bodies. */
export function* smaller(func: Func): Generator<Candidate> {
  if (func.results.length > 1) {
    for (const k of func.results.keys()) {
      yield () => remade(func, rebuild, func.params, (_, i) => i === k)
    }
  }
  yield* simpler(func)
}

/** Candidates with the same parameters and results. */
function* simpler(func: Func): Generator<Candidate> {
  for (let k = func.nodes.length - 1; k >= 0; k--) {
    const node = func.nodes[k]
    if (isPlain(node)) continue
    const by = (replace: (args: readonly Term[]) => readonly Term[]): Candidate => {
      return () =>
        remade(
          func,
          replacing(k, (_, args) => replace(args)),
        )
    }
    for (const i of node.args.keys()) yield by((args) => node.outs.map(() => args[i]))
    yield by(() => node.outs.map((out) => full(1, out)))
    if (node.op.name === 'checkpoint') yield by((args) => inline(bodiesIn(node)[0], args))
    if (node.op.name === 'switch') {
      for (const branch of bodiesIn(node)) yield by((args) => inline(branch, args.slice(1)))
    }
    for (const [b, body] of bodiesIn(node).entries()) {
      for (const less of simpler(body)) {
        yield by((args) => apply(node.op, args, withBody(node, b, sameTyped(less(), body))))
      }
    }
  }
}

const bodiesIn = (node: Node): readonly Func[] => bodyEntries(node.attrs).map(([, body]) => body)

function withBody(node: Node, at: number, body: Func): Node['attrs'] {
  let next = 0
  return mapBodies(node.attrs, (old) => (next++ === at ? body : old))
}

/** A body where the other stood; rules read its results by place, so their types stay. */
function sameTyped(body: Func, like: Func): Func {
  const alike = body.results.every(
    (r, i) =>
      r.dtype === like.results[i].dtype && String(r.shape) === String(like.results[i].shape),
  )
  return alike ? body : like
}

/** Whether a function reads a parameter. */
export function readsOf(func: Func): readonly boolean[] {
  const read = new Set([...func.nodes.flatMap((n) => n.args), ...func.results])
  return func.params.map((p) => read.has(p))
}
