/**
 * Threads as a user meets them: the same results, and what happens when a worker ends.
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { f32, fn, grad, matmul, mean, PullbackError, softmax, sum, tanh } from '../../lib/index.js'
import { compile } from '../run.js'
import { makeWasm, makeWasmBy, type WasmBackend, type WasmOptions } from './backend.js'
import { control } from './control.js'
import { nodeSpawn, type Spawn } from './member.js'

const always = Number.NEGATIVE_INFINITY
const real = nodeSpawn()

const [rows, columns] = [37, 301]
const w = Float32Array.from({ length: columns * 5 }, (_, i) => Math.sin(i))
const x = Float32Array.from({ length: rows * columns }, (_, i) => Math.cos(i))
const inputs = {
  w: { shape: [columns, 5], data: w, dtype: 'f32' },
  x: { shape: [rows, columns], data: x, dtype: 'f32' },
} as const

const loss = fn({ w: f32(columns, 5), x: f32('batch', columns) }, ({ w, x }) =>
  mean(softmax(tanh(matmul(x, w)), { axis: 1 })),
)
const total = fn({ x: f32('n', columns) }, ({ x }) => sum(x))

async function slope(backend: WasmBackend): Promise<ArrayLike<number>> {
  const program = await compile(grad(loss, 'w'), { backend })
  return program.sync(inputs).data
}

/** Members that follow another script the first time. */
function dying(script: string): Spawn {
  let first = true
  return (start, events) => {
    const spawn = first ? nodeSpawn(script) : real
    first = false
    return spawn(start, events)
  }
}

/** A member that is up, waits for its command, and then does something else. */
const insteadOfWork = (then: string): string => `
  const { workerData: { start: { memory, at }, port } } = require('node:worker_threads')
  const words = new Int32Array(memory.buffer, at, ${control.words})
  const turn = Atomics.load(words, ${control.turn})
  Atomics.add(words, ${control.up}, 1)
  require('node:worker_threads').parentPort.postMessage('up')
  Atomics.wait(words, ${control.turn}, turn)
  ${then}`

const open = (spawn: Spawn, options: WasmOptions = {}): WasmBackend =>
  makeWasmBy(spawn, { threads: 2, leastGain: always, ...options })

describe('programs on threads', () => {
  it('give what one thread gives, to the last bit', async () => {
    const one = makeWasm()
    const expected = await slope(one)
    const expectedTotal = (await compile(total, { backend: one })).sync({ x: inputs.x }).data
    for (const threads of [2, 3]) {
      const backend = makeWasm({ threads, leastGain: always })
      await backend.ready()
      expect(backend.threads()).toBe(threads)
      expect(await slope(backend)).toEqual(expected)
      const got = (await compile(total, { backend })).sync({ x: inputs.x }).data
      expect(got).toEqual(expectedTotal)
      backend.close()
    }
  })

  it('run before the workers are up, and beside other backends', async () => {
    const backends = [2, 2, 3].map((threads) => makeWasm({ threads, leastGain: always }))
    const early = await Promise.all(backends.map(slope))
    await Promise.all(backends.map((b) => b.ready()))
    const late = await Promise.all(backends.map(slope))
    for (const result of [...early, ...late]) expect(result).toEqual(early[0])
    for (const backend of backends) backend.close()
  })

  it('take no more memory after many calls and many loads', async () => {
    const backend = makeWasm({ threads: 2, leastGain: always })
    await backend.ready()
    const program = await compile(total, { backend })
    program.sync({ x: inputs.x })
    const before = backend.usedBytes()
    for (let i = 0; i < 1000; i++) program.sync({ x: inputs.x })
    expect(backend.usedBytes()).toBe(before)
    for (let i = 0; i < 30; i++) {
      const again = await compile(total, { backend })
      again.sync({ x: inputs.x })
      await again.release()
    }
    expect(backend.usedBytes()).toBe(before)
    backend.close()
  })

  it('refuse a count that is none', () => {
    expect(() => makeWasm({ threads: 0 })).toThrow(
      "makeWasm: option 'threads' is 0; expected a whole number from 1 to 64",
    )
  })
})

describe('a worker that ends', () => {
  it.each([
    ['exits', 'process.exit(3)', 'a worker thread ended during the call'],
    [
      'traps',
      `port.postMessage('out of luck')
       Atomics.store(words, ${control.failed}, 1)
       Atomics.add(words, ${control.meeting}, 1)
       Atomics.notify(words, ${control.meeting})
       Atomics.add(words, ${control.done}, 1)
       Atomics.notify(words, ${control.done})`,
      'a worker thread failed: out of luck',
    ],
  ])('and %s in the middle of a call is an error; the next call works', async (_, then, what) => {
    const backend = open(dying(insteadOfWork(then)))
    const program = await compile(grad(loss, 'w'), { backend })
    const expected = await slope(makeWasm())
    await backend.ready()
    expect(backend.threads()).toBe(2)
    expect(() => program.sync(inputs)).toThrow(PullbackError)
    expect(program.sync(inputs).data).toEqual(expected)
    await backend.ready()
    expect(backend.threads()).toBe(2)
    expect(program.sync(inputs).data).toEqual(expected)
    backend.close()

    const other = open(dying(insteadOfWork(then)))
    await other.ready()
    await expect(slope(other)).rejects.toThrow(what)
    other.close()
  })

  it('between calls is replaced', async () => {
    const stops: (() => void)[] = []
    const backend = open((start, events) => {
      const member = real(start, events)
      stops.push(member.stop)
      return member
    })
    await backend.ready()
    const expected = await slope(backend)
    stops[0]?.()
    while (stops.length < 2) await new Promise((resume) => setTimeout(resume, 5))
    expect(await slope(backend)).toEqual(expected)
    await backend.ready()
    expect(backend.threads()).toBe(2)
    expect(await slope(backend)).toEqual(expected)
    backend.close()
  })

  it('cannot start where none can: one thread runs alone', async () => {
    const backend = open(() => {
      throw new Error('no threads here')
    })
    await backend.ready()
    expect(backend.threads()).toBe(1)
    expect(await slope(backend)).toEqual(await slope(makeWasm()))
  })
})

describe('pairing of lanes', () => {
  it('is off, absent on engines before V8 13, and on behind a check where it is asked for', () => {
    expect(makeWasm().pairing).toBe('off')
    const { pairing } = makeWasm({ pairLanes: true })
    expect(pairing).toBe(Number.parseInt(process.versions.v8, 10) < 13 ? 'absent' : 'on')
  })
})

describe('a process with workers', () => {
  it('ends by itself', async () => {
    const entry = fileURLToPath(new URL('./index.ts', import.meta.url))
    const script = `
      const { makeWasm } = await import(${JSON.stringify(entry)})
      const backend = makeWasm({ threads: 3 })
      await backend.ready()
      console.log(backend.threads())`
    const run = promisify(execFile)
    const args = ['--import', 'tsx', '--input-type=module', '-e', script]
    const { stdout } = await run(process.execPath, args, { timeout: 150_000 })
    expect(stdout.trim()).toBe('3')
  })
})
