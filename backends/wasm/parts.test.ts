import { describe, expect, it } from 'vitest'
import { randomSource } from '../../lib/loop/index.js'
import { assembler } from './assembler.js'
import { encodeModule, type WasmFunction } from './encode.js'
import { globalCount, meetingAddress, takenPiece, threadCount, threadIndex } from './globals.js'
import { clearParts, emitTake, partBytes, partsAt } from './parts.js'

/** Where the words of the meetings lie. */
const at = 1024

/** `next(thread, threads, count)` takes a piece and stores its number at 0; `clear(threads)`. */
function driver(name: 'next' | 'clear', act: (code: ReturnType<typeof assembler>) => void) {
  const code = assembler(name === 'next' ? ['i32', 'i32', 'i32'] : ['i32'])
  const set = (global: number, local: number): void => {
    code.emit('local.get', local)
    code.emit('global.set', global)
  }
  code.emit('i32.const', at)
  code.emit('global.set', meetingAddress)
  if (name === 'next') set(threadIndex, 0)
  set(threadCount, name === 'next' ? 1 : 0)
  act(code)
  return code.finish(name, true)
}

const functions: readonly WasmFunction[] = [
  emitTake(),
  driver('next', ({ emit }) => {
    emit('local.get', 2)
    emit('call', 0)
    emit('i32.const', 0)
    emit('global.get', takenPiece)
    emit('i32.store', 0)
  }),
  driver('clear', (code) => clearParts(code, code.take('i32'))),
]

/** One instance serves all threads: it is told which one asks. */
function open() {
  const limits = { minimum: 1, maximum: 1, shared: true }
  const binary = encodeModule({
    memory: limits,
    imports: [],
    globals: globalCount,
    functions,
    data: [],
  })
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } })
  const words = new Int32Array(memory.buffer)
  const call = (name: string, ...numbers: readonly number[]): void => {
    const f = exports[name]
    if (typeof f !== 'function') throw new Error(`no ${name}`)
    f(...numbers)
  }
  return {
    words,
    next: (thread: number, threads: number, count: number): number => {
      call('next', thread, threads, count)
      return words[0] as number // the first of many
    },
    clear: (threads: number) => call('clear', threads),
  }
}

describe('taking pieces', () => {
  it('gives each piece to one thread, whoever asks when', () => {
    const parts = open()
    const random = randomSource(1)
    for (const threads of [1, 2, 3, 7]) {
      for (const count of [0, 1, 2, 5, 16, 17, 100]) {
        const taken: number[] = []
        while (taken.length < count) {
          taken.push(parts.next(Math.floor(random() * threads), threads, count))
        }
        expect(taken.toSorted((a, b) => a - b)).toEqual(taken.map((_, i) => i))
        for (let t = 0; t < threads; t++) expect(parts.next(t, threads, count)).toBe(count)
        parts.clear(threads)
      }
    }
  })

  it('starts in a part of its own, from the front, and goes on in those of the others', () => {
    const parts = open()
    const takes = (thread: number, most: number): readonly number[] =>
      Array.from({ length: most }, () => parts.next(thread, 3, 24))
    expect(takes(1, 3)).toEqual([8, 9, 10])
    expect(takes(0, 2)).toEqual([0, 1])
    expect(takes(2, 10)).toEqual([16, 17, 18, 19, 20, 21, 22, 23, 2, 3])
    expect(takes(1, 9)).toEqual([11, 12, 13, 14, 15, 4, 5, 6, 7])
    parts.clear(3)
    expect(takes(1, 1)).toEqual([8])
  })

  it('does not count up the part of another where nothing is left', () => {
    const parts = open()
    for (let i = 0; i < 30; i++) parts.next(0, 2, 8)
    const [own, other] = [0, 1].map((part) => parts.words[(at + partsAt + part * partBytes) / 4])
    expect([own, other]).toEqual([4, 4])
  })
})
