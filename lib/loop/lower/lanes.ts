/**
 * Loops inside a kernel: a scan or while whose body is elementwise runs lane by lane.
 *
 *   scan over carries [n], rows [T, n]    →    parallel i < n: c = init[i]; for t < T: c = f(c, x[t, i])
 *
 * Every carry has one shape, and the body computes only values of that shape, or scalars, from
 * their own lane. A while of lanes that stop apart (a batched while) stops in each lane by itself.
 */
import { type Dim, dimSub } from '../../data/index.js'
import { scanAttrs, type WhileAttrs, whileAttrs } from '../../ops/index.js'
import { type Func, isParameter, type Node, type Term } from '../../term/index.js'
import { add, and, constant, type Expr, lt, size, sub, variable } from '../expression.js'
import { assign, bind, declare, type Stmt, sequential, whileTrue } from '../statement.js'
import {
  canonicalIndex,
  element,
  isCanonical,
  isFree,
  isMap,
  isReduction,
  mapElement,
} from './access.js'
import { lanesThatStop } from './stopping.js'

export interface LaneSurroundings {
  /** Begins every name. */
  readonly prefix: string
  readonly read: (arg: number, at: readonly Expr[]) => Expr
  /** The store of a row of a result, at the step and the lane; undefined where nobody reads it. */
  readonly write: (result: number, at: readonly Expr[], value: Expr) => Stmt | undefined
}

export interface LaneLoop {
  readonly block: readonly Stmt[]
  /** The final carries. */
  readonly finals: readonly Expr[]
}

interface LoopForm {
  readonly body: Func
  /** Which arguments each role of the body's parameters takes. */
  readonly consts: readonly number[]
  readonly init: readonly number[]
  readonly rows: readonly number[]
}

/** The axes of a lane loop; undefined where the node is none. */
export function laneShape(node: Node): readonly Dim[] | undefined {
  const form = formOf(node)
  if (form === undefined || form.body.results.length === 0) return undefined
  const shape = squeezed(typical(form))
  const read = (arg: number) => variable('_', storage(node.args[arg]))
  return emitLoop(node, { prefix: '_', read, write: () => undefined }) && shape
}

/** Whether a term is a row that a scan collects, rather than a carry. */
export const isRow = (term: Term): boolean =>
  term.node.op.name === 'scan' && term.index >= scanAttrs(term.node.attrs).carry

/** Whether a node's value is in a register of the loops around it: a reduction, a loop's carry. */
export const isRegister = (node: Node): boolean =>
  isReduction(node) || node.op.name === 'scan' || node.op.name === 'whileLoop'

/** The statements of a loop in the lane that is open; undefined where its body is not of lanes. */
export function emitLoop(node: Node, around: LaneSurroundings): LaneLoop | undefined {
  const form = formOf(node)
  if (form === undefined) return undefined
  return node.op.name === 'scan' ? emitScan(node, form, around) : emitWhile(node, form, around)
}

function formOf(node: Node): LoopForm | undefined {
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)
  const all = node.args.length
  if (node.op.name === 'scan') {
    const { body, consts, carry } = scanAttrs(node.attrs)
    const rows = range(consts + carry, all)
    return { body, consts: range(0, consts), init: range(consts, consts + carry), rows }
  }
  if (node.op.name === 'whileLoop') {
    const attrs = whileAttrs(node.attrs)
    const first = attrs.conditionConsts + attrs.bodyConsts
    const consts = range(attrs.conditionConsts, first)
    return { body: attrs.body, consts, init: range(first, all), rows: [] }
  }
  return undefined
}

/** A value of the lanes' shape. */
const typical = ({ body, consts, init }: LoopForm): Term =>
  init.length > 0 ? body.params[consts.length] : body.results[0]

type Source = (at: readonly Expr[]) => Expr

/** The parameters of a body: constants and rows from outside, carries in variables. */
function sources(
  form: LoopForm,
  around: LaneSurroundings,
  step: readonly Expr[],
  carries: readonly Expr[],
): readonly Source[] {
  return [
    ...form.consts.map(
      (arg): Source =>
        (at) =>
          around.read(arg, at),
    ),
    ...carries.map(
      (c): Source =>
        () =>
          c,
    ),
    ...form.rows.map(
      (arg): Source =>
        (at) =>
          around.read(arg, [...step, ...at]),
    ),
  ]
}

function emitScan(node: Node, form: LoopForm, around: LaneSurroundings): LaneLoop | undefined {
  const attrs = scanAttrs(node.attrs)
  const carries = carryVariables(node, form, around)
  const index = variable(`${around.prefix}t`)
  const step = attrs.reverse ? sub(size(dimSub(attrs.length, 1)), index) : index
  const params = sources(form, around, [step], carries.values)
  const body = emitBody(form.body, form, params, around.prefix)
  if (body === undefined) return undefined
  const rows = body.results.slice(attrs.carry).flatMap((value, i) => {
    const result = form.body.results[attrs.carry + i]
    return around.write(attrs.carry + i, [step, ...canonicalIndex(result.shape)], value) ?? []
  })
  const loop = sequential(`${around.prefix}t`, attrs.length, () => [
    ...body.block,
    ...rows,
    ...advance(carries.values, body.results, around.prefix),
  ])
  return { block: [...carries.block, loop], finals: carries.values }
}

