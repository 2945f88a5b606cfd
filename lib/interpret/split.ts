/**
 * Split (partial evaluation, "unzip"): what can be computed before the unknown inputs arrive.
 *
 *   f : (known, unknown) → y    →    g : known → (known y, residuals),  h : (residuals, unknown) → y
 *
 * Applied to a jvp, with values known and tangents unknown, h is the linear part. Nodes with
 * bodies split inside (`op.split`); others are known or unknown as a whole. Broadcasts and
 * reshapes are redone from a smaller residual rather than stored.
 */
import {
  apply,
  closeStrict,
  type Func,
  fold,
  type Interpreters,
  type MaybeTerm,
  type Node,
  parameter,
  rebuild,
  type SplitFunc,
  type Term,
} from '../term/index.js'

/** A term over the known parameters, or one over residuals and unknown parameters. */
interface Part {
  readonly known: boolean
  readonly term: Term
}

export function split(func: Func, known: readonly boolean[], interpret: Interpreters): SplitFunc {
  const binder = { name: `${func.name}~` }
  const residuals = new Map<Term, Term>()
  const residual = (term: Term): Term => {
    if (term.node.binders.length === 0 && term.node.args.length === 0) return term
    if (isRedone(term.node)) {
      return apply(term.node.op, term.node.args.map(residual), term.node.attrs)[term.index]
    }
    let param = residuals.get(term)
    if (param === undefined) {
      param = parameter(binder, `r${residuals.size}`, term)
      residuals.set(term, param)
    }
    return param
  }
  const parts = func.params.map((term, i): Part => {
    const name = String(term.node.attrs.name)
    return known[i] ? { known: true, term } : { known: false, term: parameter(binder, name, term) }
  })
  const results = fold<Part>(func, parts, (node, args) => step(node, args, residual, interpret))
  const unknown = closeStrict(
    `${func.name}~`,
    [...residuals.values(), ...parts.flatMap((p) => (p.known ? [] : p.term))],
    results.flatMap((r) => (r.known ? [] : r.term)),
  )
  return {
    known: closeStrict(
      func.name,
      func.params.filter((_, i) => known[i]),
      [...results.flatMap((r) => (r.known ? r.term : [])), ...residuals.keys()],
    ),
    unknown,
    results: results.map((r) => r.known),
    residuals: [...residuals.keys()],
  }
}

/** Cheaper to do again than to store the result of. */
const isRedone = (node: Node): boolean =>
  node.op.name === 'broadcastTo' || node.op.name === 'reshape'

function step(
  node: Node,
  args: readonly Part[],
  residual: (term: Term) => Term,
  interpret: Interpreters,
): readonly Part[] {
  const terms = args.map((a) => a.term)
  if (args.every((a) => a.known)) {
    return rebuild(node, terms).map((term) => ({ known: true, term }))
  }
  if (node.op.split === undefined) {
    const all = args.map((a) => (a.known ? residual(a.term) : a.term))
    return rebuild(node, all).map((term) => ({ known: false, term }))
  }
  const known = args.map((a) => a.known)
  const parts = node.op.split({ node, attrs: node.attrs, args: terms, known, interpret })
  const unknown = args.map((a): MaybeTerm => (a.known ? null : a.term))
  const rest = parts.rest(parts.residuals.map(residual), unknown)
  return parts.outs.map((out, i) => {
    const term = out ?? rest[i]
    if (term === null)
      throw new Error(`broken invariant: split of ${node.op.name} lost result ${i}`)
    term.node.source ??= node.source
    return { known: out !== null, term }
  })
}
