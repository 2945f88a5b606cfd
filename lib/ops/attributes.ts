/**
 * Reading attributes that come from outside (case files, printed programs): each a clear error.
 */
import { type Dim, type DType, fail, isDimName, isDType } from '../data/index.js'
import { type Attrs, isTerm, type Term } from '../term/index.js'

/** What is built from attributes each of which is read: one that nothing asks for is an error. */
export function readingAll<Built>(op: string, attrs: Attrs, build: (attrs: Attrs) => Built): Built {
  const read = new Set<string>()
  const watched = new Proxy(attrs, {
    get: (target, key) => {
      if (typeof key === 'string') read.add(key)
      return Reflect.get(target, key)
    },
  })
  const built = build(watched)
  const unread = Object.keys(attrs).find((key) => !read.has(key))
  if (unread === undefined) return built
  const expected = [...read].map((key) => `'${key}'`).join(', ')
  return fail({
    code: 'input',
    where: op,
    what: `there is no attribute '${unread}'`,
    expected: expected === '' ? 'none' : `one of ${expected}`,
  })
}

/** The argument as a tensor. */
export const needTerm = (op: string, x: unknown): Term =>
  isTerm(x)
    ? x
    : fail({
        code: 'input',
        where: op,
        what: x === undefined ? 'an argument is missing' : `${String(x)} is not a tensor`,
      })

export const needDType = (op: string, attrs: Attrs, key = 'dtype'): DType => {
  const value = attrs[key]
  return typeof value === 'string' && isDType(value) ? value : wrong(op, attrs, key, 'a dtype')
}

export const needInteger = (op: string, attrs: Attrs, key: string, otherwise?: number): number => {
  const value = attrs[key] ?? otherwise
  return typeof value === 'number' && Number.isInteger(value)
    ? value
    : wrong(op, attrs, key, 'a whole number')
}

export const needNumber = (op: string, attrs: Attrs, key: string, otherwise?: number): number => {
  const value = attrs[key] ?? otherwise
  return typeof value === 'number' ? value : wrong(op, attrs, key, 'a number')
}

export const needFlag = (op: string, attrs: Attrs, key: string, otherwise: boolean): boolean => {
  const value = attrs[key] ?? otherwise
  return typeof value === 'boolean' ? value : wrong(op, attrs, key, 'true or false')
}

export const needText = (op: string, attrs: Attrs, key: string, otherwise?: string): string => {
  const value = attrs[key] ?? otherwise
  return typeof value === 'string' ? value : wrong(op, attrs, key, 'a string')
}

/** A size: a whole number (−1 where the op reads it) or a name. */
export const needDim = (op: string, attrs: Attrs, key: string): Dim => {
  const value = attrs[key]
  return isDim(value) ? value : wrong(op, attrs, key, 'a size')
}

export const needDims = (op: string, attrs: Attrs, key: string): readonly Dim[] => {
  const value = attrs[key]
  return Array.isArray(value) && value.every(isDim) ? value : wrong(op, attrs, key, 'sizes')
}

export const needIntegers = (
  op: string,
  attrs: Attrs,
  key: string,
  otherwise?: readonly number[],
): readonly number[] => {
  const value = attrs[key] ?? otherwise
  return Array.isArray(value) && value.every((v) => Number.isInteger(v))
    ? value
    : wrong(op, attrs, key, 'whole numbers')
}

export const needNumbers = (op: string, attrs: Attrs, key: string): readonly number[] => {
  const value = attrs[key]
  return Array.isArray(value) && value.every((v) => typeof v === 'number' || typeof v === 'boolean')
    ? value.map(Number)
    : wrong(op, attrs, key, 'numbers')
}

export const needSizes = (op: string, attrs: Attrs, key = 'shape'): readonly number[] => {
  const value = needIntegers(op, attrs, key)
  return value.every((v) => v >= 0) ? value : wrong(op, attrs, key, 'sizes that are not negative')
}

const isDim = (value: unknown): value is Dim =>
  typeof value === 'number'
    ? Number.isInteger(value) && value >= -1
    : typeof value === 'string' && isDimName(value)

function wrong(op: string, attrs: Attrs, key: string, expected: string): never {
  return fail({
    code: 'attribute',
    where: op,
    what: `attribute '${key}' is ${JSON.stringify(attrs[key]) ?? 'missing'}`,
    expected,
  })
}
