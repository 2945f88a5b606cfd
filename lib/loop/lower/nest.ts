/**
 * Nest: one cluster as one nest of loops.
 *
 *   {m = max x, e = exp (x − m), s = sum e, y = e / s} over [b, n]    →
 *     parallel i0 < b
 *       m = −∞; for i1 < n: m max= x[i0, i1]
 *       s = 0;  for i1 < n: s += exp(x[i0, i1] − m)
 *       for i1 < n: y[i0, i1] = exp(x[i0, i1] − m) / s
 *
 * Work is a list of tasks: stores and accumulations, each at a depth. Under the loops of one depth
 * tasks run in phases: a task comes one phase after the reductions of that depth that it needs.
 * Values of outer loops are bound where those loops are, so that inner loops find them in
 * registers.
 */
import type { Dim } from '../../data/index.js'
import type { Node, Term } from '../../term/index.js'
import { constant, type Expr, variable } from '../expression.js'
import {
  accumulate,
  accumulator,
  type Block,
  bind,
  identityOf,
  parallel,
  type Stmt,
  sequential,
} from '../statement.js'
import { aliasOf, canonicalIndex, element, isReduction, mapElement } from './access.js'
import type { Residence } from './assembly.js'
import type { Cluster } from './cluster.js'
import { emitLoop, isRegister, isRow } from './lanes.js'
import { type Member, ownerOf } from './member.js'
import { phasesOf, registersRead } from './phases.js'
import { reduceRules } from './reduce.js'
import { storageOf } from './scalar.js'
import type { Builder } from './standalone.js'

export interface NestContext {
  readonly inlined: (node: Node) => boolean
  readonly isOutput: (term: Term) => boolean
  /** Of a term that has memory (an alias's is its source's). */
  readonly residence: (term: Term) => Residence
}

interface Task {
  readonly depth: number
  /** The pass over the loops of each depth in which it runs. */
  readonly phases: readonly number[]
  /** The reduction that this task accumulates; undefined for a store or a loop. */
  readonly accumulates: Member | undefined
  readonly emit: (scope: Scope) => readonly Stmt[]
}

/** The loops around a statement, outermost first: where values of that depth are bound. */
type Scope = readonly Level[]
interface Level {
  /** Bindings to go before the statement that asked for them. */
  readonly pending: Stmt[]
  readonly bound: Map<string, Expr>
}

export function nestBody(
  cluster: Cluster,
  { inlined, isOutput, residence }: NestContext,
  builder: Builder,
): Block {
  const members = new Map(cluster.members.map((m) => [m.node, m]))
  const order = [...members.keys()]
  const placeOf = (term: Term) => residence(aliasOf(term, inlined) ?? term)
  const loops = new Map<Node, readonly Expr[]>()
  const register = (term: Term): Expr =>
    loops.get(term.node)?.[term.index] ??
    variable(`a${order.indexOf(term.node)}`, storageOf(term.dtype))

  /** A member's value at the loops that are open in `scope`. */
  const value = (term: Term, member: Member, scope: Scope): Expr => {
    if (isRegister(member.node)) return register(term)
    const level = scope[member.depth]
    const id = `v${order.indexOf(member.node)}`
    const known = level.bound.get(id)
    if (known !== undefined) return known
    const outer = scope.slice(0, member.depth + 1)
    const at = canonicalIndex(member.node.outs[0].shape)
    const e = mapElement(member.node, at, (arg, index) => read(member.node.args[arg], index, outer))
    const isInner = member.depth === scope.length - 1 && isUsedOnce(member.node)
    const answer = isInner ? e : variable(id, e.dtype)
    if (!isInner) level.pending.push(bind(id, e))
    level.bound.set(id, answer)
    return answer
  }
  const uses = countUses(cluster, inlined)
  const isUsedOnce = (node: Node): boolean => (uses.get(node) ?? 0) <= 1

  const read = (term: Term, at: readonly Expr[], scope: Scope): Expr =>
    element(term, at, inlined, (base, index) => {
      const member = members.get(ownerOf(base, inlined))
      const inside = aliasOf(base, inlined) === undefined && !isRow(base)
      if (member !== undefined && inside) return value(base, member, scope)
      return builder.input(placeOf(base), base).read(index)
    })

  const tasks = tasksOf(cluster, inlined, isOutput, {
    stored: (out, member, scope) => {
      const v = value(out, member, scope)
      return [builder.output(residence(out), out).write(canonicalIndex(out.shape), v)]
    },
    accumulated: (member, scope) => {
      const form = reduceRules[member.node.op.name](member.node)
      const e = form.value(
        (arg, at) => read(member.node.args[arg], at, scope),
        canonicalIndex(form.kept),
        canonicalIndex(form.combined, member.depth),
      )
      return [accumulate(nameOf(register(member.node.outs[0])), e)]
    },
    looped: (member, scope) => {
      const { node } = member
      // A level of its own, so that what the loop reads is bound before it.
      const inner: Level = { pending: [], bound: new Map() }
      const loop = emitLoop(node, {
        prefix: `l${order.indexOf(node)}`,
        read: (arg, at) => read(node.args[arg], at, [...scope, inner]),
        write: (result, at, v) => {
          const out = node.outs[result]
          return isOutput(out) ? builder.output(residence(out), out).write(at, v) : undefined
        },
      })
      loops.set(node, loop?.finals ?? [])
      return loop?.block ?? []
    },
  })
  const declare = (member: Member): Stmt => {
    const form = reduceRules[member.node.op.name](member.node)
    const total = register(member.node.outs[0])
    const initial = constant(total.dtype, identityOf(form.combine, total.dtype))
    return accumulator(nameOf(total), form.combine, initial)
  }
  return region(0, tasks, [], cluster.dims, declare)
}

