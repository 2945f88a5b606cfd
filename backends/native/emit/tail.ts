/**
 * What follows the loops of a register block, once instead of once for each copy.
 *
 *   y[r, j] = tanh(acc)    behind a loop over k, in 8 rows of three vectors    →
 *   accumulators in an array, and one loop over the 24 of them around a single tanh
 *
 * The loop over k keeps its accumulators in registers; what is done once to each result need not
 * stand there 24 times, which would take the C compiler seconds. Copies are in the order of the
 * loops, so nothing is computed differently.
 */
import {
  type Block,
  childrenOf,
  expressionsOf,
  namesIn,
  nodesOf,
  type Stmt,
  statementsOf,
} from '../../../lib/loop/index.js'
import { setsOnly } from './branch.js'
import { scalarType } from './ctype.js'
import { type Emission, eachCoordinate, type Level, type Slot, solveMasks } from './emission.js'
import { vectorType } from './lane.js'
import { slotName } from './scalar.js'

/** Operations in all copies together from which on they become a loop. */
const many = 200

/** Where the statements begin that are to be a loop over the copies; the end where none are. */
export function tailFrom(e: Emission, block: Block): number {
  if (!e.levels.some((level) => level.kind === 'unrolled')) return block.length
  const from = block.findLastIndex((s) => !isPlain(s)) + 1
  if (!setsOwn(block.slice(from))) return block.length
  const copies = e.levels.reduce((n, level) => n * copiesOf(level), 1)
  return copies > 2 && copies * workOf(block.slice(from)) > many ? from : block.length
}

/** Whether a statement computes, sets variables of its own, or stores. */
const isPlain = (s: Stmt): boolean =>
  s.tag === 'let' ||
  s.tag === 'store' ||
  (s.tag === 'variable' && s.combine === undefined) ||
  (s.tag === 'if' && setsOnly(s))

/** Whether branches set variables of the very statements. */
function setsOwn(tail: Block): boolean {
  const own = new Set(tail.flatMap((s) => (s.tag === 'variable' ? [s.name] : [])))
  return statementsOf(tail).every((s) => s.tag !== 'assign' || own.has(s.name))
}

const copiesOf = ({ width, lanes }: Level): number => width / lanes

function workOf(block: Block): number {
  const nodes = statementsOf(block).flatMap((s) => expressionsOf(s).flatMap((x) => [...nodesOf(x)]))
  return nodes.filter((x) => x.tag !== 'load' && childrenOf(x).length > 0).length
}

export function emitTail(e: Emission, tail: Block, emit: (s: Stmt) => void): void {
  const { writer, wholes, slots } = e
  const levels = [...e.levels]
  const counters = levels.map((level) => writer.fresh(`${level.index} copy`))
  const read = new Set(
    statementsOf(tail).flatMap((s) => expressionsOf(s).flatMap((x) => [...namesIn(x)])),
  )
  const held = [...slots].filter(([name, { mask }]) => mask !== 0 && read.has(name))
  const arrays = held.map(([, slot]) => arrayOf(e, slot))
  const outer = { slots: new Map(slots), masks: e.masks, wholes: new Map(wholes) }
  const inside = (depth: number): void => {
    const level = levels[depth]
    if (level !== undefined) {
      const counter = counters[depth] ?? ''
      const head = `for (int64_t ${counter} = 0; ${counter} < ${copiesOf(level)}; ${counter}++)`
      writer.block(head, () => {
        const index = writer.fresh(level.index)
        const start = outer.wholes.get(level.index) ?? ''
        writer.line(`const int64_t ${index} = ${start} + ${counter} * ${level.lanes * level.step};`)
        wholes.set(level.index, index)
        inside(depth + 1)
      })
      return
    }
    const lanes = levels.filter(({ kind }) => kind === 'vector')
    const inLanes = lanes.reduce((mask, level) => mask | level.mask, 0)
    e.levels.splice(0, levels.length, ...lanes.map((level) => ({ ...level, width: level.lanes })))
    held.forEach(([name, slot], i) => {
      const copy: Slot = {
        ...slot,
        name: writer.fresh(name),
        mask: slot.mask & inLanes,
        depth: e.levels.length,
      }
      const at = e.levels.map(() => 0)
      const cell = `${arrays[i]}[${placeOf(levels, counters, slot)}]`
      writer.line(`${typeOf(e, slot)} ${slotName(e, copy, at)} = ${cell};`)
      slots.set(name, copy)
    })
    e.masks = new Map()
    e.maskMemo.clear()
    solveMasks(e, tail)
    for (const s of tail) emit(s)
  }
  inside(0)
  e.levels.splice(0, e.levels.length, ...levels)
  e.masks = outer.masks
  restore(slots, outer.slots)
  restore(wholes, outer.wholes)
  e.maskMemo.clear()
}

const typeOf = (e: Emission, { vector, dtype }: Slot): string =>
  vector ? vectorType(e, dtype) : scalarType[dtype]

/** An array of all copies of a value, in the order of the levels that it varies with. */
function arrayOf(e: Emission, slot: Slot): string {
  const name = e.writer.fresh(`${slot.name} all`)
  const cells: string[] = []
  const lanes = e.levels.find(({ kind }) => kind === 'vector')?.lanes ?? 1
  eachCoordinate(e, slot.mask, lanes, (at) => cells.push(slotName(e, slot, at)))
  e.writer.line(`${typeOf(e, slot)} ${name}[] = {${cells.join(', ')}};`)
  return name
}

function placeOf(levels: readonly Level[], counters: readonly string[], { mask }: Slot): string {
  return levels.reduce(
    (place, level, i) =>
      (mask & level.mask) === 0 ? place : `(${place} * ${copiesOf(level)} + ${counters[i]})`,
    '0',
  )
}

function restore<V>(map: Map<string, V>, before: ReadonlyMap<string, V>): void {
  map.clear()
  for (const [name, value] of before) map.set(name, value)
}
