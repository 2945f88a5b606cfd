/**
 * Splats kept out of loops: a scalar that a vector loop uses, and a few of its constants.
 *
 *   y[i] = x[i] · scale    →    s = splat(scale) before the loop
 *
 * An engine spills what exceeds its registers and reads it back as an operand, which measures
 * faster than loading or rebuilding constants in the loop; very many stay in the pool in memory.
 */
import {
  type Block,
  blocksOf,
  childrenOf,
  type Expr,
  expressionsOf,
  nodesOf,
  type Stmt,
  statementsOf,
} from '../../lib/loop/index.js'
import { type Emission, eachCoordinate, lanesOf, maskOf, vectorLevel } from './emission.js'
import { splatBytes } from './lanes.js'
import { emitSlot } from './scalar.js'
import { constantKey, splatKey, splatTop } from './vector.js'

const constantsInLocals = 48

export function hoistSplats(e: Emission, body: Block): { readonly close: () => void } {
  const level = vectorLevel(e)
  const added: string[] = []
  const keep = (key: string, emit: () => void): void => {
    if (e.splats.has(key)) return
    emit()
    const local = e.code.take('v128')
    e.code.emit('local.set', local)
    e.splats.set(key, local)
    added.push(key)
  }
  if (level !== undefined) {
    const uses = uniformUses(e, statementsOf(body), level.mask)
    const changed = changedIn(body)
    const constants = new Map<string, () => void>()
    for (const { x, count } of uses) {
      if (x.tag === 'constant') {
        const bytes = splatBytes(x.dtype, x.value)
        if (bytes.every((b) => b === 0)) continue
        constants.set(constantKey(x.dtype, x.value, count), () => {
          e.code.emit('v128.const', ...bytes)
        })
      } else if (x.tag === 'variable' && !changed.has(x.name)) {
        const slot = e.slots.get(x.name)
        if (slot === undefined || slot.vector) continue
        eachCoordinate(e, slot.mask, 1, (at) =>
          keep(splatKey(e, x, at, count), () => {
            emitSlot(e, slot, at)
            splatTop(e, x.dtype, count)
          }),
        )
      }
    }
    for (const few of [constants, oftenUsed(e, body, level.mask, constants)]) {
      if (few.size > constantsInLocals) continue
      for (const [key, emit] of few) keep(key, emit)
      break
    }
  }
  return {
    close: () => {
      for (const key of added) {
        e.code.release(e.splats.get(key) ?? 0)
        e.splats.delete(key)
      }
    },
  }
}

/** Operands that do not vary with the vector level, of operations that do. */
function uniformUses(
  e: Emission,
  statements: readonly Stmt[],
  vector: number,
): readonly { readonly x: Expr; readonly count: 2 | 4 }[] {
  const uses: { readonly x: Expr; readonly count: 2 | 4 }[] = []
  for (const s of statements) {
    const [value] = s.tag === 'store' ? [s.value] : expressionsOf(s)
    if (value === undefined || s.tag === 'loop' || s.tag === 'touch') continue
    for (const node of nodesOf(value)) {
      if (node.tag === 'load' || (maskOf(e, node) & vector) === 0) continue
      const shift = node.tag === 'binary' && (node.op === 'shl' || node.op === 'shr')
      const operands = shift ? [node.x] : childrenOf(node)
      for (const x of operands) {
        if ((maskOf(e, x) & vector) === 0) uses.push({ x, count: lanesOf(e, x) })
      }
    }
  }
  return uses
}

/** Constants but those that only branches need which lanes take together. */
function oftenUsed(
  e: Emission,
  body: Block,
  vector: number,
  constants: ReadonlyMap<string, () => void>,
): ReadonlyMap<string, () => void> {
  const keys = new Set(
    uniformUses(e, oftenRun(e, body), vector).flatMap(({ x, count }) =>
      x.tag === 'constant' ? [constantKey(x.dtype, x.value, count)] : [],
    ),
  )
  return new Map([...constants].filter(([key]) => keys.has(key)))
}

/** Statements of a body but those of branches that lanes seldom take. */
const oftenRun = (e: Emission, body: Block): readonly Stmt[] =>
  body.flatMap((s): readonly Stmt[] =>
    s.tag === 'if' && maskOf(e, s.condition) !== 0
      ? [s]
      : [s, ...blocksOf(s).flatMap((inner) => oftenRun(e, inner))],
  )

function changedIn(body: Block): ReadonlySet<string> {
  const names = new Set<string>()
  for (const s of statementsOf(body)) {
    if (s.tag === 'assign' || s.tag === 'accumulate' || s.tag === 'variable') names.add(s.name)
  }
  return names
}
