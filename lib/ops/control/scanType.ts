/**
 * The form of a scan: its attributes and its type rule, with errors in words.
 */
import { type Dim, fail } from '../../data/index.js'
import { type Attrs, type Func, showType, type TensorType } from '../../term/index.js'
import { needFlag, needInteger } from '../attributes.js'
import { needFunc, sameType, stacked } from './body.js'

export interface ScanAttrs {
  readonly body: Func
  /** How many arguments are the same at each step. */
  readonly consts: number
  readonly carry: number
  readonly length: Dim
  /** From the last row to the first; ys keep the rows' places. */
  readonly reverse: boolean
}

/** The attributes, checked: a printed program may hold others. */
export const scanAttrs = (attrs: Attrs): ScanAttrs => ({
  body: needFunc('scan', attrs, 'body'),
  consts: needInteger('scan', attrs, 'consts'),
  carry: needInteger('scan', attrs, 'carry'),
  length: needSize('scan', attrs, 'length'),
  reverse: needFlag('scan', attrs, 'reverse', false),
})

/** A size: a whole number, or a polynomial of named ones. */
export function needSize(op: string, attrs: Attrs, key: string): Dim {
  const value = attrs[key]
  if (typeof value === 'string' && value !== '') return value
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value
  const what = `attribute '${key}' is ${JSON.stringify(value) ?? 'missing'}`
  return fail({ code: 'attribute', where: op, what, expected: 'a size' })
}

export function scanType(args: readonly TensorType[], a: ScanAttrs): readonly TensorType[] {
  const { body, consts, carry, length } = a
  checkArguments('scan', args.length, body)
  checkCarryCount('scan', carry, Math.min(carry, body.results.length))
  const roles = ['const', 'carry', 'xs']
  args.forEach((arg, i) => {
    const role = i < consts ? 0 : i < consts + carry ? 1 : 2
    const expected = role === 2 ? stacked(body.params[i], length) : body.params[i]
    if (sameType(arg, expected)) return
    const what = `${roles[role]} ${i - [0, consts, consts + carry][role]} is ${showType(arg)}`
    fail({ code: 'shape', where: 'scan', what, expected: showType(expected) })
  })
  body.results.slice(0, carry).forEach((result, i) => {
    checkCarry('scan', i, body.params[consts + i], result)
  })
  return body.results.map((r, i) => (i < carry ? r : stacked(r, length)))
}

/** Fails unless a body takes as many arguments as there are. */
export function checkArguments(op: string, given: number, body: Func): void {
  if (given === body.params.length) return
  const what = `${given} arguments for a body of ${body.params.length} parameters`
  fail({ code: 'input', where: op, what })
}

/** Fails where a carry does not keep its type from step to step. */
export function checkCarry(op: string, i: number, start: TensorType, next: TensorType): void {
  if (sameType(start, next)) return
  const dtypes = start.dtype !== next.dtype
  fail({
    code: dtypes ? 'dtype' : 'shape',
    where: op,
    what: `carry ${i} starts as ${showType(start)} and the body gives ${showType(next)}`,
    expected: 'the same type at each step',
    fix: dtypes
      ? `Convert one: convert(x, '${start.dtype}')`
      : 'Start from an array of the shape that the body gives, or reshape its result',
  })
}

/** Fails where the body gives more or fewer carries than the loop starts from. */
export function checkCarryCount(op: string, expected: number, given: number): void {
  if (given === expected) return
  fail({
    code: 'input',
    where: op,
    what: `the body gives ${given} carries`,
    expected: `${expected}, as many as it starts from`,
  })
}
