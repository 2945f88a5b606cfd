/**
 * What a function is, written out: equal contents mean that it computes the same.
 *
 *   fn f(x: f32[n]) { y = mul(x, x) }    →    text with every op, attribute, type and wire of it
 *
 * Unlike `key`, which compares within one graph, content holds nothing by identity, so that it can
 * be compared with what another process wrote. Therefore a function has none if something in it is
 * no content: an op that is not of the vocabulary given, or an attribute that is a JavaScript
 * function or an object of some class. Source lines are left out: they change nothing that is
 * computed.
 */
import type { Func } from './func.js'
import { isFunc } from './key.js'
import type { Op } from './op.js'
import type { Node, TensorType } from './term.js'

/** Text, and between it the bytes of arrays, in order; undefined for what has no content. */
export type Content = readonly (string | Uint8Array)[]

export function contentOf(func: Func, vocabulary: ReadonlySet<Op>): Content | undefined {
  const w: Writing = { parts: [], funcs: new Map(), vocabulary }
  return writeFunc(w, func) ? w.parts : undefined
}

interface Writing {
  readonly parts: (string | Uint8Array)[]
  /** Functions met before, by number. */
  readonly funcs: Map<Func, number>
  readonly vocabulary: ReadonlySet<Op>
}

/** Each writer says whether there was content to write; after a false nothing counts. */
function writeFunc(w: Writing, func: Func): boolean {
  const known = w.funcs.get(func)
  if (known !== undefined) {
    w.parts.push(`same ${known};`)
    return true
  }
  w.funcs.set(func, w.funcs.size)
  const params = func.params.map((p) => `${text(String(p.node.attrs.name))}${typeText(p)}`)
  w.parts.push(`fn ${text(func.name)}(${params.join('')}){`)
  for (const [i, node] of func.nodes.entries()) {
    if (!writeNode(w, node, func.wiring[i] ?? [])) return false
  }
  w.parts.push(`}${func.resultSlots.join(' ')};`)
  return true
}

function writeNode(w: Writing, node: Node, wires: readonly number[]): boolean {
  if (!w.vocabulary.has(node.op)) return false
  w.parts.push(`${text(node.op.name)}(${wires.join(' ')})${node.outs.map(typeText).join('')}`)
  return writeValue(w, node.attrs)
}

const typeText = (t: TensorType): string =>
  `${t.dtype}[${t.shape.map((d) => (typeof d === 'number' ? `${d}` : text(d))).join(' ')}]`

/** With its length in front, so that nothing in it can be taken for what follows. */
const text = (s: string): string => `${s.length}"${s}"`

function writeValue(w: Writing, value: unknown): boolean {
  if (typeof value === 'string') return w.parts.push(text(value)) > 0
  if (typeof value === 'number') return w.parts.push(`n${Object.is(value, -0) ? '-0' : value};`) > 0
  if (typeof value === 'bigint') return w.parts.push(`i${value};`) > 0
  if (typeof value === 'boolean' || value === undefined || value === null) {
    return w.parts.push(`${value};`) > 0
  }
  if (typeof value !== 'object') return false
  if (ArrayBuffer.isView(value)) {
    w.parts.push(`${value.constructor.name} ${value.byteLength}:`)
    return w.parts.push(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) > 0
  }
  if (Array.isArray(value)) {
    w.parts.push(`[${value.length}:`)
    return value.every((v) => writeValue(w, v))
  }
  if (isFunc(value)) return writeFunc(w, value)
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  w.parts.push(`{${entries.length}:`)
  return entries.every(([name, v]) => w.parts.push(text(name)) > 0 && writeValue(w, v))
}
