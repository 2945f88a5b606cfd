/**
 * Statements of a workgroup: its invocations run them together, and share the loops over them.
 *
 *   s = 0; for j < n over invocations { s += x[j] }; y = s    →
 *     each: p = Σ x[lane], x[lane + width], …; a tree of the p in workgroup memory gives s to all;
 *     the first invocation stores y
 *
 * Scalars are computed by every invocation alike. What decides control is made the same for all by
 * a uniform load where it may not be so for WGSL's analysis, since barriers stand inside.
 */
import { absurd } from '../../../lib/data/error.js'
import {
  type Block,
  type Expr,
  identityOf,
  type Loop,
  nodesOf,
  type Stmt,
  statementsOf,
  variable,
} from '../../../lib/loop/index.js'
import {
  type Accesses,
  accessesIn,
  accessesOf,
  beforeAccess,
  type Pending,
  wait,
} from './barrier.js'
import { define, type Emission, unknown, within, write } from './emission.js'
import { textOf, texts } from './expression.js'
import { countOf } from './grid.js'
import { literal } from './literal.js'
import { turnIndex } from './place.js'
import { emitScalar, emitStore } from './scalar.js'
import { declareLocal, emitLoop, emitBlock as emitOwn } from './statement.js'
import { emitTrees, lane, type TreeShape } from './tree.js'
import { isMultipleLoop } from './wide.js'

export interface Group extends TreeShape {
  /** Buffers and locals that the part writes. */
  readonly written: ReadonlySet<string>
  readonly turned: ReadonlySet<string>
  readonly pending: Pending
  /** Names that are the same for all invocations, as WGSL's analysis sees it. */
  readonly uniform: Set<string>
}

export function emitGroup(e: Emission, g: Group, block: Block): void {
  for (const s of block) emitTogether(e, g, s)
}

function emitTogether(e: Emission, g: Group, s: Stmt): void {
  switch (s.tag) {
    case 'let':
      if (isUniform(e, g, s.value)) g.uniform.add(s.name)
      beforeAccess(e, g.pending, accessesOf(e, [s], g.written))
      emitScalar(e, s)
      return
    case 'variable':
    case 'assign':
    case 'accumulate':
      beforeAccess(e, g.pending, accessesOf(e, [s], g.written))
      emitScalar(e, s)
      return
    case 'store':
      beforeAccess(e, g.pending, accessesOf(e, [s], g.written))
      if (e.memories.get(s.buffer)?.space === 'private') emitStore(e, s)
      else within(e, `if (${lane} == 0u)`, () => emitStore(e, s))
      return
    case 'local':
      declareLocal(e, s)
      return
    case 'if': {
      const condition = agreed(e, g, s.condition)
      wait(e, g.pending)
      const branch = (block: Block) => (): void => {
        emitGroup(e, g, block)
        wait(e, g.pending)
      }
      within(e, `if (${condition})`, branch(s.yes))
      if (s.no.length > 0) within(e, 'else', branch(s.no))
      return
    }
    case 'while':
      wait(e, g.pending)
      within(e, 'loop', () => {
        const condition = agreed(e, g, s.condition)
        write(e, `if (!(${condition})) { break; }`)
        emitGroup(e, g, s.body)
        wait(e, g.pending)
      })
      return
    case 'loop':
      if (s.spread === 'invocations') emitSpread(e, g, s)
      else emitUniform(e, g, s)
      return
    case 'touch':
      return
  }
  absurd(s)
}

/** A loop that all invocations walk together. */
function emitUniform(e: Emission, g: Group, s: Loop): void {
  const bounds = new Map<string, Expr>()
  const settle = (x: Expr): Expr => {
    if (isUniform(e, g, x)) return x
    const text = agreed(e, g, x)
    const name = `%bound ${text}`
    e.names.set(name, text)
    bounds.set(name, x)
    return variable(name)
  }
  const loop = { ...s, from: settle(s.from), to: settle(s.to) }
  g.uniform.add(s.index)
  wait(e, g.pending)
  emitLoop(e, loop, (inner, block) => {
    emitGroup(inner, g, block)
    wait(inner, g.pending)
  })
}

/** Whether WGSL's analysis sees that a value is the same for all invocations. */
function isUniform(e: Emission, g: Group, x: Expr): boolean {
  return [...nodesOf(x)].every((node) => {
    if (node.tag === 'variable') return g.uniform.has(node.name) || e.sizeNames.has(node.name)
    if (node.tag !== 'load') return true
    return e.memories.get(node.buffer)?.space === 'storage' && !g.written.has(node.buffer)
  })
}

