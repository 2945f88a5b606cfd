/**
 * Control flow that stays in the program, on trees of tensors.
 *
 *   cond(gt(x, 0), () => sqrt(x), () => neg(x))
 *   scan(h0, xs, (h, x) => [next, y])            → [last h, stacked y]
 *   whileLoop({ i, x }, ({ i }) => lt(i, 10), ({ i, x }) => ({ i: add(i, 1), x: cos(x) }))
 *
 * Bodies are traced once and may use tensors from around them. A carry keeps its structure, shapes
 * and dtypes from step to step.
 */
import { type Dim, fail, isDimName } from '../data/index.js'
import {
  cond as condTerms,
  convert,
  forLoop as forTerms,
  associativeScan as prefixTerms,
  scalar,
  scan as scanTerms,
  switchCase as switchTerms,
  whileLoop as whileTerms,
} from '../ops/index.js'
import { isTerm, type Term } from '../term/index.js'
import { listed, located } from './call.js'
import { termKind } from './fn.js'
import { flag, type Options, size } from './options.js'
import { describe, flatten, flattenAs, type Structure, unflatten } from './tree.js'
import { mapRows } from './vmap.js'

type Body = (...trees: readonly unknown[]) => unknown

/** One of two branches runs, on the operands. */
export function condOf(predicate: unknown, then: Body, otherwise: Body, ...operands: unknown[]) {
  const p = needTensor('cond', 'the predicate', predicate)
  const branch = branches('cond', operands)
  const run = () => condTerms(p, branch.of(then), branch.of(otherwise), branch.leaves)
  return branch.result(listed(located([p, ...branch.leaves], run)))
}

/** The branch of an index, clamped to the branches, runs on the operands. */
export function switchCaseOf(index: unknown, cases: readonly Body[], ...operands: unknown[]) {
  const i = typeof index === 'number' ? scalar(index, 'i32') : index
  const branch = branches('switchCase', operands)
  const at = needTensor('switchCase', 'the index', i)
  const run = () => switchTerms(at, cases.map(branch.of), branch.leaves)
  return branch.result(listed(located([at, ...branch.leaves], run)))
}

/** Repeats the body while the condition holds. */
export function whileLoopOf(
  init: unknown,
  condition: Body,
  body: Body,
  options: { readonly maxSteps?: Dim } = {},
) {
  const carry = carried('whileLoop', init)
  const outs = located(carry.leaves, () =>
    whileTerms(
      (terms) => needTensor('whileLoop', 'the condition', condition(carry.tree(terms))),
      (terms) => carry.next(body(carry.tree(terms))),
      carry.leaves,
      options,
    ),
  )
  return carry.tree(listed(outs))
}

/**
 * Repeats the body for i = 0, 1, … below the count: a size, or a tensor that the program computes.
 */
export function forLoopOf(count: unknown, init: unknown, body: Body) {
  const carry = carried('forLoop', init)
  const limit = isTerm(count) ? convert(count, 'i32') : needSize(count)
  const step = (i: Term, terms: readonly Term[]) => carry.next(body(i, carry.tree(terms)))
  return carry.tree(listed(located(carry.leaves, () => forTerms(limit, step, carry.leaves))))
}

function needSize(count: unknown): Dim {
  const isSize = typeof count === 'number' && Number.isInteger(count) && count >= 0
  if (isSize || (typeof count === 'string' && isDimName(count))) return count
  return fail({
    code: 'attribute',
    where: 'forLoop',
    what: `the count is ${describe(count)}`,
    expected: 'a whole number from 0, a named size, or an integer tensor',
  })
}

export interface ScanOptions {
  readonly length?: Dim
  readonly reverse?: boolean
}

export const scanOptions: Options<ScanOptions> = { length: size, reverse: flag }
export const associativeScanOptions: Options<{ readonly reverse?: boolean }> = { reverse: flag }
export const whileOptions: Options<{ readonly maxSteps?: Dim }> = { maxSteps: size }

/** Carries values over the rows of sequences; stacks what each step gives. */
export function scanOf(init: unknown, xs: unknown, body: Body, options: ScanOptions = {}) {
  const carry = carried('scan', init)
  const rows = xs === null ? empty : flatten(xs, termKind, 'scan: the sequences')
  let output: Structure | null = null
  const step = (terms: readonly Term[], row: readonly Term[]) => {
    const answer = body(carry.tree(terms), xs === null ? null : unflatten(rows.structure, row))
    if (!Array.isArray(answer) || answer.length !== 2) {
      return fail({
        code: 'input',
        where: 'scan',
        what: `the body gives ${describe(answer)}`,
        expected: '[carry, y], y being null where there is nothing to stack',
      })
    }
    const y = answer[1] === null ? null : flatten(answer[1], termKind, 'scan: the stacked result')
    output = y === null ? null : y.structure
    return { carry: carry.next(answer[0]), ys: y === null ? [] : y.leaves }
  }
  const outs = located([...carry.leaves, ...rows.leaves], () => {
    const { carry: last, ys } = scanTerms(step, carry.leaves, rows.leaves, options)
    return [...last, ...ys]
  })
  const count = carry.leaves.length
  const [last, ys] = [listed(outs).slice(0, count), listed(outs).slice(count)]
  return [carry.tree(last), output === null ? null : unflatten(output, ys)]
}

/** A function of each row, one row after another; results are stacked. */
export function mapOf(xs: unknown, f: Body) {
  const [, ys] = scanOf([], xs, (_, row) => [[], f(row)])
  return ys
}

/** All prefixes under an associative operation on rows. */
export function associativeScanOf(
  xs: unknown,
  combine: Body,
  options: { readonly reverse?: boolean } = {},
) {
  const rows = carried('associativeScan', xs)
  const pairs = (a: readonly Term[], b: readonly Term[]) =>
    mapRows('combine', [...a, ...b], (row) => {
      const [one, two] = [row.slice(0, a.length), row.slice(a.length)]
      return rows.next(combine(rows.tree(one), rows.tree(two)))
    })
  return rows.tree(prefixTerms(pairs, rows.leaves, options))
}

const empty = { leaves: [] as readonly Term[], structure: { tag: 'tuple', items: [] } as Structure }

/** Branches over the same operands, all with results of one structure. */
function branches(where: string, operands: readonly unknown[]) {
  const { leaves, structure } = flatten(operands, termKind, `${where}: the operands`)
  let output: Structure | undefined
  return {
    leaves,
    of:
      (branch: Body) =>
      (terms: readonly Term[]): readonly Term[] => {
        const result = branch(...(unflatten(structure, terms) as readonly unknown[])) // a tuple
        if (output !== undefined) {
          return flattenAs(output, result, termKind, `${where}: the branches differ`)
        }
        const first = flatten(result, termKind, `${where}: the result of a branch`)
        output = first.structure
        return first.leaves
      },
    result: (outs: readonly Term[]) => unflatten(output ?? empty.structure, outs),
  }
}

/** A carry, between its tree and its terms. */
function carried(where: string, init: unknown) {
  const { leaves, structure } = flatten(init, termKind, `${where}: the initial carry`)
  return {
    leaves,
    tree: (terms: readonly Term[]) => unflatten(structure, terms),
    next: (tree: unknown) => flattenAs(structure, tree, termKind, `${where}: the next carry`),
  }
}

function needTensor(where: string, noun: string, x: unknown): Term {
  if (isTerm(x)) return x
  return fail({ code: 'input', where, what: `${noun} is ${describe(x)}`, expected: 'a tensor' })
}
