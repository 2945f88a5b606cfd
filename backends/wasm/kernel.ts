/**
 * A scheduled kernel as WebAssembly functions: its body, and its entry.
 *
 * The parameters of both are i32: the address of each buffer, each name of `kernelNames`, the
 * address of scratch memory for local buffers, the address of the module's constants. Where the
 * kernel is one loop of independent iterations, the body also takes the range to run, and the entry
 * calls it piece by piece (`entry.ts`). `division.ts` says what the threads do.
 */
import { type Dim, dimMul, dimProduct, dimValue, type Sizes } from '../../lib/data/dim.js'
import { byteSize } from '../../lib/data/dtype.js'
import {
  deferArms,
  elementOf,
  findClamped,
  hoistInvariants,
  type Kernel,
  ofDim,
  statementsOf,
  variable,
  zero,
} from '../../lib/loop/index.js'
import { type Division, divisionOf } from '../division.js'
import { type Assembler, assembler } from './assembler.js'
import type { ConstantPool } from './constants.js'
import type { BufferLayout, Emission, Target } from './emission.js'
import type { WasmFunction } from './encode.js'
import { emitEntry } from './entry.js'
import { sharedScratch } from './globals.js'
import { emitPolynomial } from './polynomial.js'
import { emitLockstep } from './share.js'
import { emitBlock } from './statement.js'
import type { Together } from './threads.js'

/**
 * The body and the entry; `names` are those of `kernelNames`, `bodyIndex` is the function index
 * that the body will have.
 */
export function emitKernel(
  source: Kernel,
  names: readonly string[],
  constants: ConstantPool,
  target: Target,
  bodyIndex: number,
  together: Together | undefined,
): readonly [body: WasmFunction, entry: WasmFunction] {
  const kernel = deferArms(hoistInvariants(source))
  const division = divisionOf(kernel, together !== undefined)
  const body = emitBody(kernel, names, division, constants, target, together?.barrier ?? 0)
  const range = division.tag === 'lockstep' ? undefined : division.loop
  const code = assembler(new Array(parameterCount(kernel, names)).fill('i32'))
  const e = openEmission({ ...kernel, body: [] }, names, code, emptyPool, { relaxed: false })
  return [body, emitEntry(e, division, range, bodyIndex, together)]
}

const emptyPool: ConstantPool = { at: () => 0, bytes: () => new Uint8Array() }

const parameterCount = (kernel: Kernel, names: readonly string[]): number =>
  kernel.buffers.length + names.length + 2

function emitBody(
  kernel: Kernel,
  names: readonly string[],
  division: Division,
  constants: ConstantPool,
  target: Target,
  barrier: number,
): WasmFunction {
  const count = parameterCount(kernel, names)
  const range = division.tag === 'lockstep' ? undefined : division.loop
  const code = assembler(new Array(count + (range === undefined ? 0 : 2)).fill('i32'))
  const e = openEmission(kernel, names, code, constants, target)
  const shared = division.tag === 'lockstep' ? division.shared : undefined
  placeLocals(e, shared)
  if (shared !== undefined) emitLockstep(e, kernel.body, { shared, barrier })
  else if (range === undefined) emitBlock(e, kernel.body)
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
    layouts: new Map(kernel.buffers.map((b) => [b.name, layoutOf(elementOf(b.dtype), b.shape)])),
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

/**
 * Local buffers lie one after another in scratch memory, each on a multiple of 16; those that all
 * threads see in that of the first thread.
 */
function placeLocals(e: Emission, shared: ReadonlySet<string> | undefined): void {
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
    const at = shared?.has(s.name) ? firstThreads(e, local) : local
    e.pointers.push({ buffer: s.name, index: zero, local: at })
    e.layouts.set(s.name, layoutOf(s.dtype, s.shape))
    previous = local
    size = dimMul(dimProduct(s.shape), byteSize[s.dtype])
  }
}

/** The same place in the scratch memory of the first thread. */
function firstThreads(e: Emission, local: number): number {
  const { emit } = e.code
  const at = e.code.take('i32')
  emit('local.get', local)
  emit('local.get', e.constantsLocal - 1)
  emit('i32.sub')
  emit('global.get', sharedScratch)
  emit('i32.add')
  emit('local.set', at)
  return at
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
