/**
 * A scheduled kernel as WebAssembly functions: its body, and its entry.
 *
 * The parameters of both are i32: the address of each buffer, each name of `kernelNames`, the
 * address of scratch memory for local buffers, the address of the module's constants. Where the
 * kernel is one loop of independent iterations, the body also takes the range to run, and the entry
 * calls it piece by piece: its thread's share only, and in several calls, so that the engine can
 * replace a long loop by its optimised form. Otherwise the first thread runs all of it.
 */
import { type Dim, dimMul, dimProduct, dimValue, type Sizes } from '../../lib/data/dim.js'
import { byteSize } from '../../lib/data/dtype.js'
import {
  hoistInvariants,
  type Kernel,
  kernelNames,
  type Loop,
  ofDim,
  statementsOf,
  variable,
  zero,
} from '../../lib/loop/index.js'
import { type Assembler, assembler } from './assembler.js'
import { findClamped } from './clamped.js'
import type { ConstantPool } from './constants.js'
import type { BufferLayout, Emission, Target } from './emission.js'
import type { WasmFunction } from './encode.js'
import { mostIterations } from './loop.js'
import { emitPolynomial } from './polynomial.js'
import { emitScalar } from './scalar.js'
import { emitBlock } from './statement.js'
import { threadCount, threadIndex } from './threads.js'

/** Pieces that a range is cut into, and the least work of a piece, in innermost iterations. */
const pieces = 16
const leastPiece = 16384

/** The body and the entry; `bodyIndex` is the function index that the body will have. */
export function emitKernel(
  source: Kernel,
  constants: ConstantPool,
  target: Target,
  bodyIndex: number,
): readonly [body: WasmFunction, entry: WasmFunction] {
  const kernel = hoistInvariants(source)
  const names = kernelNames(kernel)
  const range = splitLoop(kernel)
  return [
    emitBody(kernel, names, range, constants, target),
    emitEntry(kernel, names, range, bodyIndex),
  ]
}

const parameterCount = (kernel: Kernel, names: readonly string[]): number =>
  kernel.buffers.length + names.length + 2

/** The loop whose range may be cut: the only statement besides scratch memory and lets. */
function splitLoop(kernel: Kernel): Loop | undefined {
  const loops = kernel.body.filter((s) => s.tag !== 'local' && s.tag !== 'let')
  const [loop] = loops
  if (loops.length !== 1 || loop?.tag !== 'loop' || loop.mode === 'sequential') return undefined
  const bounds = [loop.from, loop.to].every((x) => x.tag === 'constant' || x.tag === 'size')
  return bounds ? loop : undefined
}

function emitBody(
  kernel: Kernel,
  names: readonly string[],
  range: Loop | undefined,
  constants: ConstantPool,
  target: Target,
): WasmFunction {
  const count = parameterCount(kernel, names)
  const code = assembler(new Array(count + (range === undefined ? 0 : 2)).fill('i32'))
  const e = openEmission(kernel, names, code, constants, target)
  placeLocals(e)
  if (range === undefined) emitBlock(e, kernel.body)
  else {
    e.wholes.set('%begin', count)
    e.wholes.set('%end', count + 1)
    const piece = { ...range, from: variable('%begin'), to: variable('%end') }
    emitBlock(
      e,
      kernel.body.map((s) => (s === range ? piece : s)),
    )
  }
  return code.finish(kernel.name, false)
}

function openEmission(
  kernel: Kernel,
  names: readonly string[],
  code: Assembler,
  constants: ConstantPool,
  target: Target,
): Emission {
  const buffers = kernel.buffers.length
  return {
    code,
    kernel,
    target,
    levels: [],
    slots: new Map(),
    wholes: new Map(names.map((name, i) => [name, buffers + i])),
    layouts: new Map(kernel.buffers.map((b) => [b.name, layoutOf(b.dtype, b.shape)])),
    pointers: kernel.buffers.map((b, local) => ({ buffer: b.name, index: zero, local })),
    shared: new Map(),
    statementMask: 0,
    constants,
    constantsLocal: parameterCount(kernel, names) - 1,
    splats: new Map(),
    masks: new Map(),
    maskMemo: new Map(),
    accesses: new Map(),
    accessed: new Map(),
    plain: new Set([...names, '%begin', '%end', ...indicesIn(kernel)]),
    atoms: new Map(),
    unclamped: findClamped(kernel.body),
  }
}

const indicesIn = (kernel: Kernel): readonly string[] =>
  statementsOf(kernel.body).flatMap((s) => (s.tag === 'loop' ? [s.index] : []))

function layoutOf(dtype: BufferLayout['dtype'], shape: readonly Dim[]): BufferLayout {
  const strides = shape.map((_, axis) => dimProduct(shape.slice(axis + 1)))
  return { dtype, bytes: dtype === 'i64' ? 8 : byteSize[dtype], strides }
}

