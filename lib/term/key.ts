/**
 * The identity of a node as text: op, attributes, arguments. Equal keys mean equal meaning.
 *
 * Functions in attributes count by structure, arrays of up to 64 elements by their bits, larger
 * ones by identity (comparing them would cost more than sharing gains).
 */
import type { Func } from './func.js'
import type { Op } from './op.js'
import { type Attr, type Node, noAttrs } from './term.js'

/** Finds equal nodes: `find` gives the slot of an equal one, or remembers this one under `slot`. */
export interface Known {
  readonly find: (node: Node, args: readonly number[], slot: number) => number | undefined
}

export function knownNodes(): Known {
  // Most nodes have one or two arguments and no attributes: a number says it all, at a quarter
  // of the cost of text.
  const byNumber = new Map<Op, Map<number, number>>()
  const byText = new Map<string, number>()
  const large = new Map<object, number>()
  return {
    find: (node, args, slot) => {
      if (node.attrs !== noAttrs || args.length === 0 || args.length > 2) {
        return recall(byText, nodeKey(node, args, large), slot)
      }
      let calls = byNumber.get(node.op)
      if (calls === undefined) {
        calls = new Map()
        byNumber.set(node.op, calls)
      }
      return recall(calls, args[0] * 2 ** 26 + (args[1] ?? -1), slot)
    },
  }
}

function recall<K>(known: Map<K, number>, key: K, slot: number): number | undefined {
  const at = known.get(key)
  if (at === undefined) known.set(key, slot)
  return at
}

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
