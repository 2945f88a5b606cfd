/**
 * The bench of a GPU, by itself: a JSON object a line.
 *
 *   npx tsx bench/gpu.ts [--only chain,matmul] [--tiny]
 *
 * First results at tiny sizes against the reference, then the device's best (copy, fma), then each
 * workload: milliseconds a call (median of samples), what it reaches of copy bandwidth or of the
 * best f32 rate, kernels, time to compile. Beside it PyTorch, eager and compiled, where `python3`
 * has one with CUDA. A software adapter (SwiftShader, llvmpipe) computes tiny sizes only, and its
 * times mean nothing. f16 is left out: the loop language has no such numbers.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import * as Effect from 'effect/Effect'
import { type BackendService, compile, makeReference } from '../backends/index.js'
import { makeWebgpu } from '../backends/webgpu/index.js'
import { isSoftware, measurePeak, type Peak } from '../backends/webgpu/peak.js'
import { largestDifference } from './compare.js'
import { nest, release, residentsIn } from './contestants/pullback.js'
import { median } from './duel.js'
import { type GpuWorkload, gpuWorkloads } from './gpu/workloads.js'
import type { Problem } from './workload.js'

const { values } = parseArgs({
  options: { only: { type: 'string' }, tiny: { type: 'boolean', default: false } },
})
const chosen = gpuWorkloads.filter(
  ({ workload }) => values.only?.split(',').some((part) => workload.name.startsWith(part)) ?? true,
)
const say = (line: object): void => console.log(JSON.stringify(line))

const backend = await makeWebgpu()
const tiny = values.tiny || isSoftware(backend.adapter)
let failed = 0

for (const each of chosen) failed += await check(each)
const peak = await measurePeak()
say({
  name: 'device',
  adapter: peak.adapter,
  ...(tiny ? { note: 'tiny sizes: times mean nothing' } : {}),
  copyGBs: round(peak.bytesPerSecond / 1e9),
  fmaGflops: round(peak.flopsPerSecond / 1e9),
})
const torch = tiny ? new Map<string, object>() : timesOfTorch()
for (const each of chosen) say(await time(each, peak))
backend.close()
process.exitCode = failed === 0 ? 0 : 1

/** Tiny results against the reference; 1 where they differ. */
async function check({ workload }: GpuWorkload): Promise<number> {
  const problem = workload.make('tiny')
  const [ours, reference] = [
    await results(backend, problem),
    await results(makeReference(), problem),
  ]
  const difference = largestDifference(ours, reference)
  const right = difference <= problem.tolerance
  say({ name: workload.name, check: right ? 'right' : 'WRONG', difference })
  return right ? 0 : 1
}

async function results(on: BackendService, problem: Problem): Promise<readonly Float32Array[]> {
  const program = await compile(problem.program, { backend: on })
  const made = residentsIn(program.resident(givenOn(on, problem)))
  const arrays = await Effect.runPromise(on.read(made))
  await program.release()
  return arrays.map(({ data }) => Float32Array.from(data))
}

function givenOn(on: BackendService, { inputs }: Problem): object {
  const leaves = Object.entries(inputs).map(
    ([path, { shape, data }]) => [path, on.place({ dtype: 'f32', shape, data })] as const,
  )
  return nest(leaves)
}

/** One workload at its full size: the device works through calls, and the host waits once. */
async function time({ workload, bytes, flops }: GpuWorkload, best: Peak): Promise<object> {
  const problem = workload.make(tiny ? 'tiny' : 'full')
  const began = performance.now()
  const program = await compile(problem.program, { backend })
  const compileMs = performance.now() - began
  const given = givenOn(backend, problem)
  const marker = backend.place({ dtype: 'f32', shape: [1], data: new Float32Array(1) })
  const sample = async (calls: number): Promise<number> => {
    const start = performance.now()
    for (let i = 0; i < calls; i++) release(residentsIn(program.resident(given)))
    // Behind all calls in the queue.
    await Effect.runPromise(backend.read([marker]))
    return performance.now() - start
  }
  await sample(1)
  const once = await sample(1)
  const wait = await sample(0)
  const calls = tiny ? 2 : Math.max(1, Math.min(2000, Math.ceil(200 / Math.max(once, 0.01))))
  const samples: number[] = []
  for (let i = 0; i < 7; i++) samples.push(Math.max(0, (await sample(calls)) - wait) / calls)
  const kernels = program.describe().stages.find(({ name }) => name === 'kernels')?.text
  release(residentsIn(given))
  await program.release()
  const ms = median(samples)
  const rate = (amount: number): number => amount / (ms / 1000)
  return {
    name: workload.name,
    ms: round(ms),
    ...(bytes === undefined || tiny
      ? {}
      : { GBs: round(rate(bytes) / 1e9), ofCopy: round(rate(bytes) / best.bytesPerSecond) }),
    ...(flops === undefined || tiny
      ? {}
      : { gflops: round(rate(flops) / 1e9), ofFma: round(rate(flops) / best.flopsPerSecond) }),
    kernels: Number(kernels?.match(/^(\d+) kernels/)?.[1]),
    compileMs: round(compileMs),
    ...torch.get(workload.name),
  }
}

/** By workload: milliseconds of eager and of compiled PyTorch, where it is there with a GPU. */
function timesOfTorch(): ReadonlyMap<string, object> {
  const script = fileURLToPath(new URL('gpu/torch_times.py', import.meta.url))
  const { stdout, status } = spawnSync('python3', [script], { encoding: 'utf8', timeout: 540_000 })
  if (status !== 0 || stdout === null) return new Map()
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'))
  return new Map(
    lines.map((line) => {
      const { name, ...times } = JSON.parse(line) as { readonly name: string } // as the script writes
      return [name, times]
    }),
  )
}

function round(x: number): number {
  return Number(x.toPrecision(4))
}
