/**
 * The words that a team of threads shares: the meetings of the module that runs, the command at
 * hand, who is up. Indices are in words of 32 bits from the start of the region.
 */
import { partBytes, partsAt } from './parts.js'
import { meetingWords } from './threads.js'

export const control = {
  meeting: meetingWords.meeting / 4,
  failed: meetingWords.failed / 4,
  patient: meetingWords.patient / 4,
  /** The number of the command; changes when there is a new one. */
  turn: 16,
  /** 0 runs a program, 1 forgets it. */
  kind: 17,
  program: 18,
  table: 19,
  /** Where the program's module lies, for a thread that does not have it yet. */
  binary: 20,
  binaryBytes: 21,
  /** Commands done, by all members together. */
  done: 32,
  /** Members that are up. */
  up: 48,
  /** All of these; behind them is what is taken of each thread's part. */
  words: partsAt / 4,
} as const

export const controlBytes = (threads: number): number => partsAt + partBytes * threads

/** What a member is told when it starts. */
export interface Start {
  readonly memory: WebAssembly.Memory
  /** The address of the words. */
  readonly at: number
  /** Its number among the threads; the caller is 0. */
  readonly index: number
}

/** Looks at the command before a member goes to sleep: some tens of microseconds. */
const spins = 20_000

/**
 * What a member does, as a script: text, so that it needs no file of its own beside a bundle. It
 * never returns: between commands it spins, then sleeps. `receive` calls back with a `Start`,
 * `send` tells that it is up, and what went wrong.
 */
export const memberScript = `
const serve = ({ memory, at, index }, send) => {
  const words = new Int32Array(memory.buffer, at, ${control.words})
  const programs = new Map()
  const load = (id) => {
    memory.grow(0) // refreshes the buffer
    const bytes = new Uint8Array(memory.buffer, words[${control.binary}], words[${control.binaryBytes}])
    const module = new WebAssembly.Module(bytes.slice())
    const { run } = new WebAssembly.Instance(module, { env: { memory, check() {} } }).exports
    programs.set(id, run)
    return run
  }
  let turn = Atomics.load(words, ${control.turn})
  Atomics.add(words, ${control.up}, 1)
  send('up')
  for (;;) {
    const seen = turn
    let left = ${spins}
    while ((turn = Atomics.load(words, ${control.turn})) === seen) {
      if (--left < 0) Atomics.wait(words, ${control.turn}, seen)
    }
    const id = words[${control.program}]
    try {
      if (words[${control.kind}] === 1) programs.delete(id)
      else (programs.get(id) ?? load(id))(words[${control.table}], index)
    } catch (error) {
      send(String(error))
      Atomics.store(words, ${control.failed}, 1)
      Atomics.add(words, ${control.meeting}, 1)
      Atomics.notify(words, ${control.meeting})
    }
    Atomics.add(words, ${control.done}, 1)
    Atomics.notify(words, ${control.done})
  }
}
`