/** Local buffers lie one after another in scratch memory, each on a multiple of 16. */
function placeLocals(e: Emission): void {
  const { emit } = e.code
  let previous = e.constantsLocal - 1
  let size: Dim = 0
  for (const s of statementsOf(e.kernel.body)) {
    if (s.tag !== 'local') continue
    const local = e.code.take('i32')
    emit('local.get', previous)
    emitPolynomial(e.code, ofDim(size), e.wholes)
    emit('i32.add')
    emit('i32.const', 15)
    emit('i32.add')
    emit('i32.const', -16)
    emit('i32.and')
    emit('local.set', local)
    e.pointers.push({ buffer: s.name, index: zero, local })
    e.layouts.set(s.name, layoutOf(s.dtype, s.shape))
    previous = local
    size = dimMul(dimProduct(s.shape), byteSize[s.dtype])
  }
}

/** Bytes of scratch memory that one thread needs for a kernel, at given sizes. */
export function scratchBytes(kernel: Kernel, sizes: Sizes): number {
  let total = 0
  for (const s of statementsOf(kernel.body)) {
    if (s.tag !== 'local') continue
    total += Math.ceil((dimValue(dimProduct(s.shape), sizes) * byteSize[s.dtype]) / 16) * 16 + 16
  }
  return total
}

function emitEntry(
  kernel: Kernel,
  sizes: readonly string[],
  range: Loop | undefined,
  bodyIndex: number,
): WasmFunction {
  const count = parameterCount(kernel, sizes)
  const code = assembler(new Array(count).fill('i32'))
  const { emit, within } = code
  const pass = (): void => {
    for (let i = 0; i < count; i++) emit('local.get', i)
  }
  if (range === undefined) {
    emit('global.get', threadIndex)
    emit('i32.eqz')
    within('if', () => {
      pass()
      emit('call', bodyIndex)
    })
    return code.finish(`${kernel.name}.entry`, false)
  }
  const e = openEmission({ ...kernel, body: [] }, sizes, code, emptyPool, { relaxed: false })
  const [begin, end, piece] = [code.take('i32'), code.take('i32'), code.take('i32')]
  const align = range.step * Math.max(range.width, 1)
  /** Rounds the number on the stack up to a multiple of `align`. */
  const roundUp = (): void => {
    emit('i32.const', align - 1)
    emit('i32.add')
    emit('i32.const', align)
    emit('i32.div_u')
    emit('i32.const', align)
    emit('i32.mul')
  }
  const span = (): void => {
    emitScalar(e, range.to, [])
    emitScalar(e, range.from, [])
    emit('i32.sub')
  }
  // piece = the share of a thread; begin = from + thread · piece; end = min(begin + piece, to)
  span()
  emit('global.get', threadCount)
  emit('i32.add')
  emit('i32.const', 1)
  emit('i32.sub')
  emit('global.get', threadCount)
  emit('i32.div_s')
  roundUp()
  emit('local.tee', piece)
  emit('global.get', threadIndex)
  emit('i32.mul')
  emitScalar(e, range.from, [])
  emit('i32.add')
  emit('local.tee', begin)
  emit('local.get', piece)
  emit('i32.add')
  emit('local.set', end)
  emitScalar(e, range.to, [])
  emit('local.get', end)
  emitScalar(e, range.to, [])
  emit('local.get', end)
  emit('i32.lt_s')
  emit('select')
  emit('local.set', end)
  emit('local.get', piece)
  emit('i32.const', pieces)
  emit('i32.div_s')
  emit('i32.const', leastIterations(range))
  emit('i32.add')
  roundUp()
  emit('local.set', piece)
  within('block', () =>
    within('loop', () => {
      emit('local.get', begin)
      emit('local.get', end)
      emit('i32.ge_s')
      emit('br_if', 1)
      pass()
      emit('local.get', begin)
      // The end of the piece: begin + piece, or the end of the range.
      for (let i = 0; i < 2; i++) {
        emit('local.get', begin)
        emit('local.get', piece)
        emit('i32.add')
        emit('local.get', end)
      }
      emit('i32.lt_s')
      emit('select')
      emit('call', bodyIndex)
      emit('local.get', begin)
      emit('local.get', piece)
      emit('i32.add')
      emit('local.set', begin)
      emit('br', 0)
    }),
  )
  return code.finish(`${kernel.name}.entry`, false)
}

/** As many iterations of the range as make a piece: those of a loop inside count, where it is short. */
function leastIterations(range: Loop): number {
  const loops = range.body.filter((s) => s.tag === 'loop')
  if (range.body.some((s) => s.tag === 'while')) return 1
  const short = loops.every((l) => (mostIterations(l) ?? Infinity) <= range.step)
  return short ? leastPiece : 1
}

const emptyPool: ConstantPool = { at: () => 0, bytes: () => new Uint8Array() }
