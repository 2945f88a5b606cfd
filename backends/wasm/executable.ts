/**
 * Compiled programs in memory: instantiate, bind sizes, call.
 *
 * Binding sizes lays out the arena and fills the table; it is kept until other sizes come, so that
 * a call is a few stores and one call into the module. Addresses of external buffers may change
 * from call to call, which is how arrays stay resident.
 */
import { dimValue, type Sizes } from '../../lib/data/dim.js'
import { fail } from '../../lib/data/error.js'
import type { Program } from '../../lib/loop/index.js'
import type { Block } from '../addressed.js'
import { gainOf } from '../gain.js'
import { bufferBytes, slotBytes } from '../room.js'
import { scratchBytes } from './kernel.js'
import type { LinearMemory } from './memory.js'
import { type CompiledProgram, compileProgram } from './module.js'
import { tableHeader } from './steps.js'
import type { Team } from './team.js'

export interface Executable {
  readonly compiled: CompiledProgram
  /**
   * Bytes of arena, scratch, table and constants at given sizes: what a call needs beside arrays.
   */
  readonly workingBytes: (sizes: Sizes) => number
  /**
   * Runs at given sizes. `addresses` holds one for each external buffer, in the order of the
   * program; returns where each is at the end, which a swap changes.
   */
  readonly run: (sizes: Sizes, addresses: readonly number[]) => readonly number[]
  readonly release: () => void
}

export interface ExecutableOptions {
  readonly relaxed: boolean
  /** Who runs the program, where the memory is shared. */
  readonly team?: Team | undefined
  /** Nanoseconds that threads must save at least for a call to use them. */
  readonly leastGain?: number
}

/** What waking the members costs, and more. */
const leastGain = 10_000

export function loadProgram(
  program: Program,
  memory: LinearMemory,
  options: ExecutableOptions,
): Executable {
  const { relaxed, team } = options
  const compiled = compileProgram(program, { relaxed, memory: memory.limits })
  const threads = team?.count ?? 1
  const call = instantiate(compiled, memory, team?.check ?? nothing)
  const fixed = placeFixed(compiled, memory)
  const job = team?.enlist(compiled.binary)
  const externals = program.buffers.flatMap((b, i) => (b.place.tag === 'external' ? [i] : []))
  let bound: Binding | undefined
  let words = new Int32Array(memory.memory.buffer)

  const bind = (sizes: Sizes): Binding => {
    if (bound !== undefined) {
      const values = bound.values
      if (compiled.sizes.every((name, i) => sizes[name] === values[i])) return bound
      memory.free(bound.region)
      bound = undefined
    }
    const gain = threads > 1 ? gainOf(program, sizes, threads) : 0
    const together = gain > (options.leastGain ?? leastGain)
    bound = openBinding(compiled, memory, fixed, sizes, together ? threads : 1)
    return bound
  }

  return {
    compiled,
    workingBytes: (sizes) => layoutOf(compiled, sizes, threads).bytes + fixed.bytes,
    run: (sizes, addresses) => {
      const { table, threads } = bind(sizes)
      if (words.buffer !== memory.memory.buffer) words = new Int32Array(memory.memory.buffer)
      const first = table / 4 + tableHeader
      for (let i = 0; i < externals.length; i++) {
        words[first + (externals[i] as number)] = addresses[i] ?? 0 // i is below the length
      }
      if (threads > 1 && team?.assembled() && job !== undefined) {
        words[table / 4 + 3] = threads
        words[table / 4 + 4] = team.meetings()
        team.run(job, table, () => call(table, 0))
      } else {
        words[table / 4 + 3] = 1
        call(table, 0)
      }
      return externals.map((at) => words[first + at] as number) // in range: the table has them
    },
    release: () => {
      if (job !== undefined) team?.forget(job)
      if (bound !== undefined) memory.free(bound.region)
      bound = undefined
      memory.free(fixed)
    },
  }
}

