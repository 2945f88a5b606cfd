/**
 * JAX and PyTorch, where `python3` can import them: one script, a line of JSON for each question.
 *
 * Calls are timed there, so that the pipe does not count; arrays travel as base64.
 */
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Contestant } from './contestant.js'

export const pythonLibraries = ['jax', 'torch', 'torch-compile'] as const
export type PythonLibrary = (typeof pythonLibraries)[number]

const script = fileURLToPath(new URL('./python.py', import.meta.url))

/** Which of them this machine has; none without `python3`. */
export function pythonPresent(python = 'python3'): readonly PythonLibrary[] {
  const { status, stdout } = spawnSync(python, [script, 'list'], { encoding: 'utf8' })
  if (status !== 0) return []
  const names: readonly unknown[] = JSON.parse(stdout)
  return pythonLibraries.filter((name) => names.includes(name))
}

export function python(library: PythonLibrary, threads: number): Contestant {
  const child = spawn('python3', [script, library, String(threads)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ask = conversation(child)
  return {
    name: library,
    prepare: async ({ kind }, inputs) => {
      const encoded = Object.entries(inputs).map(([name, { shape, data }]) => [
        name,
        {
          shape,
          data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
        },
      ])
      const { missing } = await ask({ prepare: kind, inputs: Object.fromEntries(encoded) })
      if (typeof missing === 'string') return { missing }
      return {
        call: async () => {
          await ask({ call: 1 })
        },
        repeat: async (count) => {
          await ask({ call: count })
        },
        results: async () => decode((await ask({ results: true })).results),
      }
    },
  }
}

type Answer = Readonly<Record<string, unknown>>

/** Questions and answers in turn, a line each. */
function conversation(child: ChildProcessByStdio<Writable, Readable, null>) {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return async (question: object): Promise<Answer> => {
    child.stdin.write(`${JSON.stringify(question)}\n`)
    const { value, done } = await lines.next()
    if (done) throw new Error('python ended')
    return JSON.parse(value)
  }
}

function decode(results: unknown): readonly Float32Array[] {
  if (!Array.isArray(results)) throw new Error('python sent no results')
  return results.map((text) => {
    const bytes = Uint8Array.from(Buffer.from(String(text), 'base64'))
    return new Float32Array(bytes.buffer)
  })
}
