/**
 * What the compiler made of a program before any backend sees it, stage by stage: for `explain`.
 *
 *   each pass that changed something, as a difference · optimised terms · kernels and steps ·
 *   schedules · the memory plan
 */
import type { Compilation } from '../lib/loop/compile.js'
import { type Program, printProgram, showLines } from '../lib/loop/index.js'
import { type ProgramSchedule, showLayout, showSchedule } from '../lib/loop/schedule/index.js'
import { difference, showDifference } from '../lib/pass/index.js'
import { show } from '../lib/term/index.js'
import type { Stage } from './backend.js'

export function compilationStages(compilation: Compilation): readonly Stage[] {
  const { changes, optimised, lowered, decisions } = compilation
  return [
    ...changes().map(({ pass, before, after }) => ({
      name: `pass ${pass.name}`,
      text: `${pass.sentence}\n${showDifference(difference(before, after))}`,
    })),
    { name: 'optimised terms', text: show(optimised) },
    { name: 'kernels', text: `${countKernels(lowered)}\n${showLines(printProgram(lowered))}` },
    { name: 'schedules', text: showSchedules(lowered, decisions) },
    { name: 'memory plan', text: showPlan(compilation) },
  ]
}

const countKernels = (program: Program): string =>
  `${program.kernels.length} kernels: ${program.kernels.map((k) => k.name).join(', ')}`

/** The layouts, then one line a kernel: the decisions that its loops were given. */
const showSchedules = (program: Program, { layouts, kernels }: ProgramSchedule): string =>
  [
    ...layouts.map(showLayout),
    ...program.kernels.map((k, i) => `${k.name}: ${showSchedule(kernels[i]) || 'as it is'}`),
  ].join('\n')

/** Which buffers share each slot of the arena, and which results live where arguments did. */
function showPlan({ program, source, reuse }: Compilation): string {
  const slots = new Map<number, string[]>()
  for (const b of program.buffers) {
    if (b.place.tag !== 'arena') continue
    const text = `${b.name}: ${b.dtype}[${b.shape.join(', ')}]`
    slots.set(b.place.slot, [...(slots.get(b.place.slot) ?? []), text])
  }
  const lines = [...slots].sort(([a], [b]) => a - b)
  const name = (param: number) => `p${param} (${source.params[param].node.attrs.name})`
  const text = [
    ...lines.map(([slot, names]) => `slot ${slot}: ${names.join(' then ')}`),
    ...[...reuse].map(([result, param]) => `r${result} in place of ${name(param)}`),
  ]
  return text.length === 0 ? 'no memory beside arguments and results' : text.join('\n')
}
