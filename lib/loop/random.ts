/**
 * Random kernels from a seed, for laws: every operation and dtype, loads of every kind, reductions.
 *
 * Values are chosen so that results do not depend on the order of a reduction: sums are over whole
 * numbers. So an emitter or a schedule must agree with the interpreter to the last bit.
 */
import { dimProduct, dimValue } from '../data/dim.js'
import type { TypedArray } from '../data/dtype.js'
import { allocate } from '../data/dtype.js'
import {
  add,
  type BinaryOp,
  binary,
  clampIndex,
  compare,
  constant,
  convert,
  copysign,
  type Expr,
  elementOf,
  fma,
  load,
  reinterpret,
  type ScalarType,
  type StorageType,
  select,
  size,
  sub,
  unary,
  variable,
} from './expression.js'
import { type BufferParameter, input, type Kernel, kernel, output } from './kernel.js'
import {
  accumulate,
  accumulator,
  type Block,
  bind,
  type Combine,
  identityOf,
  parallel,
  type Stmt,
  sequential,
  store,
} from './statement.js'

/** Numbers in [0, 1) from a seed, by Mulberry32. */
export function randomSource(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const storageTypes = ['f32', 'f64', 'i32', 'u32', 'bool'] as const
type Kept = (typeof storageTypes)[number]
/** All but f64, for targets without it. */
export const narrowTypes: readonly Kept[] = ['f32', 'i32', 'u32', 'bool']

interface Choice {
  readonly below: (n: number) => number
  readonly of: <A>(items: readonly A[]) => A
  readonly i: Expr
  readonly j: Expr
  readonly lets: readonly { readonly name: string; readonly dtype: ScalarType }[]
  readonly types: readonly Kept[]
}

/** A kernel over [n, m] inputs `x_f32` …: elementwise outputs and row reductions. */
export function randomKernel(seed: number, types: readonly Kept[] = storageTypes): Kernel {
  const next = randomSource(seed)
  const below = (n: number): number => Math.floor(next() * n)
  const of = <A>(items: readonly A[]): A => items[below(items.length)] as A // never empty here
  const inputs = [
    ...types.map((dtype) => input(`x_${dtype}`, dtype, ['n', 'm'])),
    ...types.map((dtype) => input(`z_${dtype}`, dtype, ['n', 'm'])),
  ]
  const outputs: BufferParameter[] = []
  const elementwise = (i: Expr, j: Expr): Block => {
    const lets: { name: string; dtype: ScalarType }[] = []
    const body: Stmt[] = []
    for (let k = below(3); k > 0; k--) {
      const dtype = of(types)
      body.push(bind(`v${lets.length}`, randomExpr({ below, of, i, j, lets, types }, dtype, 3)))
      lets.push({ name: `v${lets.length}`, dtype })
    }
    for (let k = 1 + below(2); k > 0; k--) {
      const dtype = of(types)
      const name = `y${outputs.length}`
      outputs.push(output(name, dtype, ['n', 'm']))
      body.push(store(name, [i, j], randomExpr({ below, of, i, j, lets, types }, dtype, 4)))
    }
    return body
  }
  const reduction = (i: Expr): Block => {
    const dtype = of(types.filter((t) => t !== 'bool'))
    const combine = of<Combine>(['add', 'min', 'max'])
    const name = `s${outputs.length}`
    const y = `y${outputs.length}`
    outputs.push(output(y, dtype, ['n']))
    const start = constant(dtype, identityOf(combine, dtype))
    return [
      accumulator(name, combine, combine === 'add' ? constant(dtype, 0) : start),
      sequential(`${name}_k`, 'm', (k) => [
        accumulate(name, wholeValue({ below, of, i, j: k, lets: [], types }, dtype)),
      ]),
      store(y, [i], add(variable(name, dtype), 1)),
    ]
  }
  const kind = below(3)
  const body = [
    parallel('i', 'n', (i) => [
      ...(kind > 0 ? reduction(i) : []),
      ...(kind !== 1 ? [parallel('j', 'm', (j) => elementwise(i, j))] : []),
    ]),
  ]
  return kernel(`random${seed}`, { buffers: [...inputs, ...outputs], body })
}

/** Inputs for a random kernel, outputs of zeros. */
export function randomArrays(
  k: Kernel,
  sizes: Readonly<Record<string, number>>,
  seed: number,
): Record<string, TypedArray> {
  const next = randomSource(seed)
  const arrays: Record<string, TypedArray> = {}
  for (const b of k.buffers) {
    const count = dimValue(dimProduct(b.shape), sizes)
    const data = allocate(b.dtype, count)
    if (b.access !== 'write') {
      for (let i = 0; i < count; i++) {
        const whole = Math.floor(next() * 41) - 20
        if (b.name.startsWith('z_')) data[i] = hardValue(elementOf(b.dtype), next)
        else data[i] = b.dtype === 'bool' ? whole & 1 : b.dtype === 'u32' ? Math.abs(whole) : whole
      }
    }
    arrays[b.name] = data
  }
  return arrays
}

const hard = [
  0,
  -0,
  0.5,
  -0.5,
  1.5,
  2.5,
  1e-40,
  1e10,
  -3e9,
  2 ** 31,
  Infinity,
  -Infinity,
  Number.NaN,
]

/** Halves, zeros of both signs, what does not fit an integer, what is not a number; all bits. */
function hardValue(dtype: StorageType, next: () => number): number {
  if (dtype === 'bool') return next() < 0.5 ? 0 : 1
  if (dtype !== 'f32' && dtype !== 'f64') return Math.floor(next() * 2 ** 32)
  const known = hard[Math.floor(next() * 2 * hard.length)]
  return known ?? (next() - 0.5) * 10 ** Math.floor(next() * 20 - 10)
}

/** Whole and small, so that sums are exact in every order. */
const wholeValue = (c: Choice, dtype: StorageType): Expr => {
  const x = randomLoad(c, `x_${dtype}`, dtype)
  return c.below(2) === 0 ? x : binary('mul', x, randomLoad(c, `x_${dtype}`, dtype))
}

function randomLoad(c: Choice, buffer: string, dtype: StorageType): Expr {
  const { i, j } = c
  const reversed = sub(sub(size('m'), 1), j)
  const gathered = clampIndex(load('x_i32', 'i32', [i, j]), 'm')
  const column = c.of([j, j, j, size(0), reversed, gathered, c.of([j, clampIndex(i, 'm')])])
  const row = c.of([i, i, i, size(0), clampIndex(j, 'n')])
  return load(buffer, dtype, [row, column])
}

function randomExpr(c: Choice, dtype: ScalarType, depth: number): Expr {
  const again = (t: ScalarType): Expr => randomExpr(c, t, depth - 1)
  if (dtype === 'i64') return reinterpret('i64', again('f64'))
  if (depth <= 0) {
    const known = c.lets.filter((l) => l.dtype === dtype)
    if (known.length > 0 && c.below(2) === 0) return variable(c.of(known).name, dtype)
    if (c.below(3) === 0) return constant(dtype, dtype === 'bool' ? c.below(2) : c.below(7))
    return randomLoad(c, `${c.of(['x', 'z'])}_${dtype}`, dtype)
  }
  if (c.below(6) === 0) return select(again('bool'), again(dtype), again(dtype))
  if (dtype === 'bool') {
    if (c.below(4) === 0) return unary('not', again('bool'))
    if (c.below(3) === 0) return binary(c.of(['and', 'or', 'xor']), again('bool'), again('bool'))
    const of = c.of<ScalarType>(c.types.filter((t) => t !== 'bool'))
    return compare(c.of(['eq', 'ne', 'lt', 'le', 'gt', 'ge']), again(of), again(of))
  }
  if (c.below(4) === 0) return convert(dtype, again(c.of(c.types)))
  if (dtype === 'f32' || dtype === 'f64') return randomFloat(c, dtype, again)
  return randomWhole(c, dtype, again)
}

function randomFloat(c: Choice, dtype: 'f32' | 'f64', again: (t: ScalarType) => Expr): Expr {
  const x = again(dtype)
  if (c.below(4) === 0) {
    return unary(c.of(['neg', 'abs', 'sqrt', 'floor', 'ceil', 'trunc', 'nearest']), x)
  }
  if (c.below(8) === 0) return fma(x, again(dtype), again(dtype))
  if (c.below(10) === 0) return copysign(x, randomLoad(c, `x_${dtype}`, dtype))
  if (c.below(12) === 0) {
    if (dtype === 'f32') return reinterpret('f32', binary('and', reinterpret('i32', x), 0x7fffffff))
    const bits = binary('shl', binary('shr', reinterpret('i64', x), 12), 12)
    return reinterpret('f64', bits)
  }
  return binary(c.of<BinaryOp>(['add', 'sub', 'mul', 'div', 'min', 'max']), x, again(dtype))
}

function randomWhole(c: Choice, dtype: 'i32' | 'u32', again: (t: ScalarType) => Expr): Expr {
  const x = again(dtype)
  if (c.below(6) === 0) {
    return unary(c.of(dtype === 'i32' ? ['neg', 'abs', 'not'] : ['neg', 'not']), x)
  }
  if (c.below(6) === 0) return binary(c.of(['shl', 'shr']), x, c.below(32))
  const ops: readonly BinaryOp[] = ['add', 'sub', 'mul', 'min', 'max', 'and', 'or', 'xor']
  return binary(c.of([...ops, ...ops, 'div', 'rem', 'shl', 'shr']), x, again(dtype))
}
