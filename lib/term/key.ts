/**
 * The identity of a node as text: op, attributes, arguments. Equal keys mean equal meaning.
 *
 * Functions in attributes count by structure, arrays of up to 64 elements by their bits, larger
 * ones by identity (comparing them would cost more than sharing gains).
 */
import type { Func } from './func.js'
import type { Attr, Node } from './term.js'

export function nodeKey(node: Node, args: readonly number[], large: Map<object, number>): string {
  return `${node.op.name}(${args})${attrsKey(node.attrs, large)}`
}

function attrsKey(attrs: Readonly<Record<string, Attr>>, large: Map<object, number>): string {
  const names = Object.keys(attrs).sort()
  return names.map((name) => `${name}=${attrKey(attrs[name], large)}`).join(',')
}

function attrKey(value: Attr, large: Map<object, number>): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (value === null || typeof value !== 'object')
    return typeof value === 'function' ? identity(value, large) : String(value)
  if (ArrayBuffer.isView(value)) return bitsKey(value, large)
  if (Array.isArray(value)) return `[${value.map((v) => attrKey(v, large))}]`
  if (isFunc(value)) return `fn:${value.key(large)}`
  if (Object.getPrototypeOf(value) === Object.prototype)
    return `{${attrsKey(value as Readonly<Record<string, Attr>>, large)}}`
  return identity(value, large)
}

export const isFunc = (value: unknown): value is Func =>
  typeof value === 'object' && value !== null && 'wiring' in value && 'params' in value

function bitsKey(view: ArrayBufferView, large: Map<object, number>): string {
  if (view.byteLength > 64 * 8) return identity(view, large)
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
  return `${view.constructor.name}:${bytes.join('.')}`
}

function identity(value: object, large: Map<object, number>): string {
  let id = large.get(value)
  if (id === undefined) {
    id = large.size
    large.set(value, id)
  }
  return `#${id}`
}
