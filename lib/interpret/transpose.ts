/**
 * Transpose: a linear function to its adjoint, cotangents flowing from results to inputs.
 *
 *   f : (x, dy) → dz, linear in dy    →    fᵀ : (x, ctz) → cty
 *
 * Arguments that the result is not linear in stay inputs. Cotangents of a term add up in the
 * order of its uses, last first; a cotangent that is zero is never built.
 */
import { fail } from '../data/index.js'
import { add } from '../ops/arithmetic.js'
import {
  closeStrict,
  type Func,
  fold,
  type Interpreters,
  inline,
  type MaybeTerm,
  type Node,
  parameter,
  type Term,
  type TransposedFunc,
} from '../term/index.js'

/**
 * The adjoint in the linear parameters. Nodes with bodies may mix linear results with others (a
 * loop that counts): those are split first, so that what is not linear is computed forward.
 */
export function transpose(
  func: Func,
  linear: readonly boolean[],
  cotangents: readonly boolean[],
  interpret: Interpreters,
): TransposedFunc {
  if (func.nodes.every((node) => node.op.split === undefined)) {
    return transposeLinear(func, linear, cotangents, interpret)
  }
  const parts = interpret.split(
    func,
    linear.map((l) => !l),
  )
  const depends = parts.results.map((known) => !known)
  const count = parts.residuals.length
  const back = transposeLinear(
    parts.unknown,
    parts.unknown.params.map((_, i) => i >= count),
    cotangents.filter((_, i) => depends[i]),
    interpret,
  )
  const binder = { name: back.func.name }
  const cts = func.results.map((r, i) => (cotangents[i] ? parameter(binder, `ct${i}`, r) : null))
  const residuals = parts.known.results.slice(parts.known.results.length - count)
  const flowing = cts.flatMap((ct, i) => (depends[i] && ct !== null ? [ct] : []))
  return {
    func: closeStrict(
      binder.name,
      [...parts.known.params, ...cts.flatMap((ct) => ct ?? [])],
      inline(back.func, [...residuals, ...flowing]),
    ),
    nonzero: back.nonzero,
  }
}

/** The adjoint of a function in which all that depends on the linear parameters is linear. */
export function transposeLinear(
  func: Func,
  linear: readonly boolean[],
  cotangents: readonly boolean[],
  interpret: Interpreters,
): TransposedFunc {
  const binder = { name: `${func.name}ᵀ` }
  const given = func.results.map((r, i) => (cotangents[i] ? parameter(binder, `ct${i}`, r) : null))
  const flow = new Map<Term, Term>()
  const isLinear = new Set<Term>(func.params.filter((_, i) => linear[i]))
  fold<boolean>(func, linear, (node, args) => {
    const depends = args.some((a) => a)
    if (depends) for (const out of node.outs) isLinear.add(out)
    return node.outs.map(() => depends)
  })
  const receive = (term: Term, ct: MaybeTerm) => {
    if (ct === null || !isLinear.has(term)) return
    const before = flow.get(term)
    flow.set(term, before === undefined ? ct : add(before, ct))
  }
  func.results.forEach((result, i) => {
    receive(result, given[i])
  })
  for (const node of [...func.nodes].reverse()) {
    const cts = node.outs.map((out): MaybeTerm => flow.get(out) ?? null)
    if (cts.every((ct) => ct === null)) continue
    const linearArgs = node.args.map((a) => isLinear.has(a))
    const answers = step(node, cts, linearArgs, interpret)
    if (needsUnknown(node, cts, linearArgs, answers)) refuseNonlinear(node)
    node.args.forEach((arg, i) => {
      const ct = answers[i]
      if (ct !== null) ct.node.source ??= node.source
      receive(arg, ct)
    })
  }
  const wanted = func.params.filter((_, i) => linear[i])
  const params = [...func.params.filter((_, i) => !linear[i]), ...given.flatMap((g) => g ?? [])]
  return {
    func: closeStrict(
      binder.name,
      params,
      wanted.flatMap((p) => flow.get(p) ?? []),
    ),
    nonzero: wanted.map((p) => flow.has(p)),
  }
}

function step(
  node: Node,
  cotangents: readonly MaybeTerm[],
  linear: readonly boolean[],
  interpret: Interpreters,
): readonly MaybeTerm[] {
  const rule = node.op.transpose
  if (rule === 'nonlinear') return refuseNonlinear(node)
  const cotangent = cotangents[0] as Term // not null where the op has one result: a caller's check
  return rule({
    node,
    attrs: node.attrs,
    cotangents,
    cotangent,
    args: node.args,
    linear,
    interpret,
  })
}

/**
 * Whether an answer is computed from what the node is linear in, of which the adjoint has no value:
 * both factors of a product, or a divisor.
 */
function needsUnknown(
  { args, outs }: Node,
  cotangents: readonly MaybeTerm[],
  linear: readonly boolean[],
  answers: readonly MaybeTerm[],
): boolean {
  const unknown = new Set<Term>([...args.filter((_, i) => linear[i]), ...outs])
  const seen = new Set<Term>([...args, ...cotangents.flatMap((ct) => ct ?? [])])
  const visit = (term: Term): boolean => {
    if (unknown.has(term)) return true
    if (seen.has(term)) return false
    seen.add(term)
    return term.node.args.some(visit)
  }
  return answers.some((answer) => answer !== null && visit(answer))
}

function refuseNonlinear({ op, source }: Node): never {
  return fail({
    code: 'derivative',
    where: source?.line() ?? `'${op.name}'`,
    what: `'${op.name}' is not linear in what it is given here, so it has no transpose`,
    expected: 'a function that is linear in the inputs transposed',
    fix: 'Differentiate a function that is not with vjp or grad; make the tangents of a custom rule linear in the tangents given',
  })
}
