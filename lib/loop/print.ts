/**
 * Kernels as text, line by line; each line keeps the statement that it shows.
 *
 *   kernel scale(x: read f32[n], y: write f32[n])
 *     parallel i in 0..n
 *       y[i] = x[i] · 2
 */
import type { Dim } from '../data/dim.js'
import { absurd } from '../data/error.js'
import type { BinaryOp, CompareOp, Expr } from './expression.js'
import type { Kernel } from './kernel.js'
import type { Block, Loop, Stmt } from './statement.js'
import { blocksOf } from './traverse.js'

export interface Line {
  readonly depth: number
  readonly text: string
  /** The statement that the line opens; absent for the kernel's own line and for `else`. */
  readonly statement?: Stmt
}

export function printKernel(kernel: Kernel): readonly Line[] {
  const counters = kernel.counters.map((c) => `${c.name} < ${c.below}`)
  const buffers = kernel.buffers.map(
    (b) => `${b.name}: ${b.access} ${b.dtype}${showShape(b.shape)}`,
  )
  return [
    { depth: 0, text: `kernel ${kernel.name}(${[...buffers, ...counters].join(', ')})` },
    ...printBlock(kernel.body, 1),
  ]
}

export const showLines = (lines: readonly Line[]): string =>
  lines.map((line) => `${'  '.repeat(line.depth)}${line.text}`).join('\n')

export const showKernel = (kernel: Kernel): string => showLines(printKernel(kernel))

export const showShape = (shape: readonly Dim[]): string => `[${shape.join(', ')}]`

function printBlock(block: Block, depth: number): readonly Line[] {
  return block.flatMap((s) => {
    const [first = [], second = []] = blocksOf(s)
    const opening = { depth, text: showStatement(s), statement: s }
    const lines = [opening, ...printBlock(first, depth + 1)]
    if (second.length === 0) return lines
    return [...lines, { depth, text: 'else' }, ...printBlock(second, depth + 1)]
  })
}

/** The first line of a statement. */
export function showStatement(s: Stmt): string {
  switch (s.tag) {
    case 'loop':
      return showLoop(s)
    case 'let':
      return `${s.name} = ${showExpr(s.value)}`
    case 'variable':
      return `var ${s.name}: ${s.initial.dtype} = ${showExpr(s.initial)}${
        s.combine === undefined ? '' : ` by ${s.combine}`
      }`
    case 'assign':
      return `${s.name} := ${showExpr(s.value)}`
    case 'accumulate':
      return `${s.name} ⊕= ${showExpr(s.value)}`
    case 'store':
      return `${showAccess(s.buffer, s.at)} = ${showExpr(s.value)}`
    case 'local':
      return `local ${s.name}: ${s.dtype}${showShape(s.shape)}`
    case 'if':
      return `if ${showExpr(s.condition)}`
    case 'while':
      return `while ${showExpr(s.condition)}`
    case 'touch':
      return `touch ${showAccess(s.buffer, s.at)} +${s.count}`
  }
  return absurd(s)
}

function showLoop(s: Loop): string {
  const width = s.width === 1 ? '' : `(${s.width})`
  const step = s.step === 1 ? '' : ` step ${s.step}`
  const over = s.spread === undefined ? '' : ` over ${s.spread}`
  return `${s.mode}${width} ${s.index} in ${showExpr(s.from)}..${showExpr(s.to)}${step}${over}`
}

const showAccess = (buffer: string, at: readonly Expr[]): string =>
  `${buffer}[${at.map((e) => showExpr(e)).join(', ')}]`

const infix: Readonly<Partial<Record<BinaryOp | CompareOp, readonly [string, number]>>> = {
  mul: ['·', 6],
  div: ['/', 6],
  rem: ['%', 6],
  add: ['+', 5],
  sub: ['-', 5],
  shl: ['<<', 4],
  shr: ['>>', 4],
  lt: ['<', 3],
  le: ['≤', 3],
  gt: ['>', 3],
  ge: ['≥', 3],
  eq: ['=', 3],
  ne: ['≠', 3],
  and: ['&', 2],
  xor: ['^', 2],
  or: ['|', 2],
}

/** An expression; parentheses only where precedence asks for them. */
export function showExpr(e: Expr, above = 0): string {
  switch (e.tag) {
    case 'constant':
      return Object.is(e.value, -0) ? '-0' : String(e.value)
    case 'size':
      return above > 4 && /[+-]/.test(String(e.dim)) ? `(${e.dim})` : String(e.dim)
    case 'variable':
      return e.name
    case 'load':
      return showAccess(e.buffer, e.at)
    case 'unary':
      return call(e.op, e.x)
    case 'convert':
      return call(e.dtype, e.x)
    case 'reinterpret':
      return call(`bits.${e.dtype}`, e.x)
    case 'select':
      return call('select', e.condition, e.yes, e.no)
    case 'fma':
      return call('fma', e.x, e.y, e.z)
    case 'binary':
    case 'compare': {
      const [sign, level] = infix[e.op] ?? []
      if (sign === undefined || level === undefined) return call(e.op, e.x, e.y)
      const text = `${showExpr(e.x, level)} ${sign} ${showExpr(e.y, level + 1)}`
      return above > level ? `(${text})` : text
    }
  }
  return absurd(e)
}

const call = (name: string, ...xs: readonly Expr[]): string =>
  `${name}(${xs.map((x) => showExpr(x)).join(', ')})`
