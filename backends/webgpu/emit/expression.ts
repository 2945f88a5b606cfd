/**
 * Expressions as WGSL text.
 *
 *   max(load x[i], 0) · 2    →    (maxOf(b_x[v_i], 0.0f) * 2.0f)
 *
 * What occurs twice in a statement, or lies too deep for a parser, is bound by a `let` before it.
 * An f32 product goes through `exact` where a sum may take it, so that only `fma` and the terms of
 * an accumulation are contracted. Sums, products and `fma` are IEEE but for subnormal numbers,
 * which WGSL may flush to 0; quotients and roots have WGSL's own error, 2.5 ulp at most.
 */
import { absurd } from '../../../lib/data/error.js'
import {
  type CompareOp,
  childrenOf,
  type Expr,
  nodesOf,
  type ScalarType,
  type Value,
} from '../../../lib/loop/index.js'
import { readText } from './access.js'
import { type Emission, need, unknown, valueType, write } from './emission.js'
import { constantOf, literal, nameText, sizeText } from './literal.js'

/** Deeper text than this is cut by a let. */
const deepest = 40

/** The text of expressions of one statement; lets that they need are written first. */
export function texts(e: Emission, xs: readonly Expr[]): readonly string[] {
  const uses = countUses(xs)
  const known = new Map<Expr, Value | undefined>()
  const done = new Map<Expr, { readonly text: string; readonly depth: number }>()
  const go = (x: Expr): string => {
    const before = done.get(x)
    if (before !== undefined) return before.text
    const value = constantOf(x, known)
    if (value !== undefined) return literal(e, x.dtype, value)
    const text = compose(e, x, go, known)
    const depth = 1 + Math.max(0, ...childrenOf(x).map((child) => done.get(child)?.depth ?? 0))
    const isLeaf = x.tag === 'variable' || x.tag === 'size'
    const binds = !isLeaf && ((uses.get(x) ?? 0) > 1 || depth > deepest)
    if (!binds) {
      done.set(x, { text, depth })
      return text
    }
    const name = e.fresh('t')
    write(e, `let ${name} = ${text};`)
    done.set(x, { text: name, depth: 0 })
    return name
  }
  return xs.map(go)
}

export const textOf = (e: Emission, x: Expr): string => texts(e, [x])[0] ?? ''

/** Edges into each node; a shared parent counts once. */
function countUses(xs: readonly Expr[]): ReadonlyMap<Expr, number> {
  const uses = new Map<Expr, number>()
  const count = (x: Expr): void => {
    uses.set(x, (uses.get(x) ?? 0) + 1)
  }
  const seen = new Set<Expr>()
  for (const x of xs) {
    count(x)
    nodesOf(x, seen)
  }
  for (const node of seen) childrenOf(node).forEach(count)
  return uses
}

type Go = (x: Expr) => string

function compose(e: Emission, x: Expr, go: Go, known: Map<Expr, Value | undefined>): string {
  switch (x.tag) {
    case 'constant':
      return literal(e, x.dtype, x.value)
    case 'size':
      return sizeText(e, x.dim)
    case 'variable':
      return (
        e.names.get(x.name) ?? (e.sizeNames.has(x.name) ? nameText(e, x.name) : unknown(e, x.name))
      )
    case 'load':
      return readText(e, x.buffer, x.at, go)
    case 'unary':
      return unaryText(e, x, go)
    case 'binary':
      return binaryText(e, x, go, known)
    case 'compare':
      return compareText(e, x, go, known)
    case 'select':
      return `select(${go(x.no)}, ${go(x.yes)}, ${go(x.condition)})`
    case 'fma': {
      valueType(e, x.dtype)
      const [a, b, c] = [x.x, x.y, x.z].map((y) => hidden(e, y, go(y), known))
      return `fma(${a}, ${b}, ${c})`
    }
    case 'convert':
      return conversion(e, x.x.dtype, x.dtype, go(x.x))
    case 'reinterpret':
      return `bitcast<${valueType(e, x.dtype)}>(${go(x.x)})`
  }
  return absurd(x)
}

