/**
 * A team: the caller's thread and members that run programs with it in lock step.
 *
 *   run(program, table)  →  one store wakes the members; the module does the rest
 *
 * Members start in the background; until all are up, and wherever none can start, calls run on the
 * caller's thread alone, with the same results. A member that ends or traps makes the call at hand
 * a PullbackError; a new team starts behind it. A page's main thread may not sleep: it spins while
 * it waits for the others.
 */
import { fail, PullbackError } from '../../lib/data/error.js'
import type { Block } from '../addressed.js'
import { control, controlBytes } from './control.js'
import type { Member, Spawn } from './member.js'
import type { LinearMemory } from './memory.js'

/** A module that the team runs; members get it with its first command. */
export interface Job {
  readonly id: number
  readonly binary: Uint8Array<ArrayBuffer>
}

export interface Team {
  /** Threads, the caller's included. */
  readonly count: number
  /** Whether all members are up. */
  readonly assembled: () => boolean
  /** Resolves when all are up, or it is clear that they will not be. */
  readonly ready: () => Promise<void>
  /** A number for a module. */
  readonly enlist: (binary: Uint8Array<ArrayBuffer>) => Job
  /** The address of the words of the meetings, for the table. */
  readonly meetings: () => number
  /** Runs `call`, the first thread's part, while the members run theirs. */
  readonly run: (job: Job, table: number, call: () => void) => void
  /** Called by the first thread while it waits: throws if a member has ended. */
  readonly check: () => void
  readonly forget: (job: Job) => void
  readonly close: () => void
}

/** Members that start together and end together. */
interface Crew {
  readonly address: number
  readonly words: Int32Array
  readonly members: readonly Member[]
  readonly loaded: Set<number>
  /** What `done` says once every command so far is done. */
  expected: number
  up: boolean
}

/** Crews that may be lost before the team stays with one thread. */
const patience = 3

/** Looks at what is done before the caller goes to sleep: some microseconds. */
const looks = 2000

export function makeTeam(memory: LinearMemory, count: number, spawn: Spawn): Team {
  let crew: Crew | undefined
  let jobs = 0
  let losses = 0
  let open = true
  const waiting: (() => void)[] = []
  const mayWait = canSleep()

  const answer = (): void => {
    for (const resolve of waiting.splice(0)) resolve()
  }
  /** Its region stays taken: a member may look there until it has really stopped. */
  const disband = (lost: Crew): void => {
    if (crew !== lost) return
    crew = undefined
    for (const member of lost.members) member.stop()
  }
  const assembleAgain = (): void => {
    losses++
    if (open && losses < patience) crew = assemble()
    else answer()
  }

  const assemble = (): Crew | undefined => {
    const bytes = controlBytes(count)
    const { address } = memory.allocate(bytes)
    const words = new Int32Array(memory.memory.buffer, address, bytes / 4)
    words.fill(0)
    words[control.patient] = mayWait ? 1 : 0
    const members: Member[] = []
    const made: Crew = { address, words, members, loaded: new Set(), expected: 0, up: false }
    const events = {
      up: () => {
        if (crew === made && isUp(made)) answer()
      },
      lost: () => {
        if (crew !== made) return
        disband(made)
        assembleAgain()
      },
    }
    try {
      for (let index = 1; index < count; index++) {
        members.push(spawn({ memory: memory.memory, at: address, index }, events))
      }
    } catch {
      for (const member of members) member.stop()
      losses = patience
      return undefined
    }
    return made
  }

  const isUp = (c: Crew): boolean => {
    if (!c.up) c.up = Atomics.load(c.words, control.up) === count - 1
    return c.up
  }

  /** Waits until the members have done every command; false if one has ended before that. */
  const settle = (c: Crew): boolean => {
    for (let left = looks; ; left--) {
      const done = Atomics.load(c.words, control.done)
      if (done === c.expected) return true
      if (left > 0) continue
      if (mayWait && Atomics.wait(c.words, control.done, done, 20) === 'timed-out') {
        if (!c.members.every((m) => m.alive())) return false
      }
    }
  }

  const command = (c: Crew, kind: number, job: Job): void => {
    c.words[control.kind] = kind
    c.words[control.program] = job.id
    c.expected += count - 1
    Atomics.add(c.words, control.turn, 1)
    Atomics.notify(c.words, control.turn)
  }

  /** Ends what is left of a call that failed, and the crew. */
  const abandon = (c: Crew, cause: unknown): never => {
    const mine = Atomics.compareExchange(c.words, control.failed, 0, 1) === 0
    Atomics.add(c.words, control.meeting, 1)
    Atomics.notify(c.words, control.meeting)
    settleAlive(c, mayWait)
    const said = c.members.map((m) => m.lastWords()).find((text) => text !== undefined)
    disband(c)
    assembleAgain()
    if (mine || cause instanceof PullbackError) throw cause
    return lost(said === undefined ? 'a worker thread failed' : `a worker thread failed: ${said}`)
  }

  const settled = (c: Crew): void => {
    if (!settle(c)) abandon(c, lostMember())
  }

  crew = assemble()
  return {
    count,
    assembled: () => crew !== undefined && isUp(crew),
    ready: () =>
      new Promise((resolve) => {
        if (crew === undefined || isUp(crew)) resolve()
        else waiting.push(resolve)
      }),
    enlist: (binary) => ({ id: jobs++, binary }),
    meetings: () => crew?.address ?? 0,
    run: (job, table, call) => {
      const c = crew
      if (c === undefined || !isUp(c)) return call()
      settled(c)
      const fresh = c.loaded.has(job.id) ? undefined : place(memory, job.binary)
      c.words[control.table] = table
      c.words[control.binary] = fresh?.address ?? 0
      c.words[control.binaryBytes] = job.binary.length
      command(c, 0, job)
      try {
        call()
        if (fresh !== undefined) settled(c)
      } catch (cause) {
        abandon(c, cause)
      } finally {
        if (fresh !== undefined) memory.free(fresh)
      }
      c.loaded.add(job.id)
    },
    check: () => {
      if (crew?.members.every((m) => m.alive()) === false) throw lostMember()
    },
    forget: (job) => {
      if (crew === undefined || !crew.loaded.delete(job.id)) return
      settled(crew)
      command(crew, 1, job)
    },
    close: () => {
      open = false
      if (crew !== undefined) disband(crew)
      answer()
    },
  }
}

function place(memory: LinearMemory, binary: Uint8Array): Block {
  const region = memory.allocate(binary.length)
  new Uint8Array(memory.memory.buffer).set(binary, region.address)
  return region
}

/** Waits until every member that still runs has left the call, so that none writes memory later. */
function settleAlive(c: Crew, mayWait: boolean): void {
  for (;;) {
    const done = Atomics.load(c.words, control.done)
    const dead = c.members.filter((m) => !m.alive()).length
    if (done >= c.expected - dead) return
    if (mayWait) Atomics.wait(c.words, control.done, done, 20)
  }
}

/** Whether this thread may wait for another: a page's main thread may not. */
function canSleep(): boolean {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0)
    return true
  } catch {
    return false
  }
}

const lostMember = (): PullbackError =>
  new PullbackError({
    code: 'backend',
    where: 'wasm',
    what: 'a worker thread ended during the call',
    fix: 'Call again: new ones are started, and until then one thread runs alone',
  })

function lost(what: string): never {
  return fail({ code: 'backend', where: 'wasm', what, fix: 'Call again: one thread runs alone' })
}
