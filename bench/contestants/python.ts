/**
 * JAX and PyTorch, where `python3` can import them: one script, a line of JSON for each question.
 *
 * Calls are timed there, so that the pipe does not count; arrays travel as base64.
 */
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { epsilon } from '../workloads/rows.js'
import { adamRate, rate } from '../workloads/training.js'
import type { Contestant, Spent } from './contestant.js'

export const pythonLibraries = ['jax', 'torch', 'torch-compile'] as const
export type PythonLibrary = (typeof pythonLibraries)[number]

const script = fileURLToPath(new URL('./python/peer.py', import.meta.url))
/** No compiled copies beside the sources. */
const flags = ['-B', script] as const

/** Which of them this machine has; none without `python3`. */
export const pythonPresent = (python = 'python3'): readonly PythonLibrary[] => {
  const versions = pythonVersions(python)
  return pythonLibraries.filter((name) => name in versions)
}

/** Versions by library. */
export function pythonVersions(python = 'python3'): Readonly<Record<string, string>> {
  const { status, stdout } = spawnSync(python, [...flags, 'list'], { encoding: 'utf8' })
  if (status !== 0) return {}
  try {
    const pairs = Object.entries(parsed(stdout))
    return Object.fromEntries(pairs.map(([name, version]) => [name, String(version)]))
  } catch {
    return {} // not the script's answer: another program of this name
  }
}

/** Opens a library in a process of its own; the first that it says is that it is there. */
export async function python(
  library: PythonLibrary,
  threads: number,
  command = 'python3',
): Promise<Contestant> {
  const child = spawn(command, [...flags, library, String(threads)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ask = conversation(child)
  const { ready } = await ask()
  if (typeof ready !== 'string') throw malformed('is not ready')
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
      const { missing, first } = await ask({
        prepare: kind,
        inputs: Object.fromEntries(encoded),
        constants: { epsilon, rate, adamRate },
      })
      if (typeof missing === 'string') return { missing }
      const calls = async (count: number) => asSpent((await ask({ call: count })).calls)
      return {
        call: async () => {
          await calls(1)
        },
        there: { first: asSpent(first), calls },
        results: async () => decode((await ask({ results: true })).results),
      }
    },
  }
}

type Answer = Readonly<Record<string, unknown>>

/** Questions and answers in turn, a line each; the first answer comes unasked. */
function conversation(child: ChildProcessByStdio<Writable, Readable, null>) {
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  // A process that cannot start, or that ended, is noticed by the end of its lines.
  const ended = new Promise<never>((_, reject) => child.once('error', reject))
  ended.catch(() => undefined)
  child.stdin.on('error', () => undefined)
  return async (question?: object): Promise<Answer> => {
    if (question !== undefined) child.stdin.write(`${JSON.stringify(question)}\n`)
    const { value, done } = await Promise.race([lines.next(), ended])
    if (done) throw new Error(`python ended${await codeOf(child)}`)
    const answer = parsed(value)
    if ('failed' in answer) throw new Error(String(answer.failed))
    return answer
  }
}

/** How a process ended whose output did: ` with 1`, ` with SIGKILL`. */
const codeOf = (child: ChildProcessByStdio<Writable, Readable, null>): Promise<string> =>
  new Promise((resolve) => {
    const say = () => resolve(` with ${child.exitCode ?? child.signalCode}`)
    if (child.exitCode !== null || child.signalCode !== null) say()
    else child.once('exit', say)
  })

function parsed(line: string): Answer {
  try {
    const answer: unknown = JSON.parse(line)
    if (isRecord(answer)) return answer
  } catch {
    // Named below.
  }
  throw malformed(`said '${line.slice(0, 40)}'`)
}

const malformed = (what: string): Error => new Error(`python ${what}`)

const isRecord = (value: unknown): value is Answer =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function asSpent(value: unknown): Spent {
  if (isRecord(value)) {
    const { wall, cpu } = value
    if (isTime(wall) && isTime(cpu)) return { wall, cpu }
  }
  throw malformed('sent no times')
}

const isTime = (value: unknown): value is number => typeof value === 'number' && value >= 0

function decode(results: unknown): readonly Float32Array[] {
  if (!Array.isArray(results)) throw malformed('sent no results')
  return results.map((text: unknown) => {
    const bytes = Uint8Array.from(Buffer.from(String(text), 'base64'))
    if (bytes.length % 4 > 0) throw malformed('sent a part of a number')
    return new Float32Array(bytes.buffer)
  })
}
