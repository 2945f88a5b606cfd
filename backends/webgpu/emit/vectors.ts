/** Vectors that the lanes of a loop read from memory that is wide. */
import {
  type Expr,
  expressionsOf,
  type Loop,
  nodesOf,
  statementsOf,
} from '../../../lib/loop/index.js'
import { touch } from './access.js'
import { type Emission, memoryOf, write } from './emission.js'
import { textOf } from './expression.js'
import { vectorAt } from './wide.js'

export interface Vectors {
  /** The vector that each load reads a component of. */
  readonly vectors: ReadonlyMap<Expr, string>
  /** Whether something is read that a statement before it stores. */
  readonly isLate: boolean
}

/** Loads them, a let for its components each. */
export function loadVectors(e: Emission, s: Loop): Vectors {
  const found = new Map<Expr, string>()
  const known = new Map<string, string>()
  const stored = new Set<string>()
  let isLate = false
  for (const t of statementsOf(s.body)) {
    for (const x of expressionsOf(t)) {
      for (const node of nodesOf(x)) {
        if (node.tag !== 'load' || found.has(node)) continue
        if (stored.has(node.buffer)) {
          isLate = true
          continue
        }
        const memory = memoryOf(e, node.buffer)
        const at = memory.wide ? vectorAt(memory, node.at, s.index, e.multiples) : undefined
        if (at === undefined) continue
        touch(e, memory, 'read')
        const text = `${memory.text}[${textOf(e, at)}]`
        const vector = known.get(text) ?? loaded(e, memory.element, text)
        known.set(text, vector)
        found.set(node, vector)
        for (const c of 'xyzw') {
          const component = `${vector}.${c}`
          e.names.set(component, node.dtype === 'bool' ? `(${component} != 0u)` : component)
        }
      }
    }
    if (t.tag === 'store') stored.add(t.buffer)
  }
  return { vectors: found, isLate }
}

/** Halves are computed as f32. */
function loaded(e: Emission, element: string, text: string): string {
  const vector = e.fresh('vector')
  write(e, `let ${vector} = ${element === 'f16' ? `vec4<f32>(${text})` : text};`)
  return vector
}
