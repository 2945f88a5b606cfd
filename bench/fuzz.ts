/**
 * The fuzzer of the compiler, from the command line.
 *
 *   npm run fuzz -- --count 10000 --seed 1 [--backend native | --backend webgpu [--buffers 4]]
 *
 * On webgpu `--buffers` lets a shader bind so many arrays only, and gives programs thirty inputs.
 * Prints what was compared; a difference is printed as a small program, and the exit code is 1.
 */
import { parseArgs } from 'node:util'
import { makeNative } from '../backends/native/index.js'
import { makeWebgpu } from '../backends/webgpu/index.js'
import { backendLaws } from '../laws/backend.js'
import { fuzz } from '../laws/fuzz.js'
import { report } from '../laws/report.js'

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
if (!['wasm', 'native', 'webgpu'].includes(values.backend)) {
  console.error('fuzz: --backend is wasm, native or webgpu')
  process.exit(2)
}
const start = performance.now()
const seconds = (): string => ((performance.now() - start) / 1000).toFixed(1)
const failure = values.backend === 'wasm' ? onWasm() : await later()
if (failure !== undefined) {
  console.log(failure)
  process.exitCode = 1
}

/** Under schedules and threads of every kind. */
function onWasm(): string | undefined {
  const { programs, compared, open, skipped, failure } = fuzz({ runs, seed })
  console.log(
    `seed ${seed}: ${programs} programs in ${seconds()} s, ${compared} entries compared, ` +
      `${open} decided by rounding`,
  )
  for (const [why, count] of [...skipped].sort((a, b) => b[1] - a[1])) {
    console.log(`${count}× ${why}`)
  }
  return failure
}

/** By the law of the kit for backends. */
async function later(): Promise<string | undefined> {
  const { buffers } = values
  const limit = buffers === undefined ? {} : { storageBuffers: Number(buffers) }
  const backend = values.backend === 'native' ? await makeNative() : await makeWebgpu(limit)
  const copies = buffers === undefined ? 1 : 3
  try {
    const laws = backendLaws(backend, { of: [], steps: 16, copies, total: true })
    const [law] = laws.filter((l) => l.name.includes('every kind'))
    const { runs: programs, decided, refutation } = await law.examine({ runs, seed })
    console.log(`seed ${seed}: ${programs} programs in ${seconds()} s, ${decided} compared`)
    return refutation === undefined ? undefined : report(refutation)
  } finally {
    backend.close()
  }
}
