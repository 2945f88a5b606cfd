/**
 * Programs and kernels by themselves, on host arrays, for tests; and whether there is a compiler.
 */
import type { Sizes } from '../../lib/data/dim.js'
import type { TypedArray } from '../../lib/data/dtype.js'
import type { Kernel, Program } from '../../lib/loop/index.js'
import { buildProgram, executableOf } from './executable.js'
import type { Host } from './host.js'
import { findCompiler } from './toolchain.js'

const found = (name?: string) => findCompiler(name, process.env.PATH ?? '')

/** The compiler that tests run with, or why there is none. */
export interface TestCompiler {
  readonly absent: boolean
  /** To put behind the name of what is skipped. */
  readonly why: string
  readonly path: string
}

const why = ' (skipped: there is no C compiler on the path)'
const path = found()?.path
export const compiler: TestCompiler =
  path === undefined ? { absent: true, why, path: 'cc' } : { absent: false, why: '', path }

/** Of the compilers that the backend knows, those that are here; else one to be skipped. */
export const compilersHere: readonly string[] = ['gcc', 'clang'].filter(
  (name) => compiler.absent || found(name) !== undefined,
)

/** A kernel to be run once: its sizes, its arrays. */
export interface KernelRun {
  readonly kernel: Kernel
  readonly sizes: Sizes
  readonly arrays: Readonly<Record<string, TypedArray>>
}

/** Runs kernels one after another as one program; arrays that they write change. */
export function runKernels(host: Host, runs: readonly KernelRun[]): void {
  const named = (i: number, name: string): string => `${name}${i}`
  const program: Program = {
    name: 'kernels',
    buffers: runs.flatMap(({ kernel, sizes }, i) =>
      kernel.buffers.map((b) => ({
        name: named(i, b.name),
        dtype: b.dtype,
        shape: b.shape.map((d) => (typeof d === 'number' ? d : (sizes[d] ?? d))),
        place: { tag: 'external' } as const,
      })),
    ),
    kernels: runs.map(({ kernel }, i) => ({ ...kernel, name: named(i, 'kernel') })),
    steps: runs.map(({ kernel, sizes }, i) => ({
      tag: 'run',
      kernel: named(i, 'kernel'),
      buffers: Object.fromEntries(kernel.buffers.map((b) => [b.name, named(i, b.name)])),
      sizes,
    })),
  }
  const arrays = runs.flatMap(({ kernel, arrays }) => kernel.buffers.map((b) => arrays[b.name]))
  runProgram(host, program, {}, arrays)
}

/** Runs a program once on an array for each external buffer, in order. */
export function runProgram(
  host: Host,
  program: Program,
  sizes: Sizes,
  arrays: readonly (TypedArray | undefined)[],
): void {
  const executable = executableOf(buildProgram(program, host), host)
  executable.run(
    sizes,
    arrays.map((a) => (a === undefined ? 0 : host.runtime.addressOf(a))),
  )
  executable.release()
}
