/**
 * What emits code for the CPU, and kernels for it whose results the interpreter gives.
 */
import { expect } from 'vitest'
import type { Sizes } from '../lib/data/dim.js'
import type { TypedArray } from '../lib/data/dtype.js'
import {
  interpretKernel,
  type Kernel,
  type Loop,
  mapBlocks,
  randomSource,
  type Stmt,
  showKernel,
} from '../lib/loop/index.js'
import { openHost } from './native/host.js'
import { compiler, type KernelRun, runKernels } from './native/run.fixture.js'
import { runWasm } from './wasm/run-kernel.js'

export interface Emitter {
  readonly name: string
  readonly absent: boolean
  /** How many random kernels it is given: the time of its compiler decides. */
  readonly kernels: number
  /** Runs kernels on their arrays, which change; sums of products round twice. */
  readonly run: (runs: readonly KernelRun[]) => Promise<void>
}

const native = (threads: number, kernels: number): Emitter => ({
  name: `C on ${threads} threads${compiler.why}`,
  absent: compiler.absent,
  kernels,
  run: async (runs) =>
    runKernels(await openHost({ threads, contract: false, leastGain: -Infinity }), runs),
})

export const emitters: readonly Emitter[] = [
  {
    name: 'WebAssembly',
    absent: false,
    kernels: 150,
    run: async (runs) => {
      for (const { kernel, sizes, arrays } of runs) runWasm(kernel, sizes, arrays)
    },
  },
  native(1, 40),
  native(3, 12),
]

/** A kernel as it is meant and as it is to run, at sizes and arrays of its own. */
export interface Case {
  readonly source: Kernel
  readonly scheduled: Kernel
  readonly sizes: Sizes
  /** Drawn anew at each call, the same each time. */
  readonly arrays: () => Readonly<Record<string, TypedArray>>
}

/** Holds what an emitter makes of kernels to what the interpreter says of them. */
export async function expectSame({ run }: Emitter, cases: readonly Case[]): Promise<void> {
  const runs = cases.map(({ scheduled: kernel, sizes, arrays }) => {
    return { kernel, sizes, arrays: arrays() }
  })
  await run(runs)
  cases.forEach(({ source, scheduled, sizes, arrays }, i) => {
    const expected = arrays()
    interpretKernel(source, { sizes, buffers: expected })
    const about = `${JSON.stringify(sizes)}\n${showKernel(scheduled)}`
    expect(runs[i]?.arrays, about).toEqual(expected)
  })
}

/** Gives every parallel loop a mode that keeps its meaning, and reductions lanes; spreads some. */
export function randomModes(k: Kernel, seed: number): Kernel {
  const next = randomSource(seed)
  const pick = <A>(items: readonly A[]): A => items[Math.floor(next() * items.length)] as A
  const walk = (s: Stmt, inVector: boolean): Stmt => {
    if (s.tag !== 'loop') return s
    const [mode, width] = pick<readonly [Loop['mode'], number]>([
      [s.mode, 1],
      ['unrolled', 3],
      ['unrolled', 2],
      ...(inVector
        ? []
        : ([
            ['vector', 4],
            ['vector', 8],
            ['vector', 16],
          ] as const)),
    ])
    const inner = inVector || mode === 'vector'
    return mapBlocks({ ...s, mode, width }, (b) => b.map((t) => walk(t, inner)))
  }
  const spread = (s: Stmt): Stmt =>
    s.tag === 'loop' && s.mode !== 'sequential' && next() < 0.7 ? { ...s, spread: 'threads' } : s
  return { ...k, body: k.body.map((s) => spread(walk(s, false))) }
}

/** The same kernel with its outer loops in lanes, or not. */
export const inLanes = (k: Kernel, width: number): Kernel => ({
  ...k,
  body: k.body.map((s) =>
    s.tag === 'loop' ? { ...s, mode: width > 1 ? 'vector' : 'parallel', width } : s,
  ),
})
