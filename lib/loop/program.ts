/**
 * Programs: kernels in order, loops and branches around them, buffers in one arena. What a backend
 * turns into one module with one call.
 *
 *   for t below T
 *     run step(x = x, h = h, next = h2; t)
 *     swap h, h2
 *
 * Sizes are those of the program's names, bound at each call; inside a `for` its counter is a name
 * too. Arena buffers that share a slot are never alive together; a slot is as large as its largest
 * buffer. `external` buffers have an address given by the caller; `constant` ones carry their data.
 */
import { type Dim, dimNames } from '../data/dim.js'
import type { TypedArray } from '../data/dtype.js'
import type { BufferType } from './expression.js'
import { type Kernel, kernelNames } from './kernel.js'
import { type Line, printKernel, showShape } from './print.js'

export type Place =
  | { readonly tag: 'arena'; readonly slot: number }
  | { readonly tag: 'external' }
  | { readonly tag: 'constant'; readonly data: TypedArray }

export interface ProgramBuffer {
  readonly name: string
  readonly dtype: BufferType
  readonly shape: readonly Dim[]
  readonly place: Place
}

export type Step =
  | RunStep
  /** The same number of bytes, whole buffers. */
  | { readonly tag: 'copy'; readonly from: string; readonly to: string }
  /** The two buffers exchange their memory; same dtype and shape. */
  | { readonly tag: 'swap'; readonly a: string; readonly b: string }
  | {
      readonly tag: 'for'
      readonly counter: string
      readonly below: Dim
      readonly body: readonly Step[]
    }
  /** Runs `test`, reads the bool in `condition`; while it holds, runs `body` and starts over. */
  | {
      readonly tag: 'while'
      readonly test: readonly Step[]
      readonly condition: string
      readonly body: readonly Step[]
    }
  /** Picks a case by an i32 or bool scalar, clamped to the cases there are. */
  | { readonly tag: 'branch'; readonly on: string; readonly cases: readonly (readonly Step[])[] }

export interface RunStep {
  readonly tag: 'run'
  readonly kernel: string
  /** Kernel buffer → program buffer. */
  readonly buffers: Readonly<Record<string, string>>
  /** What the kernel's counters and size names stand for; a name left out stands for itself. */
  readonly sizes: Readonly<Record<string, Dim>>
}

export interface Program {
  readonly name: string
  readonly buffers: readonly ProgramBuffer[]
  readonly kernels: readonly Kernel[]
  readonly steps: readonly Step[]
}

/** The names of each kernel's parameters, by its name. */
export const namesByKernel = (program: Program): ReadonlyMap<string, readonly string[]> =>
  new Map(program.kernels.map((k) => [k.name, kernelNames(k)]))

/** The size names that a program's buffers, kernels and loops mention, counters left out. */
export function programNames(
  program: Program,
  kernels = namesByKernel(program),
): readonly string[] {
  const names = new Set<string>()
  const counters = new Set<string>()
  const add = (dim: Dim): void => {
    for (const name of dimNames(dim)) names.add(name)
  }
  const walk = (steps: readonly Step[]): void => {
    for (const step of steps) {
      if (step.tag === 'run') {
        for (const name of kernels.get(step.kernel) ?? []) add(step.sizes[name] ?? name)
      } else if (step.tag === 'for') {
        counters.add(step.counter)
        add(step.below)
        walk(step.body)
      } else if (step.tag === 'while') {
        walk(step.test)
        walk(step.body)
      } else if (step.tag === 'branch') step.cases.forEach(walk)
    }
  }
  for (const b of program.buffers) b.shape.forEach(add)
  walk(program.steps)
  return [...names].filter((name) => !counters.has(name))
}

export function printProgram(program: Program): readonly Line[] {
  return [
    { depth: 0, text: `program ${program.name}` },
    ...program.buffers.map((b) => ({
      depth: 1,
      text: `${showPlace(b.place)} ${b.name}: ${b.dtype}${showShape(b.shape)}`,
    })),
    ...printSteps(program.steps, 1),
    ...program.kernels.flatMap(printKernel),
  ]
}

const showPlace = (place: Place): string =>
  place.tag === 'arena' ? `slot ${place.slot}` : place.tag

function printSteps(steps: readonly Step[], depth: number): readonly Line[] {
  return steps.flatMap((step) => printStep(step, depth))
}

function printStep(step: Step, depth: number): readonly Line[] {
  switch (step.tag) {
    case 'run':
      return [{ depth, text: showRun(step) }]
    case 'copy':
      return [{ depth, text: `copy ${step.from} → ${step.to}` }]
    case 'swap':
      return [{ depth, text: `swap ${step.a}, ${step.b}` }]
    case 'for':
      return [
        { depth, text: `for ${step.counter} below ${step.below}` },
        ...printSteps(step.body, depth + 1),
      ]
    case 'while':
      return [
        { depth, text: 'loop' },
        ...printSteps(step.test, depth + 1),
        { depth: depth + 1, text: `while ${step.condition}` },
        ...printSteps(step.body, depth + 1),
      ]
    case 'branch':
      return step.cases.flatMap((body, i) => [
        { depth, text: `case ${i} of ${step.on}` },
        ...printSteps(body, depth + 1),
      ])
  }
}

function showRun(step: RunStep): string {
  const buffers = Object.entries(step.buffers).map(([to, from]) => `${to} = ${from}`)
  const sizes = Object.entries(step.sizes).map(([to, from]) => `${to} = ${from}`)
  return `run ${step.kernel}(${[...buffers, ...sizes].join(', ')})`
}
