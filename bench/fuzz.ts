/**
 * The fuzzer of the compiler, from the command line.
 *
 *   npm run fuzz -- --count 10000 --seed 1 [--backend webgpu [--buffers 4]]
 *
 * On webgpu `--buffers` lets a shader bind so many arrays only, and gives programs thirty inputs.
 * Prints what was compared; a difference is printed as a small program, and the exit code is 1.
 */
import { parseArgs } from 'node:util'
import { makeWebgpu } from '../backends/webgpu/index.js'
import { fuzzOn } from '../laws/device.js'
import { type FuzzOptions, type FuzzReport, fuzz } from '../laws/fuzz.js'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    backend: { type: 'string', default: 'wasm' },
    buffers: { type: 'string' },
  },
})
const [runs, seed] = [Number(values.count), Number(values.seed)]
if (!(Number.isInteger(runs) && runs > 0 && Number.isInteger(seed))) {
  console.error('fuzz: --count and --seed are whole numbers')
  process.exit(2)
}
if (!['wasm', 'webgpu'].includes(values.backend)) {
  console.error('fuzz: --backend is wasm or webgpu')
  process.exit(2)
}
const start = performance.now()
const { programs, compared, open, skipped, failure } =
  values.backend === 'webgpu' ? await onWebgpu({ runs, seed }) : fuzz({ runs, seed })
const seconds = ((performance.now() - start) / 1000).toFixed(1)
console.log(
  `seed ${seed}: ${programs} programs in ${seconds} s, ${compared} entries compared, ` +
    `${open} decided by rounding`,
)
for (const [why, count] of [...skipped].sort((a, b) => b[1] - a[1])) console.log(`${count}× ${why}`)
if (failure !== undefined) {
  console.log(failure)
  process.exitCode = 1
}

async function onWebgpu(options: FuzzOptions): Promise<FuzzReport> {
  const { buffers } = values
  const limit = buffers === undefined ? {} : { storageBuffers: Number(buffers) }
  const backend = await makeWebgpu(limit)
  try {
    return await fuzzOn(backend, { ...options, copies: buffers === undefined ? 1 : 3 })
  } finally {
    backend.close()
  }
}
