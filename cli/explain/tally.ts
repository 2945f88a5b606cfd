/**
 * Tally: what a function costs, op by op.
 *
 *   op        calls   flops            bytes
 *   dot           2   203264*batch     …
 *   total         …
 *
 * Bytes are what each op reads and writes if nothing is fused: the upper bound that a compiler
 * starts from. Sizes with names stay polynomials.
 */
import { byteSize, type Dim, dimAdd, dimMul, dimProduct } from '../../lib/data/index.js'
import { interpreters } from '../../lib/interpret/index.js'
import type { Func, TensorType } from '../../lib/term/index.js'

export interface Entry {
  readonly op: string
  readonly calls: number
  readonly flops: Dim
  readonly bytes: Dim
}

export interface Tally {
  /** By op, the costliest first. */
  readonly entries: readonly Entry[]
  readonly total: Entry
}

export function tally(func: Func): Tally {
  const byOp = new Map<string, Entry>()
  let total: Entry = { op: 'total', calls: 0, flops: 0, bytes: 0 }
  for (const { op, args, outs, attrs } of func.nodes) {
    const { flops } = op.cost({ args, results: outs, attrs, interpret: interpreters })
    const bytes = [...args, ...outs].map(bytesOf).reduce(dimAdd, 0)
    const one: Entry = { op: op.name, calls: 1, flops, bytes }
    byOp.set(op.name, plus(byOp.get(op.name) ?? { ...one, calls: 0, flops: 0, bytes: 0 }, one))
    total = plus(total, one)
  }
  const weight = (entry: Entry) => magnitude(entry.flops)
  const entries = [...byOp.values()].sort(
    (a, b) => weight(b) - weight(a) || magnitude(b.bytes) - magnitude(a.bytes),
  )
  return { entries, total }
}

const plus = (a: Entry, b: Entry): Entry => ({
  op: a.op,
  calls: a.calls + b.calls,
  flops: dimAdd(a.flops, b.flops),
  bytes: dimAdd(a.bytes, b.bytes),
})

export const bytesOf = ({ dtype, shape }: TensorType): Dim =>
  dimMul(dimProduct(shape), byteSize[dtype])

/** How large a size is, for ordering only: a name counts as a hundred. */
function magnitude(dim: Dim): number {
  if (typeof dim === 'number') return dim
  return dim
    .split(/(?=[+-])/)
    .map((term) => term.split('*').map((f) => (/^[+-]?\d/.test(f) ? Number(f) : 100)))
    .reduce((total, factors) => total + factors.reduce((a, b) => a * b, 1), 0)
}

/** The tally as lines of columns. */
export function showTally({ entries, total }: Tally): readonly string[] {
  const rows = [
    ['op', 'calls', 'flops', 'bytes'],
    ...[...entries, total].map((e) => [e.op, String(e.calls), count(e.flops), count(e.bytes)]),
  ]
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '),
  )
}

/** A size, thousands apart where it is a number. */
export const count = (dim: Dim): string =>
  typeof dim === 'number' ? dim.toLocaleString('en-US') : dim