/** The text of a value, the same for all invocations in WGSL's eyes too. */
function agreed(e: Emission, g: Group, x: Expr): string {
  beforeAccess(e, g.pending, accessesOf(e, [{ tag: 'let', name: '', value: x }], g.written))
  if (isUniform(e, g, x)) return textOf(e, x)
  const type = x.dtype === 'bool' ? 'u32' : 'i32'
  const flag = `agreed_${type}`
  e.shared.set(flag, type)
  const text = textOf(e, x)
  write(e, `if (${lane} == 0u) { ${flag} = ${type}(${text}); }`)
  const name = e.fresh('agreed')
  write(e, `let ${name} = workgroupUniformLoad(&${flag});`)
  return x.dtype === 'bool' ? `${name} != 0u` : name
}

/** A loop whose iterations the invocations share, and the sums that they make of it. */
function emitSpread(e: Emission, g: Group, s: Loop): void {
  const sums = outerSums(s)
  const before = new Map(sums.map((name) => [name, e.accumulators.get(name) ?? unknown(e, name)]))
  beforeAccess(e, g.pending, loopAccesses(e, g, s))
  for (const [name, sum] of before) {
    const text = e.fresh('part')
    const start = literal(e, sum.dtype, identityOf(sum.combine, sum.dtype))
    write(e, `var ${text} = ${start};`)
    e.accumulators.set(name, { ...sum, text })
  }
  emitShare(e, g, s)
  const parts = [...before].map(([name, sum]) => {
    const part = (e.accumulators.get(name) ?? sum).text
    e.accumulators.set(name, sum)
    return { sum, part }
  })
  emitTrees(e, g, parts)
}

function loopAccesses(e: Emission, g: Group, s: Loop): Accesses {
  const bounds = accessesOf(e, [{ ...s, body: [] }], g.written)
  const inner = accessesIn(e, s.body, g.written)
  return { reads: new Set([...bounds.reads, ...inner.reads]), writes: inner.writes }
}

/** Accumulators declared outside the loop that it adds to. */
function outerSums(s: Loop): readonly string[] {
  const own = new Set<string>()
  const added = new Set<string>()
  for (const t of statementsOf(s.body)) {
    if (t.tag === 'variable') own.add(t.name)
    if (t.tag === 'accumulate') added.add(t.name)
  }
  return [...added].filter((name) => !own.has(name))
}

/** The iterations of one invocation: lane, lane + width, … */
function emitShare(e: Emission, g: Group, s: Loop): void {
  if (isMultipleLoop(s, e.multiples)) e.multiples.add(s.index)
  const counted = countOf(s, new Set())
  const count = counted?.guarded === false && typeof counted.count === 'number' ? counted.count : 0
  const usesTurns = buffersOf(s).some((name) => g.turned.has(name))
  if (count > 0 && (usesTurns || count <= g.width)) {
    const from = textOf(e, s.from)
    for (let turn = 0; turn * g.width < count; turn++) {
      const first = turn * g.width
      const offset = first === 0 ? `i32(${lane})` : `(${first}i + i32(${lane}))`
      const step = s.step === 1 ? offset : `${offset} * ${s.step}i`
      const all = first + g.width <= count
      within(e, all ? '' : `if (${first}u + ${lane} < ${count}u)`, () => {
        const index = define(e, s.index)
        write(e, `let ${index} = ${from === '0i' ? step : `${from} + ${step}`};`)
        e.names.set(turnIndex, `${turn}i`)
        emitInner(e, s)
      })
    }
    return
  }
  const [from = '', to = ''] = texts(e, [s.from, s.to])
  const index = define(e, s.index)
  const end = e.fresh('end')
  write(e, `let ${end} = ${to};`)
  const start = `${from} + i32(${lane})${s.step === 1 ? '' : ` * ${s.step}i`}`
  within(
    e,
    `for (var ${index} = ${start}; ${index} < ${end}; ${index} += ${g.width * s.step}i)`,
    () => emitInner(e, s),
  )
}

/** A nest of loops over invocations is shared along the outermost; the others run in order. */
const emitInner = (e: Emission, s: Loop): void => emitOwn(e, s.body)

const buffersOf = (s: Loop): readonly string[] =>
  statementsOf(s.body).flatMap((t) => (t.tag === 'store' ? [t.buffer] : loadsOf(t)))

const loadsOf = (t: Stmt): readonly string[] =>
  [...accessNodes(t)].flatMap((node) => (node.tag === 'load' ? [node.buffer] : []))

function accessNodes(t: Stmt): ReadonlySet<Expr> {
  const seen = new Set<Expr>()
  for (const x of expressionsIn(t)) nodesOf(x, seen)
  return seen
}

const expressionsIn = (t: Stmt): readonly Expr[] =>
  t.tag === 'let' || t.tag === 'assign' || t.tag === 'accumulate'
    ? [t.value]
    : t.tag === 'variable'
      ? [t.initial]
      : t.tag === 'if' || t.tag === 'while'
        ? [t.condition]
        : []
