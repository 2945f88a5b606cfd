/**
 * A scheduled kernel as a C function.
 *
 *   kernel k_scale(const float *restrict x, float *restrict y, int64_t n, char *scratch, …)
 *
 * Where the schedule spreads loops over threads, all threads call it; else the first one does.
 * Local buffers lie one after another in scratch memory, each thread's own or, where all see them,
 * the first thread's.
 */
import { type Dim, dimMul, dimProduct, dimValue, type Sizes } from '../../../lib/data/dim.js'
import { byteSize } from '../../../lib/data/dtype.js'
import {
  deferArms,
  elementOf,
  findClamped,
  hoistInvariants,
  type Kernel,
  kernelNames,
  ofDim,
  statementsOf,
} from '../../../lib/loop/index.js'
import { divisionOf } from '../../division.js'
import { polynomialText, wholeText } from './access.js'
import { memoryType } from './ctype.js'
import type { BufferLayout, Emission, Target } from './emission.js'
import type { Prelude } from './prelude.js'
import { emitLockstep, emitPieces } from './share.js'
import { emitBlock } from './statement.js'
import { writer } from './writer.js'

export interface KernelText {
  /** The name of the C function. */
  readonly name: string
  /** The function without its body. */
  readonly signature: string
  readonly text: string
  /** Whether the threads share the work. */
  readonly spread: boolean
}

const alignment = 64

/** `distinct` says that no two buffers that the kernel is given overlap where it writes. */
export function emitKernel(
  source: Kernel,
  name: string,
  target: Target,
  prelude: Prelude,
  distinct: boolean,
): KernelText {
  const kernel = deferArms(hoistInvariants(source))
  const e = openEmission(kernel, target, prelude)
  const division = divisionOf(kernel, true)
  const apart = distinct && division.tag !== 'lockstep' ? 'restrict ' : ''
  const pointers = kernel.buffers.map((b) => {
    const type = `${b.access === 'read' ? 'const ' : ''}${memoryType[elementOf(b.dtype)]}`
    return `${type} *${apart}${e.layouts.get(b.name)?.pointer}`
  })
  const names = kernelNames(kernel).map((n) => `const int64_t ${e.wholes.get(n)}`)
  const rest = [
    `char *${apart}scratch`,
    'char *common',
    'struct meeting *meeting',
    'const int64_t thread',
    'const int64_t threads',
  ]
  const parameters = [...pointers, ...names, ...rest].join(', ')
  const signature = `kernel ${name}(${parameters})`
  e.writer.block(signature, () => {
    placeLocals(e, division.tag === 'lockstep' ? division.shared : new Set())
    if (division.tag === 'lockstep') emitLockstep(e, kernel.body, division.shared)
    else if (division.tag === 'pieces') emitPieces(e, kernel.body, division.loop)
    else emitBlock(e, kernel.body)
  })
  return { name, signature, text: e.writer.text(), spread: division.tag !== 'alone' }
}

function openEmission(kernel: Kernel, target: Target, prelude: Prelude): Emission {
  const w = writer()
  const names = kernelNames(kernel)
  const indices = statementsOf(kernel.body).flatMap((s) => (s.tag === 'loop' ? [s.index] : []))
  return {
    writer: w,
    prelude,
    kernel,
    target,
    levels: [],
    slots: new Map(),
    wholes: new Map(names.map((name) => [name, w.fresh(name)])),
    divisors: new Map(),
    layouts: new Map(
      kernel.buffers.map((b) => [b.name, layoutOf(w.fresh(b.name), elementOf(b.dtype), b.shape)]),
    ),
    masks: new Map(),
    maskMemo: new Map(),
    accesses: new Map(),
    atoms: new Map(),
    plain: new Set([...names, '%begin', '%end', ...indices]),
    unclamped: findClamped(kernel.body),
  }
}

const layoutOf = (
  pointer: string,
  dtype: BufferLayout['dtype'],
  shape: readonly Dim[],
): BufferLayout => ({
  pointer,
  dtype,
  strides: shape.map((_, axis) => dimProduct(shape.slice(axis + 1))),
})

function placeLocals(e: Emission, shared: ReadonlySet<string>): void {
  const { line, fresh } = e.writer
  let previous = 'scratch'
  let size: Dim = 0
  for (const s of statementsOf(e.kernel.body)) {
    if (s.tag !== 'local') continue
    const pointer = fresh(s.name)
    const type = memoryType[s.dtype]
    const bytes = polynomialText(ofDim(size), (name) => wholeText(e.wholes, name))
    const at = `((intptr_t)${previous} + ${bytes} + ${alignment - 1}) & -${alignment}`
    line(`${type} *${pointer} = (${type} *)(${at});`)
    let place = pointer
    if (shared.has(s.name)) {
      place = fresh(`common ${s.name}`)
      line(`${type} *${place} = (${type} *)(common + ((char *)${pointer} - scratch));`)
    }
    e.layouts.set(s.name, layoutOf(place, s.dtype, s.shape))
    previous = pointer
    size = dimMul(dimProduct(s.shape), byteSize[s.dtype])
  }
}

/** Bytes of scratch memory that one thread needs for a kernel, at given sizes. */
export function scratchBytes(kernel: Kernel, sizes: Sizes): number {
  let total = 0
  for (const s of statementsOf(kernel.body)) {
    if (s.tag !== 'local') continue
    const bytes = dimValue(dimProduct(s.shape), sizes) * byteSize[s.dtype]
    total += Math.ceil(bytes / alignment) * alignment + alignment
  }
  return total
}