const nameOf = (e: Expr): string => (e.tag === 'variable' ? e.name : '')

interface Emitters {
  readonly stored: (out: Term, member: Member, scope: Scope) => readonly Stmt[]
  readonly looped: (member: Member, scope: Scope) => readonly Stmt[]
  readonly accumulated: (member: Member, scope: Scope) => readonly Stmt[]
}

function tasksOf(
  cluster: Cluster,
  inlined: (node: Node) => boolean,
  isOutput: (term: Term) => boolean,
  emitters: Emitters,
): readonly Task[] {
  const tasks: Task[] = []
  const read = registersRead(cluster.members, (m) => m.reads.map((r) => ownerOf(r.base, inlined)))
  const phases = phasesOf(read)
  for (const member of cluster.members) {
    const before = phases.get(member) ?? []
    if (isReduction(member.node)) {
      tasks.push({
        depth: member.span.length,
        phases: before,
        accumulates: member,
        emit: (scope) => emitters.accumulated(member, scope),
      })
    }
    const isLoop = isRegister(member.node) && !isReduction(member.node)
    if (isLoop) {
      tasks.push({
        depth: member.depth,
        phases: before,
        accumulates: undefined,
        emit: (scope) => emitters.looped(member, scope),
      })
    }
    for (const out of member.node.outs) {
      if (!isOutput(out) || isRow(out)) continue
      tasks.push({
        depth: member.depth,
        phases: isRegister(member.node)
          ? before.with(member.depth, before[member.depth] + 1)
          : before,
        accumulates: undefined,
        emit: (scope) => emitters.stored(out, member, scope),
      })
    }
  }
  return tasks
}

/** The statements for `tasks` under `depth` open loops. */
function region(
  depth: number,
  tasks: readonly Task[],
  outer: Scope,
  dims: readonly Dim[],
  declare: (member: Member) => Stmt,
): Block {
  const level: Level = { pending: [], bound: new Map() }
  const scope = [...outer, level]
  const flush = (): readonly Stmt[] => level.pending.splice(0)
  const out: Stmt[] = []
  for (const phase of passes(depth, tasks)) {
    for (const task of phase) {
      if (task.accumulates?.depth === depth) out.push(declare(task.accumulates))
    }
    const here = phase.filter((task) => task.depth === depth)
    for (const task of here) {
      const emitted = task.emit(scope)
      out.push(...flush(), ...emitted)
    }
    const deeper = phase.filter((task) => task.depth > depth)
    if (deeper.length === 0) continue
    const carries = deeper.some((task) => (task.accumulates?.depth ?? depth + 1) <= depth)
    const loop = (carries ? sequential : parallel)(`i${depth}`, dims[depth], () =>
      region(depth + 1, deeper, scope, dims, declare),
    )
    out.push(...flush(), loop)
  }
  return out
}

/** Tasks by the pass in which they run at this depth, in order. */
function passes(depth: number, tasks: readonly Task[]): readonly (readonly Task[])[] {
  const phases: Task[][] = []
  for (const task of tasks) {
    const phase = task.phases[depth] ?? 0
    phases[phase] ??= []
    phases[phase].push(task)
  }
  return phases.filter((phase) => phase !== undefined)
}

function countUses(cluster: Cluster, inlined: (node: Node) => boolean): ReadonlyMap<Node, number> {
  const uses = new Map<Node, number>()
  for (const member of cluster.members) {
    for (const { base } of member.reads) {
      const owner = ownerOf(base, inlined)
      uses.set(owner, (uses.get(owner) ?? 0) + 1)
    }
  }
  return uses
}
