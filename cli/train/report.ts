/**
 * What training prints: progress, the confusion matrix, and what was compiled.
 */
import type { Description } from '../../backends/backend.js'
import { dimValue } from '../../lib/data/index.js'
import { type Closure, closureOf } from '../../lib/lang/index.js'
import { count, tally } from '../explain/tally.js'
import { classes } from './digits.js'

export interface Progress {
  readonly epoch: number
  readonly epochs: number
  /** Of the examples of this epoch. */
  readonly done: number
  readonly total: number
  /** Means over the epoch so far. */
  readonly loss: number
  readonly accuracy: number
  readonly perSecond: number
}

/** `epoch 2/8  ━━━━━━──────  loss 0.1234  accuracy 96.31 %  12,345 examples/s` */
export function progressLine(p: Progress): string {
  const width = 24
  const filled = Math.round((width * p.done) / p.total)
  const bar = '━'.repeat(filled) + '─'.repeat(width - filled)
  const epoch = `epoch ${String(p.epoch).padStart(String(p.epochs).length)}/${p.epochs}`
  const rate = Math.round(p.perSecond).toLocaleString('en-US')
  return `${epoch}  ${bar}  loss ${p.loss.toFixed(4)}  accuracy ${percent(p.accuracy)}  ${rate} examples/s`
}

export const percent = (x: number): string => `${(100 * x).toFixed(2)} %`

/** Rows are what the digits are, columns what they were taken for. */
export function confusion(labels: Int32Array, predicted: ArrayLike<number>): string {
  const table = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  labels.forEach((label, i) => {
    table[label][predicted[i]]++
  })
  const cell = (x: number | string) => String(x).padStart(5)
  const head = `is ↓ as →${Array.from({ length: classes }, (_, d) => cell(d)).join('')}`
  const rows = table.map(
    (row, digit) => `${cell(digit)}    ${row.map((n) => cell(n === 0 ? '·' : n)).join('')}`,
  )
  return [head, ...rows].join('\n')
}

/** The size of the program, and the work of one step at a batch size. */
export function compiledLines(f: unknown, batch: number, description: Description): string {
  const { func, name }: Closure = closureOf(f, 'train')
  const { entries, total } = tally(func)
  const at = (dim: number | string) => count(dimValue(dim, { batch }))
  const kinds = entries.map((e) => `${e.op}${e.calls > 1 ? ` ×${e.calls}` : ''}`).join(', ')
  const peak = description.peakBytes
  return [
    `compiled '${name}': ${func.nodes.length} ops, ${func.params.length} inputs, ${func.results.length} results`,
    `  ops: ${kinds}`,
    `  a step of ${batch} examples: ${at(total.flops)} flops, ${at(total.bytes)} bytes read and written`,
    ...(peak === undefined ? [] : [`  peak memory: ${count(peak)} bytes`]),
    `  compilations: ${description.compilations.length}`,
  ].join('\n')
}
