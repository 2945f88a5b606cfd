/**
 * The bench of a GPU, by itself: a JSON object a line.
 *
 *   npx tsx bench/gpu.ts [--only chain,matmul] [--tiny] [--torch SECONDS] [--jax SECONDS]
 *
 * First results at tiny sizes against the reference, then the device's best (copy, fma), then each
 * workload: milliseconds a call by the host's clock and by the device's (medians), what it reaches
 * of copy bandwidth or of the best f32 rate, kernels, time to compile. Then PyTorch, eager and
 * compiled, where `python3` has one with CUDA, and jax-js in Chromium, where both are installed, for
 * at most so many seconds (240 each unless said; 0 for none), beside ours. A software adapter
 * (SwiftShader, llvmpipe) computes tiny sizes only, and its times mean nothing. A workload that fails is a line with its error; the others go on.
 */
import { parseArgs } from 'node:util'
import { makeWebgpu } from '../backends/webgpu/index.js'
import { isSoftware, measurePeak } from '../backends/webgpu/peak.js'
import { type JaxLine, linesOfJax } from './gpu/jax.js'
import { check, differenceFrom, round, time } from './gpu/measure.js'
import { timesOfTorch } from './gpu/torch.js'
import { gpuWorkloads } from './gpu/workloads.js'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    tiny: { type: 'boolean', default: false },
    torch: { type: 'string', default: '240' },
    jax: { type: 'string', default: '240' },
  },
})
const chosen = gpuWorkloads.filter(
  ({ workload }) => values.only?.split(',').some((part) => workload.name.startsWith(part)) ?? true,
)
let failed = 0
const backend = await makeWebgpu()
const scale = values.tiny || isSoftware(backend.adapter) ? 'tiny' : 'full'

for (const each of chosen) {
  const line = await tried(each.workload.name, () => check(backend, each))
  if (!('check' in line && line.check === 'right')) failed++
  say(line)
}
const peak = await measurePeak()
say({
  name: 'device',
  adapter: peak.adapter,
  ...(scale === 'tiny' ? { note: 'tiny sizes: times mean nothing' } : {}),
  copyGBs: round(peak.bytesPerSecond / 1e9),
  fmaGflops: round(peak.flopsPerSecond / 1e9),
})
const ours = new Map<string, object>()
for (const each of chosen) {
  const { name } = each.workload
  const line = await tried(name, () => time(backend, each, scale, peak))
  if ('error' in line) failed++
  ours.set(name, line)
  say(line)
}
backend.close()
if (scale === 'full') {
  for (const [name, times] of timesOfTorch(Number(values.torch))) {
    say({ beside: name, ...ours.get(name), ...times })
  }
}
const names = chosen.map(({ workload }) => workload.name)
for (const line of await linesOfJax({ names, scale, seconds: Number(values.jax) })) {
  say({ beside: line.name, ...ours.get(line.name ?? ''), ...(await judged(line)) })
}
process.exitCode = failed === 0 ? 0 : 1

function say(line: object): void {
  console.log(JSON.stringify(line))
}

/** A line of the page, its tiny results held against the reference: wrong ones have no time. */
async function judged({ name, tiny, jaxJs, jaxJsMs }: JaxLine): Promise<object> {
  const each = chosen.find(({ workload }) => workload.name === name)
  if (each === undefined || tiny === undefined) return { jaxJs }
  const difference = await differenceFrom(each, tiny)
  const right = difference <= 4 * each.workload.make('tiny').tolerance
  return right ? { jaxJsMs } : { jaxJs: `wrong by ${difference}` }
}

/** A line that says what is wrong, where something is. */
async function tried(name: string, job: () => Promise<object>): Promise<object> {
  try {
    return await job()
  } catch (cause) {
    return { name, error: cause instanceof Error ? cause.message : String(cause) }
  }
}
