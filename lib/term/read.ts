/**
 * Reads the small parts of the printed form: types, literal arrays, attribute values.
 */
import {
  arrayFrom,
  type Dim,
  type DType,
  dimSubstitute,
  isDType,
  type NDArray,
  roundTo,
  sizeOf,
} from '../data/index.js'
import { parseError, type Token } from './lex.js'
import { found, type Reader } from './reader.js'
import type { TensorType } from './term.js'

/** `f32[b, 2*b+3]`; the brackets of a scalar may be left out. */
export function readType(reader: Reader): TensorType {
  const dtype = readDType(reader)
  return { dtype, shape: reader.skip('[') ? readShape(reader) : [] }
}

function readDType(reader: Reader): DType {
  const token = reader.peek()
  return token.kind === 'word' && isDType(token.text)
    ? (reader.next().text as DType) // by the check of this line
    : parseError(token, found(token), 'a dtype')
}

function readShape(reader: Reader): readonly Dim[] {
  const shape: Dim[] = []
  while (!reader.skip(']')) {
    shape.push(readDim(reader))
    if (!reader.isSign(']')) reader.expect(',')
  }
  return shape
}

/** A size is the text up to the next comma or bracket outside parentheses. */
function readDim(reader: Reader): Dim {
  const start = reader.peek()
  let depth = 0
  let text = ''
  for (let token = start; ; token = reader.peek()) {
    if (token.kind === 'end') return parseError(token, 'the text ends within a shape', "']'")
    if (depth === 0 && (reader.isSign(',') || reader.isSign(']'))) break
    if (reader.isSign('(')) depth++
    if (reader.isSign(')')) depth--
    text += reader.next().text
  }
  if (/^\d+$/.test(text)) return Number(text)
  return isCanonical(text) ? text : parseError(start, `'${text}'`, 'a size, as sizes are written')
}

/** Sizes are equal iff their texts are; a text that is written otherwise would equal nothing. */
function isCanonical(text: string): boolean {
  if (!/^-?[\w(][\w()+*/-]*$/.test(text) || !/[A-Za-z_]/.test(text)) return false
  try {
    return dimSubstitute(text, {}) === text
  } catch {
    return false // no size at all
  }
}

/** Whether a literal array comes next: only they begin with a dtype. */
export const startsLiteral = (reader: Reader): boolean =>
  reader.peek().kind === 'word' && isDType(reader.peek().text)

export interface Literal {
  readonly value: NDArray
  /** The shape that the scalar value is broadcast to, for `f32[3](...0)`. */
  readonly shape: readonly Dim[] | undefined
}

/** `f32[2](1, 2)` or `f32[b](...0)`. */
export function readLiteral(reader: Reader): Literal {
  const start = reader.peek()
  const { dtype, shape } = readType(reader)
  reader.expect('(')
  const spread = reader.skip('...')
  const numbers: number[] = []
  while (!reader.skip(')')) {
    numbers.push(readNumber(reader, dtype))
    if (!reader.isSign(')')) reader.expect(',')
  }
  const dims = spread ? [] : shape.filter((d) => typeof d === 'number')
  if ((!spread && dims.length < shape.length) || sizeOf(dims) !== numbers.length) {
    const expected = spread ? '1 number' : `${shape.join(' × ')} numbers`
    parseError(start, `${numbers.length} numbers for ${dtype}[${shape.join(', ')}]`, expected)
  }
  const value = arrayFrom(dtype, dims, numbers, (x) => roundTo(dtype, x))
  return { value, shape: spread ? shape : undefined }
}

function readNumber(reader: Reader, dtype: DType): number {
  const token = reader.next()
  if (dtype === 'bool' && (token.text === 'true' || token.text === 'false')) {
    return Number(token.text === 'true')
  }
  if (token.kind === 'number') return Number(token.text)
  const abbreviated = token.text === '…'
  return parseError(
    token,
    abbreviated ? 'the literal is abbreviated' : found(token),
    abbreviated ? 'all its elements' : 'a number',
  )
}

/** An attribute value: number, string, flag, null, list, record, literal array, function. */
export function readValue(reader: Reader): unknown {
  const token = reader.peek()
  if (startsLiteral(reader)) return readWhole(reader, token)
  if (token.kind === 'number') return Number(reader.next().text)
  if (token.kind === 'text') return reader.next().text
  if (token.kind === 'word' && token.text === 'fn') return reader.readFunc()
  if (token.kind === 'word' && words.has(token.text)) return words.get(reader.next().text)
  if (reader.skip('[')) return readList(reader)
  if (reader.skip('{')) return readRecord(reader)
  if (token.text === '<') return parseError(token, 'a value that has no text form')
  return parseError(token, found(token), 'a value')
}

const words: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
])

function readWhole(reader: Reader, token: Token): NDArray {
  const { value, shape } = readLiteral(reader)
  return shape === undefined ? value : parseError(token, "'...' in an attribute", 'all elements')
}

/** Commas may be left out where a line ends. */
function readList(reader: Reader): readonly unknown[] {
  const items: unknown[] = []
  while (!reader.skip(']')) {
    items.push(readValue(reader))
    reader.skip(',')
  }
  return items
}

function readRecord(reader: Reader): Readonly<Record<string, unknown>> {
  const fields: [string, unknown][] = []
  while (!reader.skip('}')) {
    const key = reader.peek()
    if (key.kind !== 'word' && key.kind !== 'text') parseError(key, found(key), 'a field')
    reader.next()
    reader.expect(':')
    fields.push([key.text, readValue(reader)])
    reader.skip(',')
  }
  return Object.fromEntries(fields)
}
