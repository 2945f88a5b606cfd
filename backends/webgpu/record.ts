/**
 * Recording: steps of a program at given sizes, to a flat list of commands.
 *
 *   for t below 3 { run f(h, x; t); swap h, next }   →   f(h, x; 0), f(next, x; 1), f(h, x; 2)
 *
 * Loops are unrolled, swaps become a choice of buffers, and branches go under gates (`gate.ts`). A
 * command names buffers by place: the program's in order, then the gates' three, then scratch.
 * A case that swaps exchanges contents at its end, so that all cases leave buffers alike. Steps
 * with a `while` inside are not for this file: `walk.ts` drives them.
 */
import { type Dim, dimProduct, dimValue, type Sizes } from '../../lib/data/dim.js'
import { absurd, invariant } from '../../lib/data/error.js'
import { namesByKernel, type Program, type RunStep, type Step } from '../../lib/loop/index.js'
import { type GpuDispatch, type GpuLimits, hasHalves, workgroupsOf } from './emit/index.js'
import type { Running } from './fault.js'
import { copyShader, gateShader, swapShader } from './gate.js'
import { deviceBytes } from './storage.js'

export type Command = RunCommand | CopyCommand

export interface RunCommand {
  readonly tag: 'run'
  readonly dispatch: GpuDispatch
  readonly buffers: readonly number[]
  /** Of the uniform, in bytes; -1 where there is none. */
  readonly offset: number
  readonly groups: readonly [number, number, number]
  /** What the names of its kernel stand for. */
  readonly sizes: Sizes
  /** Where its workgroups are granted; -1 where it always runs. */
  entry: number
}
export interface CopyCommand {
  readonly tag: 'copy'
  readonly from: number
  readonly to: number
  readonly bytes: number
}

export interface Recording {
  readonly commands: readonly Command[]
  /** The uniforms' i32 words. */
  readonly words: readonly number[]
  /** Four u32 an entry: workgroups, then the case under which they run. */
  readonly table: readonly number[]
  readonly cells: number
  /** Bytes of each scratch place. */
  readonly scratch: readonly number[]
}

/** Name → place of each of the program's buffers; swaps change it. */
export type Names = Map<string, number>

/** A gate: what runs under it, and where its first cell is. */
export interface Gate {
  readonly cell: number
  readonly cases: number
  readonly members: { readonly command: RunCommand; readonly under: number }[]
  readonly close: () => void
}

/** A case of a gate, or none: where commands are being put. */
export type Under = { readonly gate: Gate; readonly index: number } | undefined

export interface Recorder {
  readonly steps: (steps: readonly Step[], sizes: Sizes, names: Names, under: Under) => void
  /** Opens a gate on the scalar in a place; `close` it when all is recorded under it. */
  readonly gate: (on: number, cases: number, under: Under) => Gate
  /** How many commands there are so far. */
  readonly count: () => number
  /** What was recorded since the last time. */
  readonly take: () => Recording
}

/** Bytes between uniforms: what every device aligns to. */
export const uniformStride = 256

/** Places behind the program's buffers. */
export const gatePlaces = { table: 0, granted: 1, cells: 2, count: 3 } as const

export interface Compiled {
  readonly program: Program
  /** The dispatches of each kernel, by its name. */
  readonly dispatches: ReadonlyMap<string, readonly GpuDispatch[]>
  readonly limits: GpuLimits
  /** What is said where it does not end. */
  readonly running: Running
}

