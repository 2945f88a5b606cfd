/**
 * A few processes that examine laws side by side.
 *
 *   const pool = openPool(2)      await pool.open('op sin')      await pool.examine('op sin', 0, …)
 *
 * An input that keeps a process from going on for longer than `endless` is a refutation of its own:
 * the process is ended, and another takes its place. One that dies is told in the same way.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Answer, Ask, Outcome, Run } from './worker.js'

/** Milliseconds without a new input, on a machine that may be busy. */
const endless = 300_000

export interface Pool {
  /** Names of a group's laws, or why they cannot be examined here. */
  readonly open: (group: string) => Promise<readonly string[] | string>
  readonly examine: (group: string, at: number, options: Run) => Promise<Outcome>
  /** Inputs that the law under way at each process has had. */
  readonly underWay: () => readonly number[]
  readonly close: () => void
}

interface Seat {
  child: ChildProcess
  runs: number
  /** Done when no question is open; the next waits for it. */
  free: boolean
}

export function openPool(
  count: number,
  worker = fileURLToPath(new URL('worker.ts', import.meta.url)),
  patience = endless,
): Pool {
  const spawn = () => fork(worker, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const seats = Array.from({ length: count }, (): Seat => ({ child: spawn(), runs: 0, free: true }))
  const waiting: ((seat: Seat) => void)[] = []

  async function seated<A>(use: (seat: Seat) => Promise<A>): Promise<A> {
    const found = seats.find((s) => s.free)
    const seat = found ?? (await new Promise<Seat>((resolve) => waiting.push(resolve)))
    seat.free = false
    try {
      return await use(seat)
    } finally {
      const next = waiting.shift()
      if (next === undefined) seat.free = true
      else next(seat)
    }
  }

  /** The answer, or why there was none. */
  function asked(seat: Seat, ask: Ask): Promise<Answer | string> {
    return new Promise((resolve) => {
      const { child } = seat
      let timer = setTimeout(stop, patience)
      const end = (found: Answer | string) => {
        clearTimeout(timer)
        child.off('message', hear).off('exit', died)
        seat.runs = 0
        resolve(found)
      }
      function stop() {
        child.kill('SIGKILL')
      }
      function died(code: number | null, signal: string | null) {
        seat.child = spawn()
        end(
          signal === 'SIGKILL'
            ? `no answer for ${patience / 1000} s after input ${seat.runs}`
            : `the process ended with ${code ?? signal} after input ${seat.runs}`,
        )
      }
      function hear(message: Answer) {
        if (message.tag !== 'input') return end(message)
        seat.runs = message.runs
        clearTimeout(timer)
        timer = setTimeout(stop, patience)
      }
      child.on('message', hear).once('exit', died)
      child.send(ask)
    })
  }

  return {
    open: (group) =>
      seated(async (seat) => {
        const found = await asked(seat, { tag: 'open', group })
        if (typeof found === 'string') return found
        return found.tag === 'opened' ? found.laws : found.tag === 'absent' ? found.why : []
      }),
    examine: (group, at, options) =>
      seated(async (seat) => {
        const start = performance.now()
        const found = await asked(seat, { tag: 'examine', group, at, options })
        if (typeof found !== 'string' && found.tag === 'examined') return found
        const refutation = typeof found === 'string' ? found : `it could not be examined`
        return { runs: 0, decided: 0, seconds: (performance.now() - start) / 1000, refutation }
      }),
    underWay: () => seats.map((seat) => seat.runs),
    close: () => {
      for (const { child } of seats) child.removeAllListeners('exit').kill()
    },
  }
}