function unaryText(e: Emission, x: Expr & { tag: 'unary' }, go: Go): string {
  const type = valueType(e, x.dtype)
  const a = go(x.x)
  switch (x.op) {
    case 'neg':
      return type === 'u32' ? `(0u - ${a})` : `(-${a})`
    case 'not':
      return type === 'bool' ? `(!${a})` : `(~${a})`
    case 'nearest':
      return `round(${a})`
    case 'abs':
    case 'sqrt':
    case 'floor':
    case 'ceil':
    case 'trunc':
      return `${x.op}(${a})`
  }
  return absurd(x.op)
}

function binaryText(
  e: Emission,
  x: Expr & { tag: 'binary' },
  go: Go,
  known: Map<Expr, Value | undefined>,
): string {
  const { op, dtype } = x
  const sums = dtype === 'f32' && (op === 'add' || op === 'sub')
  const hides = dtype === 'f32' && arithmetic.includes(op)
  const operand = (y: Expr): string => {
    const text = hides ? hidden(e, y, go(y), known) : go(y)
    return sums ? unfused(e, y, text) : text
  }
  const [a, b] = [operand(x.x), operand(x.y)]
  const right = constantOf(x.y, known)
  if (op === 'shl' || op === 'shr') {
    const count = right === undefined ? `(u32(${b}) & 31u)` : `${Number(right) & 31}u`
    return `(${a} ${op === 'shl' ? '<<' : '>>'} ${count})`
  }
  if ((op === 'min' || op === 'max') && dtype === 'f32' && right !== undefined) {
    const bounded = boundText(op, Number(right), a, b)
    if (bounded !== undefined) return bounded
  }
  if ((op === 'div' || op === 'rem') && dtype !== 'f32' && Number(right ?? 0) > 0) {
    return `(${a} ${op === 'div' ? '/' : '%'} ${b})`
  }
  return combination(e, op, dtype, a, b)
}

const arithmetic: readonly BinaryName[] = ['add', 'sub', 'mul', 'div']

/** An operand that is ±0 or ±∞, unseen: nobody may take x · 0 or x / ∞ for 0, or x + 0 for x. */
function hidden(e: Emission, x: Expr, text: string, known: Map<Expr, Value | undefined>): string {
  const value = constantOf(x, known)
  if (value === undefined || Number.isNaN(value)) return text
  if (value !== 0 && Number.isFinite(value)) return text
  need(e, 'exact')
  return `exact(${text})`
}

/** A product that a sum must not take in. */
const unfused = (e: Emission, x: Expr, text: string): string => {
  if (x.tag !== 'binary' || x.op !== 'mul') return text
  need(e, 'exact')
  return `exact(${text})`
}

/**
 * A whole value as a let, a variable or an argument of a sum further on. Sums and quotients are
 * hidden too: one that has a name may meet its parts again, and (a + b) − a is not b, nor (1/x)·x
 * 1.
 */
export function valueText(e: Emission, x: Expr): string {
  const text = textOf(e, x)
  if (x.dtype !== 'f32' || x.tag !== 'binary') return text
  if (!arithmetic.includes(x.op)) return text
  need(e, 'exact')
  return `exact(${text})`
}

/** min and max against a number: one comparison. */
function boundText(op: 'min' | 'max', bound: number, x: string, b: string): string | undefined {
  if (Number.isNaN(bound)) return undefined
  const positive = bound === 0 && !Object.is(bound, -0)
  if (op === 'max') {
    if (Object.is(bound, -0)) return undefined
    return `select(${x}, ${b}, ${x} ${positive ? '<=' : '<'} ${b})`
  }
  return positive ? undefined : `select(${x}, ${b}, ${x} ${bound === 0 ? '>=' : '>'} ${b})`
}

type BinaryName = (Expr & { tag: 'binary' })['op']

