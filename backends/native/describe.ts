/**
 * What the compiler made of a program, stage by stage, as text: for `explain`.
 *
 *   each pass that changed something, as a difference · kernels and steps · the memory plan ·
 *   the C of the program
 */
import { byteSize, dimProduct, dimValue, type Sizes } from '../../lib/data/index.js'
import type { Compilation } from '../../lib/loop/compile.js'
import { type Program, printProgram, showLines } from '../../lib/loop/index.js'
import { type Schedule, showSchedule } from '../../lib/loop/schedule/index.js'
import { difference, showDifference } from '../../lib/pass/index.js'
import { type Func, show } from '../../lib/term/index.js'
import type { Description, Stage } from '../backend.js'
import type { Executable } from './executable.js'

export function describe(
  compilation: Compilation,
  loaded: Executable,
  compilations: readonly string[],
  sizes: Sizes | undefined,
): Description {
  const { changes, optimised, lowered, schedules, program, source } = compilation
  const stages: Stage[] = [
    ...changes.map(({ pass, before, after }) => ({
      name: `pass ${pass.name}`,
      text: `${pass.sentence}\n${showDifference(difference(before, after))}`,
    })),
    { name: 'optimised terms', text: show(optimised) },
    { name: 'kernels', text: `${countKernels(lowered)}\n${showLines(printProgram(lowered))}` },
    { name: 'schedules', text: showSchedules(lowered, schedules) },
    { name: 'memory plan', text: showPlan(program) },
    { name: 'C', text: loaded.text.text },
  ]
  return {
    stages,
    peakBytes: sizes && arrayBytes(source, sizes) + loaded.workingBytes(sizes),
    compilations,
  }
}

const countKernels = (program: Program): string =>
  `${program.kernels.length} kernels: ${program.kernels.map((k) => k.name).join(', ')}`

/** One line a kernel: the decisions that its loops were given. */
const showSchedules = (program: Program, schedules: readonly Schedule[]): string =>
  program.kernels.map((k, i) => `${k.name}: ${showSchedule(schedules[i]) || 'as it is'}`).join('\n')

/** Which buffers share each slot of the arena. */
function showPlan(program: Program): string {
  const slots = new Map<number, string[]>()
  for (const b of program.buffers) {
    if (b.place.tag !== 'arena') continue
    const text = `${b.name}: ${b.dtype}[${b.shape.join(', ')}]`
    slots.set(b.place.slot, [...(slots.get(b.place.slot) ?? []), text])
  }
  const lines = [...slots].sort(([a], [b]) => a - b)
  if (lines.length === 0) return 'no memory beside arguments and results'
  return lines.map(([slot, names]) => `slot ${slot}: ${names.join(' then ')}`).join('\n')
}

/** Bytes of arguments and results at the given sizes. */
const arrayBytes = (func: Func, sizes: Sizes): number =>
  [...func.params, ...func.results].reduce(
    (sum, t) => sum + byteSize[t.dtype] * dimValue(dimProduct(t.shape), sizes),
    0,
  )
