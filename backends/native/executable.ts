/**
 * Compiled programs: load, bind sizes, call.
 *
 * Binding sizes lays out the arena and fills the table; it is kept until other sizes come, so that
 * a call is a few stores and one call into the library. Addresses of external buffers may change
 * from call to call, which is how arrays stay where they are. While a call is under way on another
 * thread its binding is taken; a further call binds memory of its own.
 */
import { dimValue, type Sizes } from '../../lib/data/dim.js'
import type { Program } from '../../lib/loop/index.js'
import type { Block } from '../addressed.js'
import { bufferBytes, slotBytes } from '../room.js'
import { openBuilt } from './build.js'
import { type Needs, needsOf } from './cost.js'
import { emitProgram, type ProgramText, tableHeader } from './emit/program.js'
import type { Host } from './host.js'
import type { OpenLibrary } from './library.js'
import { buildInParts } from './units.js'

export interface Executable {
  /** Bytes of arena, scratch and constants at given sizes: what a call needs beside arrays. */
  readonly workingBytes: (sizes: Sizes) => number
  /**
   * Runs at given sizes. `addresses` holds one for each external buffer, in the order of the
   * program; returns where each is at the end, which a swap changes.
   */
  readonly run: (sizes: Sizes, addresses: readonly number[]) => readonly number[]
  /** The same on another thread than JavaScript's. */
  readonly runLater: (sizes: Sizes, addresses: readonly number[]) => Promise<readonly number[]>
  readonly release: () => void
}

/** A program in its library: what there is once it has been emitted and compiled. */
export interface Built {
  readonly buffers: Program['buffers']
  /** The names whose values the table holds, in order. */
  readonly sizes: readonly string[]
  readonly library: OpenLibrary
  /** Of the library in the cache. */
  readonly key: string
  /** Whether the C compiler ran, or the library was in the cache. */
  readonly compiled: boolean
  readonly needs: (sizes: Sizes) => Needs
}

export const textOf = (program: Program, { builder, contract }: Host): ProgramText =>
  emitProgram(program, {
    vectorBytes: builder.machine.hardware.vectorBytes,
    contract: contract && builder.machine.fma,
  })

export function buildProgram(program: Program, host: Host): Built {
  const text = textOf(program, host)
  const needs = needsBy(text.sizes, host, () => program)
  return { buffers: program.buffers, sizes: text.sizes, needs, ...openLibrary(text, host) }
}

/** What calls need, by the names that it depends on: found again only at other sizes. */
export function needsBy(
  names: readonly string[],
  { builder, rates, threads }: Host,
  program: () => Program,
): Built['needs'] {
  const measure = { hardware: { ...builder.machine.hardware, threads }, rates }
  let last: { readonly values: readonly unknown[]; readonly needs: Needs } | undefined
  return (sizes) => {
    if (last === undefined || !names.every((name, i) => sizes[name] === last?.values[i])) {
      const values = names.map((name) => sizes[name])
      last = { values, needs: needsOf(program(), sizes, measure) }
    }
    return last.needs
  }
}