export function recorder({ program, dispatches, limits }: Compiled): Recorder {
  const kernels = namesByKernel(program)
  const bytes = new Map(program.buffers.map((b) => [b.name, { dtype: b.dtype, shape: b.shape }]))
  const gates = program.buffers.length
  const firstScratch = gates + gatePlaces.count
  let commands: Command[] = []
  let words: number[] = []
  let offsets = new Map<string, number>()
  let table: number[] = []
  let cells = 0
  let scratch: number[] = []

  const uniform = (values: readonly number[]): number => {
    if (values.length === 0) return -1
    const key = values.join()
    const known = offsets.get(key)
    if (known !== undefined) return known
    const offset = 4 * words.length
    words.push(...values)
    while ((4 * words.length) % uniformStride !== 0) words.push(0)
    offsets.set(key, offset)
    return offset
  }
  const push = (command: RunCommand, under: Under): void => {
    commands.push(command)
    under?.gate.members.push({ command, under: under.index })
  }
  const dispatch = (
    each: GpuDispatch,
    buffers: readonly number[],
    sizes: Sizes,
    under: Under,
  ): void => {
    const groups = workgroupsOf(each, sizes, limits)
    if (groups[0] === 0) return
    const offset = uniform(each.sizes.map((name) => dimValue(name, sizes)))
    push({ tag: 'run', dispatch: each, buffers, offset, groups, sizes, entry: -1 }, under)
  }
  const run = (step: RunStep, sizes: Sizes, names: Names, under: Under): void => {
    const bound: Record<string, number> = {}
    for (const name of kernels.get(step.kernel) ?? []) {
      bound[name] = dimValue(step.sizes[name] ?? name, sizes)
    }
    const places = new Map<string, number>()
    for (const each of dispatches.get(step.kernel) ?? []) {
      for (const { name, dtype, shape } of each.scratch) {
        if (places.has(name)) continue
        const at = places.size
        const size = dimValue(dimProduct(shape), bound) * deviceBytes(dtype, hasHalves(limits))
        scratch[at] = Math.max(scratch[at] ?? 0, size)
        places.set(name, firstScratch + at)
      }
    }
    const placeOf = (buffer: string): number => {
      const place = places.get(buffer) ?? names.get(step.buffers[buffer])
      invariant(place !== undefined, `kernel ${step.kernel} has no buffer '${buffer}'`)
      return place
    }
    for (const each of dispatches.get(step.kernel) ?? []) {
      const buffers = each.bindings.map(({ buffer }) => placeOf(buffer))
      dispatch(each, buffers, bound, under)
    }
  }
  const bytesOf = (name: string, sizes: Sizes): number => {
    const b = bytes.get(name)
    invariant(b !== undefined, `program ${program.name} has no buffer '${name}'`)
    return roundUp(
      dimValue(dimProduct(b.shape as readonly Dim[]), sizes) *
        deviceBytes(b.dtype, hasHalves(limits)),
    )
  }
  const between = (
    shader: GpuDispatch,
    from: number,
    to: number,
    size: number,
    under: Under,
  ): void => {
    if (size > 0) dispatch(shader, [from, to], { count: size / 4 }, under)
  }
  const copy = (from: string, to: string, sizes: Sizes, names: Names, under: Under): void => {
    const [a, b] = [placeIn(names, from), placeIn(names, to)]
    const size = bytesOf(from, sizes)
    if (a === b || size === 0) return
    if (under === undefined) commands.push({ tag: 'copy', from: a, to: b, bytes: size })
    else between(copyShader, a, b, size, under)
  }
  /** Exchanges contents until every name is where it was before. */
  const restore = (before: Names, after: Names, sizes: Sizes, under: Under): void => {
    for (const [name, wanted] of before) {
      const place = placeIn(after, name)
      if (place === wanted) continue
      const other = [...after].find(([, at]) => at === wanted)
      invariant(other !== undefined, `nothing is where '${name}' was`)
      between(swapShader, place, wanted, bytesOf(name, sizes), under)
      after.set(name, wanted)
      after.set(other[0], place)
    }
  }
  const gate = (on: number, cases: number, under: Under): Gate => {
    const cell = cells
    cells += cases
    const at = commands.length
    const placeholder: CopyCommand = { tag: 'copy', from: on, to: on, bytes: 0 }
    commands.push(placeholder)
    const members: Gate['members'] = []
    const parent = under === undefined ? -1 : under.gate.cell + under.index
    const close = (): void => {
      const first = table.length / 4
      for (const { command, under: index } of members) {
        command.entry = table.length / 4
        table.push(...command.groups, index)
      }
      const values = [first, members.length, cases, parent, cell]
      commands[at] = {
        tag: 'run',
        dispatch: gateShader,
        buffers: [
          on,
          gates + gatePlaces.table,
          gates + gatePlaces.granted,
          gates + gatePlaces.cells,
        ],
        offset: uniform(values),
        groups: [1, 1, 1],
        sizes: {},
        entry: -1,
      }
    }
    return { cell, cases, members, close }
  }
  const steps: Recorder['steps'] = (list, sizes, names, under) => {
    for (const step of list) {
      switch (step.tag) {
        case 'run':
          run(step, sizes, names, under)
          break
        case 'copy':
          copy(step.from, step.to, sizes, names, under)
          break
        case 'swap':
          exchange(names, step.a, step.b)
          break
        case 'for': {
          const count = dimValue(step.below, sizes)
          for (let n = 0; n < count; n++) {
            steps(step.body, { ...sizes, [step.counter]: n }, names, under)
          }
          break
        }
        case 'branch': {
          const opened = gate(placeIn(names, step.on), step.cases.length, under)
          step.cases.forEach((body, index) => {
            const inside = new Map(names)
            const here = { gate: opened, index }
            steps(body, sizes, inside, here)
            restore(names, inside, sizes, here)
          })
          opened.close()
          break
        }
        case 'while':
          throw new Error('broken invariant: a while is for the walk')
        default:
          absurd(step)
      }
    }
  }
  return {
    steps,
    gate,
    count: () => commands.length,
    take: () => {
      const taken = { commands, words, table, cells, scratch }
      commands = []
      words = []
      offsets = new Map()
      table = []
      cells = 0
      scratch = []
      return taken
    },
  }
}

export function placeIn(names: Names, name: string): number {
  const place = names.get(name)
  invariant(place !== undefined, `no buffer '${name}'`)
  return place
}

export function exchange(names: Names, a: string, b: string): void {
  const kept = placeIn(names, a)
  names.set(a, placeIn(names, b))
  names.set(b, kept)
}

export const roundUp = (bytes: number): number => Math.ceil(bytes / 4) * 4