interface Binding {
  readonly region: Block
  readonly table: number
  /** The bound sizes, in the order of `compiled.sizes`. */
  readonly values: readonly number[]
  /** How many threads are worth waking, and have scratch memory. */
  readonly threads: number
}

const nothing = (): void => {}

type Call = (table: number, thread: number) => void

function instantiate(compiled: CompiledProgram, memory: LinearMemory, check: () => void): Call {
  try {
    const module = new WebAssembly.Module(compiled.binary)
    const instance = new WebAssembly.Instance(module, { env: { memory: memory.memory, check } })
    const { run } = instance.exports
    // The module exports `run` with two i32 parameters and no result.
    if (typeof run === 'function') return run as Call
  } catch (cause) {
    return rejected(compiled, cause instanceof Error ? cause.message : String(cause))
  }
  return rejected(compiled, 'the module exports no run')
}

function rejected(compiled: CompiledProgram, why: string): never {
  return fail({
    code: 'compile',
    where: `program ${compiled.program.name}`,
    what: `the engine refuses the module: ${why}`,
    fix: 'report the program; its text is in explain',
  })
}

/** Constants of the module and of the program: written once. */
function placeFixed(
  compiled: CompiledProgram,
  memory: LinearMemory,
): Block & { readonly constants: ReadonlyMap<string, number> } {
  const held: { readonly name: string; readonly bytes: Uint8Array; readonly at: number }[] = []
  let size = aligned(compiled.constants.length)
  for (const b of compiled.program.buffers) {
    if (b.place.tag !== 'constant') continue
    const { buffer, byteOffset, byteLength } = b.place.data
    held.push({ name: b.name, bytes: new Uint8Array(buffer, byteOffset, byteLength), at: size })
    size += aligned(byteLength)
  }
  const region = memory.allocate(size)
  const bytes = new Uint8Array(memory.memory.buffer)
  bytes.set(compiled.constants, region.address)
  for (const { bytes: data, at } of held) bytes.set(data, region.address + at)
  return { ...region, constants: new Map(held.map(({ name, at }) => [name, region.address + at])) }
}

const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64

interface Layout {
  readonly slots: readonly number[]
  readonly scratch: number
  readonly bytes: number
}

/** Table, scratch of each thread, then the slots one after another. */
function layoutOf(compiled: CompiledProgram, sizes: Sizes, threads: number): Layout {
  const { program } = compiled
  const table = 4 * (tableHeader + program.buffers.length + compiled.sizes.length)
  const most = Math.max(0, ...program.kernels.map((k) => scratchBytes(k, sizes)))
  const scratch = aligned(most)
  let at = aligned(table) + threads * scratch
  const slots = slotBytes(program, (b) => aligned(bufferBytes(b, sizes))).map((bytes) => {
    at += bytes
    return at - bytes
  })
  return { slots, scratch, bytes: at }
}

function openBinding(
  compiled: CompiledProgram,
  memory: LinearMemory,
  fixed: ReturnType<typeof placeFixed>,
  sizes: Sizes,
  threads: number,
): Binding {
  const { program } = compiled
  const layout = layoutOf(compiled, sizes, threads)
  const region = memory.allocate(layout.bytes)
  const table = region.address
  const header = 4 * (tableHeader + program.buffers.length + compiled.sizes.length)
  const scratch = table + aligned(header)
  const values = compiled.sizes.map((name) => dimValue(name, sizes))
  const addresses = program.buffers.map((b) => {
    if (b.place.tag === 'arena') return table + (layout.slots[b.place.slot] ?? 0)
    return b.place.tag === 'constant' ? (fixed.constants.get(b.name) ?? 0) : 0
  })
  const words = new Int32Array(memory.memory.buffer, table, header / 4)
  words.set([fixed.address, scratch, layout.scratch, 1, 0, ...addresses, ...values])
  return { region, table, values, threads }
}
