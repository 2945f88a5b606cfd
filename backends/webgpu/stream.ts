/**
 * The order of work on a backend: one job after another, at once where nothing waits.
 *
 * A job that must wait (for a new device, for the answer to a `while`) holds up those behind it;
 * they run when it has settled. Jobs tell their failures themselves.
 */
export interface Stream {
  /** Runs the job now if nothing is before it, else in its turn. */
  readonly run: (job: () => void | Promise<void>) => void
  readonly isIdle: () => boolean
}

export function stream(): Stream {
  const waiting: (() => void | Promise<void>)[] = []
  let busy = false
  const next = (): void => {
    while (!busy) {
      const job = waiting.shift()
      if (job === undefined) return
      const wait = job()
      if (wait === undefined) continue
      busy = true
      void wait.finally(() => {
        busy = false
        next()
      })
    }
  }
  return {
    run: (job) => {
      waiting.push(job)
      if (!busy && waiting.length === 1) next()
    },
    isIdle: () => !busy && waiting.length === 0,
  }
}
