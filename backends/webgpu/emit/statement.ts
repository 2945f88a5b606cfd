/**
 * Statements of one invocation: loops in order, branches, its own variables and arrays.
 *
 *   for k < 8 unrolled { s += a[k] }    →    s = s + a[0]; s = s + a[1]; …
 */
import { absurd } from '../../../lib/data/error.js'
import { type Block, type Loop, type Stmt, size } from '../../../lib/loop/index.js'
import { arrayText, define, type Emission, memoryOf, unknown, within, write } from './emission.js'
import { textOf, texts } from './expression.js'
import { countOf } from './grid.js'
import { volumeOf } from './part.js'
import { emitScalar, emitStore } from './scalar.js'
import { atIndex, emitTogether, isStraight, prepare } from './straight.js'
import { isLanes, isMultipleLoop } from './wide.js'

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

/** An invocation's own array; others are declared outside. */
export function declareLocal(e: Emission, s: Stmt & { readonly tag: 'local' }): void {
  const memory = memoryOf(e, s.name)
  if (memory.space !== 'private') return
  const count = volumeOf(memory.shape) ?? unknown(e, s.name)
  write(e, `var ${memory.text}: ${arrayText(memory, Math.max(1, count))};`)
}

/** A loop in order; one that is unrolled as a whole is written out. */
export function emitLoop(e: Emission, s: Loop, emit: (e: Emission, block: Block) => void): void {
  if (isLanes(s) && s.body.every(isStraight)) {
    within(e, '', () => prepare(e, s)())
    return
  }
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
  if (isMultipleLoop(s, e.multiples)) e.multiples.add(s.index)
  write(e, `let ${end} = ${to};`)
  within(e, `for (var ${name} = ${from}; ${name} < ${end}; ${name} += ${s.step}i)`, () =>
    emit(e, s.body),
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
