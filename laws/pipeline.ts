/**
 * The kit for the pipeline: values, tangents and cotangents are the reference's at every stage.
 *
 *   terms ─ after each pass, in order ─→ kernels as lowered ─→ as scheduled ─→ the module
 *
 * Decisions are data: they read back from their text, replay to the same program, and any legal ones
 * change nothing. Programs are of every kind (loops, branches, nested derivatives, named sizes, odd
 * numbers), and compared up to what rounding can do to each of their numbers (agree.ts).
 */

import fc from 'fast-check'
import { linearMemory } from '../backends/wasm/memory.js'
import { interpreters } from '../lib/interpret/index.js'
import { compile } from '../lib/loop/compile.js'
import { printProgram, showLines } from '../lib/loop/index.js'
import { programScheduleFromJson, programScheduleToJson } from '../lib/loop/schedule/index.js'
import { type Pass, standard } from '../lib/pass/index.js'
import { determined, measuredOf } from './agree.js'
import { anyDecisions, compiledAgrees } from './compiled.js'
import { needs, needsMembers } from './given.js'
import { type Law, law } from './law.js'
import { agreed, broken, type Measured } from './measured.js'
import { type Question, questions, taken } from './question.js'

export function pipelineLaws(passes: readonly Pass[] = standard): readonly Law[] {
  needs('pipelineLaws', passes, Array.isArray(passes), 'a list of passes')
  for (const pass of passes) {
    needsMembers('pipelineLaws', pass, { name: 'string', run: 'function' }, 'a pass')
  }
  const memory = linearMemory()
  return [
    ...passes.map((pass, k) =>
      law(
        `pipeline: after pass ${k + 1}, ${pass.name}, values, tangents and cotangents agree`,
        'evaluate ∘ pass ∘ … ∘ pass = evaluate, of f, of jvp f and of vjp f',
        questions,
        (question) => afterPasses(question, passes.slice(0, k + 1)),
      ),
    ),
    law(
      'pipeline: kernels as lowered, as scheduled, and the module agree',
      'interpret ∘ lower = interpret ∘ schedule ∘ lower = run ∘ emit = evaluate',
      questions,
      ({ program, mode, scheduleSeed }) => {
        const point = taken(program, mode)
        if (typeof point === 'string') return undefined
        const options = scheduleSeed === undefined ? { memory } : { memory, scheduleSeed }
        const outcome = compiledAgrees(point.func, point.inputs, program.sizes, options)
        if (outcome.tag === 'fails') return broken(`${outcome.stage}: ${outcome.why}`)
        return outcome.tag === 'agrees' ? agreed('every stage') : undefined
      },
    ),
    law(
      'schedules: read back from their text, they are the same',
      'parse ∘ serialise = id',
      decided,
      ({ decisions }) => {
        const text = programScheduleToJson(decisions)
        const again = programScheduleToJson(programScheduleFromJson(text))
        return text === again ? agreed('the text') : broken(`${text} was read as ${again}`)
      },
    ),
    law(
      'schedules: replayed, they give the same program',
      'layouts and schedules name values, loops, buffers and numbers, and nothing else decides',
      decided,
      ({ source, program, decisions }) => {
        const read = programScheduleFromJson(programScheduleToJson(decisions))
        const [once, again] = [program, compile(source, { decisions: read }).program].map((p) =>
          showLines(printProgram(p)),
        )
        return once === again ? agreed('the program') : broken(`${again} instead of ${once}`)
      },
    ),
  ]
}

/** Compilations under some legal decisions. */
const decided = fc.tuple(questions, fc.nat(1000)).map(([question, seed]) => {
  const point = taken(question.program, question.mode)
  const func = typeof point === 'string' ? question.program.func : point.func
  const compilation = compile(func, anyDecisions(seed))
  return { ...compilation, toString: () => `decisions ${seed} for ${question}` }
})

function afterPasses({ program, mode }: Question, passes: readonly Pass[]): Measured | undefined {
  const point = taken(program, mode)
  if (typeof point === 'string') return undefined
  const expected = determined(point.func, point.inputs, program.sizes)
  if (expected === undefined) return undefined
  const after = passes.reduce((func, pass) => pass.run(func), point.func)
  return measuredOf(expected, interpreters.evaluate(after, point.inputs, program.sizes))
}