/** Two values joined. */
export function combination(
  e: Emission,
  op: BinaryName,
  dtype: ScalarType,
  a: string,
  b: string,
): string {
  const type = valueType(e, dtype)
  const call = (helper: Parameters<typeof need>[1], name: string): string => {
    need(e, helper)
    return `${name}(${a}, ${b})`
  }
  switch (op) {
    case 'add':
      return `(${a} + ${b})`
    case 'sub':
      return `(${a} - ${b})`
    case 'mul':
      return `(${a} * ${b})`
    case 'div':
      if (type === 'f32') return `(${a} / ${b})`
      return type === 'u32' ? call('divU32', 'divU32') : call('divI32', 'divI32')
    case 'rem':
      return type === 'u32' ? call('remU32', 'remU32') : call('remI32', 'remI32')
    case 'min':
      return type === 'f32' ? call('min', 'minOf') : `min(${a}, ${b})`
    case 'max':
      return type === 'f32' ? call('max', 'maxOf') : `max(${a}, ${b})`
    case 'copysign':
      return `bitcast<f32>((bitcast<u32>(${a}) & 0x7fffffffu) | (bitcast<u32>(${b}) & 0x80000000u))`
    case 'and':
      return `(${a} & ${b})`
    case 'or':
      return `(${a} | ${b})`
    case 'xor':
      return type === 'bool' ? `(${a} != ${b})` : `(${a} ^ ${b})`
    case 'shl':
    case 'shr':
      return `(${a} ${op === 'shl' ? '<<' : '>>'} (u32(${b}) & 31u))`
  }
  return absurd(op)
}

const signs: Readonly<Record<CompareOp, string>> = {
  eq: '==',
  ne: '!=',
  lt: '<',
  le: '<=',
  gt: '>',
  ge: '>=',
}

function compareText(
  e: Emission,
  x: Expr & { tag: 'compare' },
  go: Go,
  known: Map<Expr, Value | undefined>,
): string {
  const type = valueType(e, x.x.dtype)
  const [a, b] = [go(x.x), go(x.y)]
  if (type === 'bool') {
    const plain = x.op === 'eq' || x.op === 'ne'
    return plain ? `(${a} ${signs[x.op]} ${b})` : `(u32(${a}) ${signs[x.op]} u32(${b}))`
  }
  if (type === 'f32') {
    // WGSL's != is false for NaN where it is made an ordered comparison.
    if (a === b && (x.op === 'eq' || x.op === 'ne')) {
      need(e, 'isNaN')
      return x.op === 'ne' ? `isNaN(${a})` : `(!isNaN(${a}))`
    }
    const bound = Number(constantOf(x.y, known))
    if (bound === Infinity || bound === -Infinity) return againstInfinity(e, x.op, a, bound)
    if (x.op === 'ne') return `(!(${a} == ${b}))`
  }
  return `(${a} ${signs[x.op]} ${b})`
}

/** A comparison with an infinity, by bits. */
function againstInfinity(e: Emission, op: CompareOp, x: string, bound: number): string {
  const is = `(bitcast<u32>(${x}) == ${bound > 0 ? '0x7f800000u' : '0xff800000u'})`
  const within = op === (bound > 0 ? 'lt' : 'gt')
  const beyond = op === (bound > 0 ? 'gt' : 'lt')
  if (op === 'eq') return is
  if (op === 'ne') return `(!${is})`
  if (beyond) return 'false'
  if (op === (bound > 0 ? 'ge' : 'le')) return is
  need(e, 'isNaN')
  return within ? `(!isNaN(${x}) && !${is})` : `(!isNaN(${x}))`
}

function conversion(e: Emission, from: ScalarType, to: ScalarType, x: string): string {
  const [source, target] = [valueType(e, from), valueType(e, to)]
  if (target === 'bool') return source === 'f32' ? `(!(${x} == 0.0f))` : `(${x} != ${source}(0))`
  if (source === 'u32' && target === 'f32') {
    need(e, 'fromU32')
    return `fromU32(${x})`
  }
  if (source !== 'f32' || target === 'f32') return `${target}(${x})`
  need(e, target === 'i32' ? 'toI32' : 'toU32')
  return target === 'i32' ? `toI32(${x})` : `toU32(${x})`
}
