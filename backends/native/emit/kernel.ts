/**
 * A scheduled kernel as a C function.
 *
 *   static void k_scale(const float *restrict x, float *restrict y, int64_t n, char *scratch,
 *                       int64_t thread, int64_t threads)
 *
 * Where the kernel is one loop of independent iterations, every thread runs its share of them; of
 * other kernels the first thread runs all. Local buffers lie one after another in scratch memory.
 */
import { type Dim, dimMul, dimProduct, dimValue, type Sizes } from '../../../lib/data/dim.js'
import { byteSize } from '../../../lib/data/dtype.js'
import {
  hoistInvariants,
  type Kernel,
  kernelNames,
  type Loop,
  ofDim,
  statementsOf,
  variable,
} from '../../../lib/loop/index.js'
import { polynomialText, wholeText } from './access.js'
import { findClamped } from './clamped.js'
import { memoryType } from './ctype.js'
import type { BufferLayout, Emission, Target } from './emission.js'
import type { Prelude } from './prelude.js'
import { scalarText } from './scalar.js'
import { emitBlock } from './statement.js'
import { writer } from './writer.js'

export interface KernelText {
  /** The name of the C function. */
  readonly name: string
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
  const kernel = hoistInvariants(source)
  const e = openEmission(kernel, target, prelude)
  const range = splitLoop(kernel)
  const pointers = kernel.buffers.map((b) => {
    const type = `${b.access === 'read' ? 'const ' : ''}${memoryType[b.dtype]}`
    return `${type} *${distinct ? 'restrict ' : ''}${e.layouts.get(b.name)?.pointer}`
  })
  const names = kernelNames(kernel).map((n) => `const int64_t ${e.wholes.get(n)}`)
  const rest = ['char *restrict scratch', 'const int64_t thread', 'const int64_t threads']
  const parameters = [...pointers, ...names, ...rest].join(', ')
  e.writer.block(`static __attribute__((noinline)) void ${name}(${parameters})`, () => {
    placeLocals(e)
    if (range === undefined) emitBlock(e, kernel.body)
    else {
      const piece = emitShare(e, range)
      emitBlock(
        e,
        kernel.body.map((s) => (s === range ? piece : s)),
      )
    }
  })
  return { name, text: e.writer.text(), spread: range !== undefined }
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
    layouts: new Map(
      kernel.buffers.map((b) => [b.name, layoutOf(w.fresh(b.name), b.dtype, b.shape)]),
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

/** The loop whose iterations are divided: the only statement besides scratch memory and lets. */
function splitLoop(kernel: Kernel): Loop | undefined {
  const loops = kernel.body.filter((s) => s.tag !== 'local' && s.tag !== 'let')
  const [loop] = loops
  if (loops.length !== 1 || loop?.tag !== 'loop' || loop.mode === 'sequential') return undefined
  const bounds = [loop.from, loop.to].every((x) => x.tag === 'constant' || x.tag === 'size')
  return bounds ? loop : undefined
}

/** The iterations of this thread: whole steps of the loop, as evenly as they go. */
function emitShare(e: Emission, range: Loop): Loop {
  const { line, fresh } = e.writer
  const [from, to, steps] = [fresh('from'), fresh('to'), fresh('steps')]
  const [begin, end] = [fresh('begin'), fresh('end')]
  const stride = range.step * Math.max(range.width, 1)
  line(`const int64_t ${from} = ${scalarText(e, range.from, [])};`)
  line(`const int64_t ${to} = ${scalarText(e, range.to, [])};`)
  line(
    `const int64_t ${steps} = ${to} > ${from} ? (${to} - ${from} + ${stride - 1}) / ${stride} : 0;`,
  )
  line(`const int64_t ${begin} = ${from} + ${steps} * thread / threads * ${stride};`)
  line(`const int64_t ${end}_ = ${from} + ${steps} * (thread + 1) / threads * ${stride};`)
  line(`const int64_t ${end} = ${end}_ < ${to} ? ${end}_ : ${to};`)
  e.wholes.set('%begin', begin)
  e.wholes.set('%end', end)
  return { ...range, from: variable('%begin'), to: variable('%end') }
}

function placeLocals(e: Emission): void {
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
    e.layouts.set(s.name, layoutOf(pointer, s.dtype, s.shape))
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
