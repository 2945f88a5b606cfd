/**
 * The fuzzer of the compiler, from the command line.
 *
 *   npm run fuzz -- --count 10000 --seed 1 --jobs 2
 *   npm run fuzz -- --backend native | --backend webgpu [--buffers 4] [--decisions any]
 *
 * On webgpu `--decisions any` draws layouts and schedules too, of the legal ones, and divides what
 * is small as if it were large; `--buffers` lets a shader bind so many arrays only, and gives
 * programs thirty inputs.
 * Prints what was compared; a difference is printed as a small program, and the exit code is 1.
 * Jobs are processes that share the count: job k draws from the seed plus k, and what it prints
 * says which, so that a failure is found again by `--seed` alone.
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { makeNative } from '../backends/native/index.js'
import { makeWebgpu } from '../backends/webgpu/index.js'
import { backendLaws } from '../laws/backend.js'
import { decisionsByText } from '../laws/compiled.js'
import { fuzz } from '../laws/fuzz.js'
import { report } from '../laws/report.js'
import type { GpuLeast } from '../lib/loop/schedule/index.js'

/** Everything may be divided on a GPU, however small. */
const anything: GpuLeast = {
  multiplications: 0,
  filled: 0,
  row: 0,
  divided: 4,
  vectors: 4,
  elements: 0,
  terms: 4,
  run: 2,
}
/** Milliseconds for an answer: a process that gives way to all others may not run for minutes. */
const patience = 3_600_000

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    jobs: { type: 'string', default: '1' },
    backend: { type: 'string', default: 'wasm' },
    buffers: { type: 'string' },
    decisions: { type: 'string', default: 'usual' },
  },
})
const [count, seed, jobs] = [values.count, values.seed, values.jobs].map(Number)
if (!([count, jobs].every((n) => Number.isInteger(n) && n > 0) && Number.isInteger(seed))) {
  console.error('fuzz: --count, --seed and --jobs are whole numbers')
  process.exit(2)
}
if (!['wasm', 'native', 'webgpu'].includes(values.backend)) {
  console.error('fuzz: --backend is wasm, native or webgpu')
  process.exit(2)
}
if (values.backend !== 'wasm') await runOn(values.backend)
else if (jobs === 1) runHere()
else {
  const shares = Array.from({ length: jobs }, (_, k) => Math.floor((count + k) / jobs))
  const codes = await Promise.all(shares.map((share, k) => runThere(share, seed + k)))
  process.exitCode = Math.max(...codes)
}

function runHere(): void {
  const start = performance.now()
  const { programs, compared, open, skipped, failure } = fuzz({ runs: count, seed })
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  console.log(
    `seed ${seed}: ${programs} programs in ${seconds} s, ${compared} entries compared, ` +
      `${open} decided by rounding`,
  )
  for (const [why, times] of [...skipped].sort((a, b) => b[1] - a[1])) {
    console.log(`${times}× ${why}`)
  }
  if (failure !== undefined) {
    console.log(failure)
    process.exitCode = 1
  }
}

/** By the law of the kit for backends. */
async function runOn(name: string): Promise<void> {
  const { buffers } = values
  const choices = { ...decisionsByText(seed), least: anything }
  const drawn = values.decisions === 'any' ? { choices } : {}
  const limit = buffers === undefined ? {} : { storageBuffers: Number(buffers) }
  const backend =
    name === 'native'
      ? await makeNative()
      : await makeWebgpu({ ...limit, timeout: patience, ...drawn })
  const copies = buffers === undefined ? 1 : 3
  const start = performance.now()
  try {
    const laws = backendLaws(backend, { of: [], steps: 16, copies, total: true })
    const [law] = laws.filter((l) => l.name.includes('every kind'))
    const { runs, decided, refutation } = await law.examine({ runs: count, seed })
    const seconds = ((performance.now() - start) / 1000).toFixed(1)
    console.log(`seed ${seed}: ${runs} programs in ${seconds} s, ${decided} compared`)
    if (refutation === undefined) return
    console.log(report(refutation))
    process.exitCode = 1
  } finally {
    backend.close()
  }
}

/** A process of its own, loaded as this one was; its exit code. */
function runThere(share: number, from: number): Promise<number> {
  const args = [fileURLToPath(import.meta.url), '--count', `${share}`, '--seed', `${from}`]
  const child = spawn(process.execPath, [...process.execArgv, ...args], { stdio: 'inherit' })
  return new Promise((resolve) => {
    child.on('exit', (code) => resolve(code ?? 3))
  })
}
