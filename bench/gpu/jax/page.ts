/**
 * The workloads of the GPU bench in jax-js over WebGPU: a page that posts an object a line to
 * whoever serves it.
 *
 *   index.html?scale=full&only=chain,sum-8192    →
 *     { name: 'chain', tiny: [[…]], jaxJsMs: 2.1 } … { name: 'sum-8192', jaxJs: 'failed: …' } … {}
 */
import * as jax from '@jax-js/jax'
import { type Given, place, programsOf } from '../../contestants/jax-programs.js'
import { median } from '../../median.js'
import type { Problem, Scale } from '../../workload.js'
import { type GpuWorkload, gpuWorkloads } from '../workloads.js'

const query = new URLSearchParams(location.search)
const scale: Scale = query.get('scale') === 'full' ? 'full' : 'tiny'
const only = query.get('only')?.split(',')

const devices = await jax.init('webgpu').catch((cause: unknown) => String(cause))
if (Array.isArray(devices) && devices.includes('webgpu')) {
  jax.defaultDevice('webgpu')
  for (const each of gpuWorkloads) {
    const { name } = each.workload
    if (only?.includes(name) === false) continue
    await post({
      name,
      ...(await lineOf(each).catch((cause: unknown) => ({ jaxJs: `failed: ${String(cause)}` }))),
    })
  }
} else await post({ name: 'jax-js', jaxJs: `no WebGPU in this browser: ${devices}` })
await post({})

async function lineOf(each: GpuWorkload): Promise<object> {
  const small = ready(each, each.workload.make('tiny'))
  const results = await Promise.all(small.call().map((array) => array.data()))
  small.release()
  const { call, release } = ready(each, each.workload.make(scale))
  const once = async (calls: number): Promise<number> => {
    const start = performance.now()
    for (let i = 1; i < calls; i++) for (const array of call()) array.dispose()
    const last = call()
    await jax.blockUntilReady(last)
    for (const array of last) array.dispose()
    return performance.now() - start
  }
  await once(1)
  const calls = scale === 'tiny' ? 1 : Math.max(1, Math.min(500, Math.ceil(200 / (await once(1)))))
  const samples: number[] = []
  for (let i = 0; i < 5; i++) samples.push((await once(calls)) / calls)
  release()
  return { tiny: results.map((data) => [...data]), jaxJsMs: Number(median(samples).toPrecision(4)) }
}

/** A call of the compiled program, on arrays that stay. */
function ready({ workload, float }: GpuWorkload, { inputs }: Problem) {
  const written = programsOf(jax)[workload.kind]
  if (written === undefined) throw new Error('not written')
  const { astype } = jax.numpy
  const program = jax.jit(
    float === undefined ? written : (given) => written(given).map((y) => astype(y, 'float32')),
  )
  const singles = Object.entries(place(jax, inputs))
  const arrays = singles.map(
    ([name, x]) => [name, float === undefined ? x : astype(x, 'float16')] as const,
  )
  return {
    // A call consumes what it is given.
    call: () => program(Object.fromEntries(arrays.map(([name, x]) => [name, x.ref])) as Given),
    release: () => {
      for (const [, x] of arrays) x.dispose()
    },
  }
}

function post(line: object): Promise<Response> {
  return fetch('/line', { method: 'POST', body: JSON.stringify(line) })
}
