/**
 * Statements of one invocation: loops in order, branches, its own variables and arrays.
 *
 *   for k < 8 unrolled { s += a[k] }    →    s = s + a[0]; s = s + a[1]; …
 */
import { absurd } from '../../../lib/data/error.js'
import {
  type Block,
  binary,
  type Expr,
  type Loop,
  rewriteBlock,
  rewriteExpr,
  type Stmt,
  size,
} from '../../../lib/loop/index.js'
import { storeText, touch } from './access.js'
import { define, type Emission, memoryOf, unknown, valueType, within, write } from './emission.js'
import { combination, textOf, texts, valueText } from './expression.js'
import { countOf } from './grid.js'
import { volumeOf } from './part.js'

export function emitBlock(e: Emission, block: Block): void {
  for (const s of block) emitStatement(e, s)
}

export function emitStatement(e: Emission, s: Stmt): void {
  switch (s.tag) {
    case 'let':
    case 'variable':
    case 'assign':
    case 'accumulate':
      emitScalar(e, s)
      return
    case 'store':
      emitStore(e, s)
      return
    case 'local':
      declareLocal(e, s)
      return
    case 'if': {
      const condition = textOf(e, s.condition)
      within(e, `if (${condition})`, () => emitBlock(e, s.yes))
      if (s.no.length > 0) within(e, 'else', () => emitBlock(e, s.no))
      return
    }
    case 'while':
      within(e, 'loop', () => {
        write(e, `if (!(${textOf(e, s.condition)})) { break; }`)
        emitBlock(e, s.body)
      })
      return
    case 'loop':
      emitLoop(e, s, emitBlock)
      return
    case 'touch':
      return
  }
  absurd(s)
}

type Scalar = Stmt & { readonly tag: 'let' | 'variable' | 'assign' | 'accumulate' }

/** A let, a variable, or a new value of one. */
export function emitScalar(e: Emission, s: Scalar): void {
  if (s.tag === 'let') {
    const text = valueText(e, s.value)
    write(e, `let ${define(e, s.name)} = ${text};`)
  } else if (s.tag === 'variable') {
    const type = valueType(e, s.initial.dtype)
    const text = valueText(e, s.initial)
    const name = define(e, s.name)
    write(e, `var ${name}: ${type} = ${text};`)
    if (s.combine === undefined) e.accumulators.delete(s.name)
    else e.accumulators.set(s.name, { combine: s.combine, dtype: s.initial.dtype, text: name })
  } else if (s.tag === 'assign') {
    const text = valueText(e, s.value)
    write(e, `${e.names.get(s.name) ?? unknown(e, s.name)} = ${text};`)
  } else {
    const { combine, dtype, text } = e.accumulators.get(s.name) ?? unknown(e, s.name)
    const { value } = s
    if (combine === 'add' && dtype === 'f32' && value.tag === 'binary' && value.op === 'mul') {
      const [x, y] = texts(e, [value.x, value.y])
      write(e, `${text} = fma(${x}, ${y}, ${text});`)
    } else {
      write(e, `${text} = ${combination(e, combine, dtype, text, textOf(e, value))};`)
    }
  }
}

export function emitStore(e: Emission, s: Stmt & { readonly tag: 'store' }): void {
  const memory = memoryOf(e, s.buffer)
  touch(e, memory, 'read_write')
  const [position = '', value = ''] = texts(e, [memory.position(s.at), s.value])
  write(e, storeText(e, memory, position, value))
}

/** An invocation's own array; others are declared outside. */
export function declareLocal(e: Emission, s: Stmt & { readonly tag: 'local' }): void {
  const memory = memoryOf(e, s.name)
  if (memory.space !== 'private') return
  const count = volumeOf(memory.shape) ?? unknown(e, s.name)
  write(e, `var ${memory.text}: array<${memory.element}, ${Math.max(1, count)}>;`)
}

/** A loop in order; one that is unrolled as a whole is written out. */
export function emitLoop(e: Emission, s: Loop, emit: (e: Emission, block: Block) => void): void {
  const copies = copiesOf(s)
  if (copies !== undefined && s.body.every(isStraight)) {
    within(e, '', () => emitTogether(e, s, copies))
    return
  }
  if (copies !== undefined) {
    for (const index of copies) within(e, '', () => emit(e, atIndex(s.body, s.index, size(index))))
    return
  }
  const [from = '', to = ''] = texts(e, [s.from, s.to])
  const name = define(e, s.index)
  const end = e.fresh('end')
  write(e, `let ${end} = ${to};`)
  within(e, `for (var ${name} = ${from}; ${name} < ${end}; ${name} += ${s.step}i)`, () =>
    emit(e, s.body),
  )
}

const isStraight = (s: Stmt): boolean =>
  s.tag === 'let' ||
  s.tag === 'store' ||
  (s.tag === 'if' && s.no.length === 0 && s.yes.every((t) => t.tag === 'store'))

/** Statement by statement, each at all indices: what is loaded is on its way together. */
function emitTogether(e: Emission, s: Loop, indices: readonly number[]): void {
  const lets = new Set(s.body.flatMap((t) => (t.tag === 'let' ? [t.name] : [])))
  const copies = indices.map((index) => renamed(atIndex(s.body, s.index, size(index)), lets, index))
  s.body.forEach((_, n) => {
    const row = copies.flatMap((copy) => copy.slice(n, n + 1))
    const stores = row.map((t) => prepareStore(e, t))
    for (const write of stores) write()
  })
}

/** Emits a let; of a store the values, and gives back what stores them. */
function prepareStore(e: Emission, s: Stmt): () => void {
  if (s.tag === 'if') {
    const condition = textOf(e, s.condition)
    const writes = s.yes.map((t) => prepareStore(e, t))
    return () =>
      within(e, `if (${condition})`, () => {
        for (const each of writes) each()
      })
  }
  if (s.tag !== 'store') {
    emitStatement(e, s)
    return () => undefined
  }
  const memory = memoryOf(e, s.buffer)
  touch(e, memory, 'read_write')
  const [position = '', value = ''] = texts(e, [memory.position(s.at), s.value])
  const held = e.fresh('held')
  write(e, `let ${held} = ${value};`)
  return () => write(e, storeText(e, memory, position, held))
}

/** The lets of a body under other names. */
function renamed(body: Block, lets: ReadonlySet<string>, copy: number): Block {
  const rewrite = rewriteExpr((x) =>
    x.tag === 'variable' && lets.has(x.name) ? { ...x, name: `${x.name}#${copy}` } : x,
  )
  return rewriteBlock(body, rewrite).map((t) =>
    t.tag === 'let' ? { ...t, name: `${t.name}#${copy}` } : t,
  )
}

/** The indices of a loop to be written out, where they are known and few enough. */
function copiesOf(s: Loop): readonly number[] | undefined {
  if (s.mode !== 'unrolled' || s.from.tag !== 'constant') return undefined
  const counted = countOf(s, new Set())
  if (counted === undefined || counted.guarded || typeof counted.count !== 'number')
    return undefined
  if (counted.count > s.width) return undefined
  const from = Number(s.from.value)
  return Array.from({ length: counted.count }, (_, i) => from + i * s.step)
}

/** A body at one index, index arithmetic done. */
function atIndex(body: Block, index: string, value: Expr): Block {
  const rewrite = rewriteExpr((x) => {
    if (x.tag === 'variable') return x.name === index ? value : x
    return x.tag === 'binary' && x.dtype === 'i32' ? binary(x.op, x.x, x.y) : x
  })
  return rewriteBlock(body, rewrite)
}