function emitWhile(node: Node, form: LoopForm, around: LaneSurroundings): LaneLoop | undefined {
  const attrs = whileAttrs(node.attrs)
  const carries = carryVariables(node, form, around)
  const body = emitBody(form.body, form, sources(form, around, [], carries.values), around.prefix)
  const goesOn = condition(attrs, node, carries.values, around)
  if (body === undefined || goesOn === undefined) return undefined
  const go = variable(`${around.prefix}go`, 'bool')
  const count = variable(`${around.prefix}n`)
  const limit = attrs.maxSteps
  const more = limit === null ? go : and(go, lt(count, size(limit)))
  return {
    block: [
      ...carries.block,
      ...goesOn.block('a'),
      declare(`${around.prefix}go`, goesOn.value('a')),
      ...(limit === null ? [] : [declare(`${around.prefix}n`, constant('i32', 0))]),
      whileTrue(more, [
        ...body.block,
        ...advance(carries.values, body.results, around.prefix),
        ...goesOn.block('b'),
        assign(`${around.prefix}go`, goesOn.value('b')),
        ...(limit === null ? [] : [assign(`${around.prefix}n`, add(count, 1))]),
      ]),
    ],
    finals: carries.values,
  }
}

interface Condition {
  /** The names differ by the tag: the condition stands in two places. */
  readonly block: (tag: string) => readonly Stmt[]
  readonly value: (tag: string) => Expr
}

function condition(
  attrs: WhileAttrs,
  node: Node,
  carries: readonly Expr[],
  around: LaneSurroundings,
): Condition | undefined {
  const lane = lanesThatStop(attrs)
  if (lane !== undefined) return { block: () => [], value: () => carries[lane] }
  const scalars = node.outs.every((o) => o.shape.every((d) => d === 1))
  if (!scalars) return undefined
  const params = attrs.condition.params.map(
    (_, i): Source =>
      i < attrs.conditionConsts
        ? (at) => around.read(i, at)
        : () => carries[i - attrs.conditionConsts],
  )
  const form = { body: attrs.condition, consts: range(attrs.conditionConsts), init: [], rows: [] }
  const emitted = (tag: string) =>
    emitBody(attrs.condition, form, params, `${around.prefix}${tag}`, [])
  if (emitted('a') === undefined) return undefined
  return {
    block: (tag) => emitted(tag)?.block ?? [],
    value: (tag) => emitted(tag)?.results[0] ?? constant('bool', 0),
  }
}

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i)

function carryVariables(node: Node, form: LoopForm, around: LaneSurroundings) {
  const name = (i: number) => `${around.prefix}c${i}`
  const types = form.init.map((arg) => node.args[arg])
  return {
    values: types.map((t, i) => variable(name(i), storage(t))),
    block: types.map((t, i) =>
      declare(name(i), around.read(form.init[i], canonicalIndex(t.shape))),
    ),
  }
}

/** All carries move at once: the new values are bound before any is assigned. */
function advance(carries: readonly Expr[], next: readonly Expr[], prefix: string): readonly Stmt[] {
  const bound = carries.map((c, i) => variable(`${prefix}next${i}`, c.dtype))
  return [
    ...carries.map((_, i) => bind(`${prefix}next${i}`, next[i])),
    ...carries.map((c, i) => assign(c.tag === 'variable' ? c.name : '', bound[i])),
  ]
}

const storage = (term: Term) => (term.dtype === 'f16' ? 'f32' : term.dtype)

interface Body {
  readonly block: readonly Stmt[]
  readonly results: readonly Expr[]
}

/** A body in the open lane; undefined where it reads across lanes or does more than maps. */
function emitBody(
  func: Func,
  form: LoopForm,
  params: readonly Source[],
  prefix: string,
  shape: readonly Dim[] = squeezed(typical(form)),
): Body | undefined {
  const block: Stmt[] = []
  const values = new Map<Term, Expr>()
  const slot = new Map(func.params.map((p, i) => [p, i]))
  const isCarry = (i: number) =>
    i >= form.consts.length && i < form.consts.length + form.init.length
  let sound = true
  const require = (holds: boolean) => {
    sound &&= holds
  }
  const source = (term: Term, at: readonly Expr[]): Expr => {
    const param = slot.get(term)
    if (isParameter(term) && param !== undefined) {
      if (isCarry(param)) require(isCanonical(term.shape, at))
      return params[param](at)
    }
    require(values.has(term) && isCanonical(term.shape, at))
    return values.get(term) ?? variable('_', storage(term))
  }
  const never = () => false
  const read = (term: Term, at: readonly Expr[]) => element(term, at, never, source)
  func.nodes.forEach((node, k) => {
    if (!sound || isFree(node)) return
    if (isMap(node)) {
      const [out] = node.outs
      require(isLane(out, shape))
      const e = mapElement(node, canonicalIndex(out.shape), (arg, at) => read(node.args[arg], at))
      block.push(bind(`${prefix}v${k}`, e))
      values.set(out, variable(`${prefix}v${k}`, e.dtype))
      return
    }
    const inner = emitLoop(node, {
      prefix: `${prefix}l${k}`,
      read: (arg, at) => read(node.args[arg], at),
      write: () => undefined,
    })
    require(inner !== undefined && node.outs.length === inner.finals.length)
    require(node.outs.every((o) => isLane(o, shape)))
    block.push(...(inner?.block ?? []))
    node.outs.forEach((out, i) => {
      values.set(out, inner?.finals[i] ?? variable('_', storage(out)))
    })
  })
  if (!sound) return undefined
  require(func.results.every((r) => isExact(r, shape)))
  const results = func.results.map((r) => read(r, canonicalIndex(r.shape)))
  return sound ? { block, results } : undefined
}

const squeezed = (term: Term): readonly Dim[] => term.shape.filter((d) => d !== 1)
const isExact = (term: Term, shape: readonly Dim[]): boolean =>
  String(squeezed(term)) === String(shape)
const isLane = (term: Term, shape: readonly Dim[]): boolean =>
  squeezed(term).length === 0 || isExact(term, shape)