export function executableOf(built: Built, host: Host): Executable {
  const { memory, runtime } = host
  const { buffers, library } = built
  const fixed = placeFixed(built, host)
  const externals = buffers.flatMap((b, i) => (b.place.tag === 'external' ? [i] : []))
  let bound: Binding | undefined
  let released = false
  let underWay = 0

  /** A binding for the sizes, this call's alone until it is given back. */
  const take = (sizes: Sizes): Binding => {
    const known = bound
    bound = undefined
    if (known !== undefined) {
      if (built.sizes.every((name, i) => sizes[name] === known.values[i])) return known
      memory.free(known.block)
    }
    return openBinding(built, host, fixed, sizes)
  }
  const giveBack = (binding: Binding): void => {
    if (bound === undefined && !released) bound = binding
    else memory.free(binding.block)
  }
  const close = (): void => {
    memory.free(fixed.block)
    library.close()
  }
  const fill = ({ table }: Binding, addresses: readonly number[]): void => {
    for (let i = 0; i < externals.length; i++) {
      table[tableHeader + (externals[i] as number)] = addresses[i] ?? 0 // i is below the length
    }
  }
  const ends = ({ table }: Binding): readonly number[] =>
    externals.map((at) => table[tableHeader + at] as number) // in range: the table has them

  return {
    workingBytes: (sizes) => layoutOf(built, host.threads, sizes).bytes + fixed.block.bytes,
    run: (sizes, addresses) => {
      const binding = take(sizes)
      fill(binding, addresses)
      runtime.call(library.run, binding.table, binding.threads)
      giveBack(binding)
      return ends(binding)
    },
    runLater: async (sizes, addresses) => {
      const binding = take(sizes)
      fill(binding, addresses)
      underWay++
      try {
        await runtime.callLater(library.run, binding.table, binding.threads)
      } finally {
        underWay--
        giveBack(binding)
        if (released && underWay === 0) close()
      }
      return ends(binding)
    },
    release: () => {
      if (released) return
      released = true
      if (bound !== undefined) memory.free(bound.block)
      bound = undefined
      if (underWay === 0) close()
    },
  }
}

function openLibrary(
  text: ProgramText,
  { builder, runtime, compilers }: Host,
): Pick<Built, 'library' | 'key' | 'compiled'> {
  const what = `program ${text.program.name}`
  const build = () => buildInParts(builder, runtime, text, what, compilers)
  const { opened, built } = openBuilt(builder, what, build, runtime.open)
  return { library: opened, key: built.key, compiled: built.compiled }
}

interface Fixed {
  readonly block: Block
  readonly constants: ReadonlyMap<string, number>
}

/** Constants of the program: written once. */
function placeFixed({ buffers }: Built, { memory, runtime }: Host): Fixed {
  const held = buffers.flatMap((b) =>
    b.place.tag === 'constant' ? [{ name: b.name, data: b.place.data }] : [],
  )
  const bytes = held.reduce((sum, { data }) => sum + aligned(data.byteLength), 0)
  const block = memory.allocate(bytes)
  const constants = new Map<string, number>()
  let at = block.address
  for (const { name, data } of held) {
    runtime.write(at, data)
    constants.set(name, at)
    at += aligned(data.byteLength)
  }
  return { block, constants }
}

const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64

interface Binding {
  readonly block: Block
  readonly table: Float64Array
  /** As many as the backend has where they save time, else one. */
  readonly threads: number
  /** The bound sizes, in the order of `text.sizes`. */
  readonly values: readonly number[]
}

interface Layout {
  readonly slots: readonly number[]
  readonly scratch: number
  readonly bytes: number
}

/** Scratch of each thread, then the slots one after another. */
function layoutOf(built: Built, threads: number, sizes: Sizes): Layout {
  const scratch = aligned(built.needs(sizes).scratchBytes)
  let at = scratch * threads
  const slots = slotBytes(built, (b) => aligned(bufferBytes(b, sizes) + 64)).map((bytes) => {
    at += bytes
    return at - bytes
  })
  return { slots, scratch, bytes: at }
}

function openBinding(built: Built, host: Host, fixed: Fixed, sizes: Sizes): Binding {
  const layout = layoutOf(built, host.threads, sizes)
  const block = host.memory.allocate(layout.bytes)
  const values = built.sizes.map((name) => dimValue(name, sizes))
  const addresses = built.buffers.map((b) => {
    if (b.place.tag === 'arena') return block.address + (layout.slots[b.place.slot] ?? 0)
    return b.place.tag === 'constant' ? (fixed.constants.get(b.name) ?? 0) : 0
  })
  const table = Float64Array.from([block.address, layout.scratch, ...addresses, ...values])
  const spread = host.threads > 1 && built.needs(sizes).gain > host.leastGain
  return { block, table, threads: spread ? host.threads : 1, values }
}
