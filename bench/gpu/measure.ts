/**
 * One workload on a GPU: its results against the reference, and its times by both clocks.
 */
import * as Effect from 'effect/Effect'
import {
  type BackendService,
  compile,
  type Executable,
  makeReference,
} from '../../backends/index.js'
import type { Peak } from '../../backends/webgpu/peak.js'
import { arrayFrom, type DType, type NDArray, roundTo } from '../../lib/data/index.js'
import { largestDifference } from '../compare.js'
import { nest, release, residentsIn } from '../contestants/pullback.js'
import { median } from '../median.js'
import type { Problem, Scale } from '../workload.js'
import type { GpuWorkload } from './workloads.js'

/** Tiny results against the reference. */
export async function check(backend: BackendService, each: GpuWorkload): Promise<object> {
  const problem = each.workload.make('tiny')
  const [ours, reference] = [
    await results(backend, each, problem),
    await results(makeReference(), each, problem),
  ]
  const difference = largestDifference(ours, reference)
  const right = difference <= problem.tolerance
  return { name: each.workload.name, check: right ? 'right' : 'WRONG', difference }
}

/** How far others' tiny results are from the reference's. */
export async function differenceFrom(
  each: GpuWorkload,
  theirs: readonly (readonly number[])[],
): Promise<number> {
  const reference = await results(makeReference(), each, each.workload.make('tiny'))
  return largestDifference(
    theirs.map((list) => Float32Array.from(list)),
    reference,
  )
}

async function results(
  on: BackendService,
  each: GpuWorkload,
  problem: Problem,
): Promise<readonly Float32Array[]> {
  const program = await compile(problem.program, { backend: on })
  const made = residentsIn(program.resident(placed(on, arraysOf(each, problem))))
  const arrays = await Effect.runPromise(on.read(made))
  await program.release()
  return arrays.map(({ data }) => Float32Array.from(data))
}

/** The inputs by path, in the dtype of the workload. */
function arraysOf({ float }: GpuWorkload, { inputs }: Problem): ReadonlyMap<string, NDArray> {
  const dtype: DType = float ?? 'f32'
  const arrays = Object.entries(inputs).map(([path, { shape, data }]) => {
    const array: NDArray =
      dtype === 'f32'
        ? { dtype, shape, data }
        : arrayFrom(dtype, shape, data, (x) => roundTo(dtype, x))
    return [path, array] as const
  })
  return new Map(arrays)
}

const placed = (on: BackendService, arrays: ReadonlyMap<string, NDArray>): object =>
  nest([...arrays].map(([path, array]) => [path, on.place(array)] as const))

/**
 * By the host's clock: calls in a row, for which it waits once. By the device's, where it has one:
 * from the first kernel's start to the last one's end, which shares are of.
 */
export async function time(
  backend: BackendService,
  each: GpuWorkload,
  scale: Scale,
  best: Peak,
): Promise<object> {
  const problem = each.workload.make(scale)
  const began = performance.now()
  const { program, executable } = await compiled(backend, problem)
  const compileMs = performance.now() - began
  const arrays = arraysOf(each, problem)
  const given = placed(backend, arrays)
  const ms = await hostMs(backend, () => release(residentsIn(program.resident(given))), scale)
  release(residentsIn(given))
  const deviceMs = await clockMs(executable, arrays)
  const kernels = program.describe().stages.find(({ name }) => name === 'kernels')?.text
  await program.release()
  const { bytes, flops } = each
  const rate = (amount: number): number => amount / ((deviceMs ?? ms) / 1000)
  const shares =
    scale === 'tiny'
      ? {}
      : {
          ...(bytes === undefined
            ? {}
            : { GBs: round(rate(bytes) / 1e9), ofCopy: round(rate(bytes) / best.bytesPerSecond) }),
          ...(flops === undefined
            ? {}
            : {
                gflops: round(rate(flops) / 1e9),
                ofFma: round(rate(flops) / best.flopsPerSecond),
              }),
        }
  return {
    name: each.workload.name,
    ms: round(ms),
    ...(deviceMs === undefined ? {} : { deviceMs: round(deviceMs) }),
    ...shares,
    kernels: Number(kernels?.match(/^(\d+) kernels/)?.[1]),
    compileMs: round(compileMs),
  }
}

/** The program, and beside it what the backend made, which knows the device's clock. */
async function compiled(backend: BackendService, problem: Problem) {
  let executable: Executable | undefined
  const load: BackendService['load'] = (func, options) =>
    backend.load(func, options).pipe(
      Effect.tap((made) =>
        Effect.sync(() => {
          executable = made
        }),
      ),
    )
  const program = await compile(problem.program, { backend: { ...backend, load } })
  if (executable === undefined) throw new Error('broken invariant: nothing was loaded')
  return { program, executable }
}

async function hostMs(backend: BackendService, call: () => void, scale: Scale): Promise<number> {
  const marker = backend.place({ dtype: 'f32', shape: [1], data: new Float32Array(1) })
  const sample = async (calls: number): Promise<number> => {
    const start = performance.now()
    for (let i = 0; i < calls; i++) call()
    // Behind all calls in the queue.
    await Effect.runPromise(backend.read([marker]))
    return performance.now() - start
  }
  await sample(1)
  const once = await sample(1)
  const wait = await sample(0)
  const many = Math.ceil(200 / Math.max(once, 0.01))
  const calls = scale === 'tiny' ? 2 : Math.max(1, Math.min(2000, many))
  const samples: number[] = []
  for (let i = 0; i < 7; i++) samples.push(Math.max(0, (await sample(calls)) - wait) / calls)
  marker.release()
  return median(samples)
}

async function clockMs(
  { func, profile }: Executable,
  arrays: ReadonlyMap<string, NDArray>,
): Promise<number | undefined> {
  if (profile === undefined) return undefined
  const args = func.params.map(({ node }) => {
    const path = String(node.attrs.name)
    const array = arrays.get(path)
    if (array === undefined) throw new Error(`broken invariant: no input '${path}'`)
    return array
  })
  const samples: number[] = []
  for (let i = 0; i < 5; i++) {
    const times = await Effect.runPromise(profile(args, {}))
    const end = Math.max(...times.map(({ to }) => to))
    samples.push((end - Math.min(...times.map(({ from }) => from))) / 1e6)
  }
  return median(samples)
}

export const round = (x: number): number => Number(x.toPrecision(4))
