/**
 * The meaning of a kernel: one element at a time, every index checked.
 *
 * Slow and obvious; every schedule and every emitter is tested against it. Independent iterations
 * may be walked backwards, which must not change a result. Reading an element of a local buffer
 * that was not written is an error, like an index out of bounds.
 */

import { type Dim, dimValue, type Sizes } from '../data/dim.js'
import { allocate, roundToHalf, type TypedArray } from '../data/dtype.js'
import { absurd, fail, invariant } from '../data/error.js'
import { combineValues, evaluateExpr, type Scope, type Value, wrap } from './evaluate.js'
import type { BufferType, Expr } from './expression.js'
import type { Kernel } from './kernel.js'
import type { Block, Combine, Loop, Stmt } from './statement.js'

export interface KernelRun {
  /** Named sizes and counters. */
  readonly sizes: Sizes
  /** One array a buffer, row-major; those of `write` and `update` buffers are changed. */
  readonly buffers: Readonly<Record<string, TypedArray>>
  /** The order in which independent iterations run. */
  readonly order?: 'forward' | 'backward'
}

interface Storage {
  readonly dtype: BufferType
  readonly shape: readonly number[]
  readonly data: TypedArray
  /** Which elements hold a value; absent where all do. */
  readonly written?: Uint8Array
}

interface State extends Scope {
  readonly storage: Map<string, Storage>
  readonly values: Map<string, Value>
  readonly combines: Map<string, Combine | undefined>
  readonly backward: boolean
  readonly kernel: Kernel
}

export function interpretKernel(kernel: Kernel, run: KernelRun): void {
  runBlock(kernel.body, start(kernel, run))
}

function start(kernel: Kernel, run: KernelRun): State {
  const size = memoSizes(run.sizes)
  const storage = new Map<string, Storage>()
  for (const b of kernel.buffers) {
    const data = run.buffers[b.name]
    const shape = b.shape.map(size)
    const count = shape.reduce((acc, n) => acc * n, 1)
    if (data === undefined || data.length !== count) {
      fail({
        code: 'input',
        where: `kernel ${kernel.name}`,
        what: `buffer '${b.name}' is given ${data?.length ?? 'no'} elements`,
        expected: `${count} for [${shape}]`,
      })
    }
    storage.set(b.name, { dtype: b.dtype, shape, data })
  }
  const values = new Map<string, Value>(kernel.counters.map((c) => [c.name, size(c.name)]))
  return {
    kernel,
    storage,
    values,
    combines: new Map(),
    backward: run.order === 'backward',
    size,
    variable: (name) => {
      const value = values.get(name)
      invariant(value !== undefined, `kernel ${kernel.name}: '${name}' is read before it is set`)
      return value
    },
    load: (buffer, at) => {
      const { data, written } = find(storage, buffer, kernel)
      // A read clamped to an empty axis: a condition throws its value away.
      if (data.length === 0) return 0
      const offset = flatten(kernel, storage, buffer, at)
      if (written?.[offset] === 0) outside(kernel, buffer, at, 'an element that was written')
      return data[offset] as number
    },
  }
}

function memoSizes(sizes: Sizes): (dim: Dim) => number {
  const known = new Map<Dim, number>()
  return (dim) => {
    const value = known.get(dim) ?? dimValue(dim, sizes)
    known.set(dim, value)
    return value
  }
}

function runBlock(block: Block, state: State): void {
  for (const s of block) runStatement(s, state)
}

function runStatement(s: Stmt, state: State): void {
  const { values, kernel } = state
  const whole = (e: Expr): number => Number(evaluateExpr(e, state))
  switch (s.tag) {
    case 'loop':
      runLoop(s, whole(s.from), whole(s.to), state)
      return
    case 'let':
    case 'assign':
      values.set(s.name, evaluateExpr(s.value, state))
      return
    case 'variable':
      values.set(s.name, evaluateExpr(s.initial, state))
      state.combines.set(s.name, s.combine)
      return
    case 'accumulate': {
      const combine = state.combines.get(s.name)
      invariant(combine !== undefined, `'${s.name}' accumulates without a way to combine`)
      const next = combineValues(
        combine,
        s.value.dtype,
        state.variable(s.name),
        evaluateExpr(s.value, state),
      )
      values.set(s.name, next)
      return
    }
    case 'store': {
      const target = find(state.storage, s.buffer, kernel)
      const offset = flatten(kernel, state.storage, s.buffer, s.at.map(whole))
      const value = Number(wrap(s.value.dtype, evaluateExpr(s.value, state)))
      target.data[offset] = target.dtype === 'f16' ? roundToHalf(value) : value
      if (target.written !== undefined) target.written[offset] = 1
      return
    }
    case 'local': {
      const shape = s.shape.map(state.size)
      const count = shape.reduce((acc, n) => acc * n, 1)
      const data = allocate(s.dtype, count)
      state.storage.set(s.name, { dtype: s.dtype, shape, data, written: new Uint8Array(count) })
      return
    }
    case 'if':
      runBlock(whole(s.condition) !== 0 ? s.yes : s.no, state)
      return
    case 'while':
      while (whole(s.condition) !== 0) runBlock(s.body, state)
      return
    case 'touch':
      return
  }
  absurd(s)
}

function runLoop(s: Loop, from: number, to: number, state: State): void {
  const count = Math.max(0, Math.ceil((to - from) / s.step))
  const backward = state.backward && s.mode !== 'sequential'
  for (let n = 0; n < count; n++) {
    state.values.set(s.index, from + s.step * (backward ? count - 1 - n : n))
    runBlock(s.body, state)
  }
}

function find(storage: ReadonlyMap<string, Storage>, name: string, kernel: Kernel): Storage {
  const found = storage.get(name)
  invariant(found !== undefined, `kernel ${kernel.name} has no buffer '${name}'`)
  return found
}

function flatten(
  kernel: Kernel,
  storage: ReadonlyMap<string, Storage>,
  buffer: string,
  at: readonly number[],
): number {
  const { shape } = find(storage, buffer, kernel)
  let offset = 0
  for (const [axis, index] of at.entries()) {
    const extent = shape[axis] ?? 0
    if (!(index >= 0 && index < extent)) outside(kernel, buffer, at, `an index in [${shape}]`)
    offset = offset * extent + index
  }
  return offset
}

function outside(kernel: Kernel, buffer: string, at: readonly number[], expected: string): never {
  return fail({
    code: 'verify',
    where: `kernel ${kernel.name}`,
    what: `reads or writes ${buffer}[${at}]`,
    expected,
  })
}
