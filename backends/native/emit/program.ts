/**
 * A program as C: one function, `run`, and one for each kernel, in one file or several.
 *
 *   program run(double *table, struct meeting *meeting, int32_t thread, int32_t threads)
 *
 * Every thread runs the whole of it in lock step and meets the others after each step. The table
 * holds, as doubles, which are exact for them: the address of scratch memory, the scratch bytes of
 * one thread, the address of each buffer, the value of each size. At the end the addresses of
 * buffers that were swapped are written back, so that the table says where everything is.
 */
import { type Dim, dimMul, dimProduct } from '../../../lib/data/dim.js'
import { byteSize } from '../../../lib/data/dtype.js'
import { invariant } from '../../../lib/data/error.js'
import {
  type Kernel,
  kernelNames,
  ofDim,
  type Program,
  programNames,
  type Step,
} from '../../../lib/loop/index.js'
import { polynomialText, wholeText } from './access.js'
import type { Target } from './emission.js'
import { fusingText } from './fusing.js'
import { emitKernel, type KernelText } from './kernel.js'
import { meetingText } from './meeting.js'
import { prelude } from './prelude.js'
import { type Writer, writer } from './writer.js'

export interface ProgramText {
  readonly program: Program
  /** All of it, as one file. */
  readonly text: string
  /** The same as so many files of about equal length, or fewer, to be linked. */
  readonly units: (count: number) => readonly string[]
  readonly kernels: readonly KernelText[]
  /** The names whose values the table holds, in order. */
  readonly sizes: readonly string[]
}

/** Entries of the table before the buffers. */
export const tableHeader = 2

export function emitProgram(program: Program, target: Target): ProgramText {
  const helpers = prelude(target.contract)
  const kernels = program.kernels.map((kernel, i) =>
    emitKernel(
      kernel,
      `k${i}_${plainName(kernel.name)}`,
      target,
      helpers,
      isApart(program, kernel),
    ),
  )
  const sizes = programNames(program)
  const run = emitRun(program, sizes, kernels)
  const head = ['#include <stdint.h>', fusingText, linkingText, meetingText, helpers.text()]
  const file = (parts: readonly string[]): string => [...head, ...parts, ''].join('\n\n')
  const signatures = kernels.map((k) => `${k.signature};`).join('\n')
  return {
    program,
    text: file([...kernels.map((k) => k.text), run]),
    units: (count) => divided(kernels, count, [signatures, run]).map(file),
    kernels,
    sizes,
  }
}

/** Kernels are seen by the other files of a program and by nobody else; `run` is what is seen. */
const linkingText = `#define kernel __attribute__((noinline, visibility("hidden"))) void
#define program __attribute__((visibility("default"))) void`

/** Kernels in files of about equal length, the longest first; `last` goes to the shortest file. */
function divided(
  kernels: readonly KernelText[],
  count: number,
  last: readonly string[],
): readonly (readonly string[])[] {
  const files = Array.from({ length: Math.min(count, kernels.length) }, () => ({
    length: 0,
    parts: [] as string[],
  }))
  const shortest = () => files.reduce((a, b) => (b.length < a.length ? b : a), files[0])
  for (const { text } of kernels.toSorted((a, b) => b.text.length - a.text.length)) {
    const file = shortest()
    file?.parts.push(text)
    if (file !== undefined) file.length += text.length
  }
  shortest()?.parts.push(...last)
  return files.length === 0 ? [last] : files.map(({ parts }) => parts)
}

const plainName = (name: string): string => name.replace(/[^A-Za-z0-9]/g, '_')

/** Every step, those inside others too. */
export function stepsIn(steps: readonly Step[]): readonly Step[] {
  return steps.flatMap((step): readonly Step[] => {
    if (step.tag === 'for') return [step, ...stepsIn(step.body)]
    if (step.tag === 'while') return [step, ...stepsIn(step.test), ...stepsIn(step.body)]
    return step.tag === 'branch' ? [step, ...step.cases.flatMap(stepsIn)] : [step]
  })
}

function kernelOf(program: Program, name: string): Kernel {
  const kernel = program.kernels.find((k) => k.name === name)
  invariant(kernel !== undefined, `program ${program.name} has no kernel '${name}'`)
  return kernel
}

/** Whether, wherever the kernel runs, what it writes is memory of no other buffer of its. */
function isApart(program: Program, kernel: Kernel): boolean {
  const places = new Map(program.buffers.map((b) => [b.name, b.place]))
  const memory = (name: string): string => {
    const place = places.get(name)
    return place?.tag === 'arena' ? `slot ${place.slot}` : name
  }
  return stepsIn(program.steps).every((step) => {
    if (step.tag !== 'run' || step.kernel !== kernel.name) return true
    const given = kernel.buffers.map((b) => memory(step.buffers[b.name] ?? b.name))
    return kernel.buffers.every(
      (b, i) => b.access === 'read' || given.every((other, j) => j === i || other !== given[i]),
    )
  })
}

interface Run {
  readonly program: Program
  readonly writer: Writer
  readonly buffers: ReadonlyMap<string, string>
  readonly names: Map<string, string>
  readonly kernels: readonly KernelText[]
}

function emitRun(
  program: Program,
  sizes: readonly string[],
  kernels: readonly KernelText[],
): string {
  const w = writer()
  const buffers = new Map(program.buffers.map((b) => [b.name, w.fresh(b.name)]))
  const names = new Map(sizes.map((name) => [name, w.fresh(name)]))
  const run: Run = { program, writer: w, buffers, names, kernels }
  const parameters =
    'double *restrict table, struct meeting *meeting, int64_t thread, int64_t threads'
  w.block(`program run(${parameters})`, () => {
    w.line('char *common = (char *)(intptr_t)table[0];')
    w.line('char *scratch = common + thread * (int64_t)table[1];')
    let at = tableHeader
    for (const name of buffers.values()) w.line(`void *${name} = (void *)(intptr_t)table[${at++}];`)
    for (const name of names.values()) w.line(`const int64_t ${name} = (int64_t)table[${at++}];`)
    emitSteps(run, program.steps)
    const swapped = new Set(
      stepsIn(program.steps).flatMap((s) => (s.tag === 'swap' ? [s.a, s.b] : [])),
    )
    if (swapped.size === 0) return
    w.block('if (thread == 0)', () => {
      program.buffers.forEach((b, i) => {
        if (!swapped.has(b.name)) return
        w.line(`table[${tableHeader + i}] = (double)(intptr_t)${address(run, b.name)};`)
      })
    })
  })
  return w.text()
}

function emitSteps(run: Run, steps: readonly Step[]): void {
  for (const step of steps) emitStep(run, step)
}

function emitStep(run: Run, step: Step): void {
  const { line, block } = run.writer
  switch (step.tag) {
    case 'run':
      emitCall(run, step)
      meet(run)
      return
    case 'copy': {
      const source = run.program.buffers.find((b) => b.name === step.from)
      invariant(source !== undefined, `program ${run.program.name} has no buffer '${step.from}'`)
      const bytes = dimText(run, dimMul(dimProduct(source.shape), byteSize[source.dtype]))
      const [to, from] = [address(run, step.to), address(run, step.from)]
      line(`if (thread == 0) __builtin_memcpy(${to}, ${from}, ${bytes});`)
      meet(run)
      return
    }
    case 'swap': {
      const [a, b] = [address(run, step.a), address(run, step.b)]
      line(`{ void *other = ${a}; ${a} = ${b}; ${b} = other; }`)
      return
    }
    case 'for':
      emitFor(run, step)
      return
    case 'while':
      block('for (;;)', () => {
        emitSteps(run, step.test)
        const holds = run.writer.fresh('holds')
        line(`const int ${holds} = *(const uint8_t *)${address(run, step.condition)};`)
        // Nobody overwrites the condition before everybody has read it.
        meet(run)
        line(`if (!${holds}) break;`)
        emitSteps(run, step.body)
      })
      return
    case 'branch':
      emitBranch(run, step)
  }
}

/** Every thread is here before any goes on. */
const meet = (run: Run): void => run.writer.line('if (threads > 1) meet(meeting, threads);')

function address(run: Run, name: string): string {
  const found = run.buffers.get(name)
  invariant(found !== undefined, `program ${run.program.name} has no buffer '${name}'`)
  return found
}

const dimText = (run: Run, dim: Dim): string =>
  polynomialText(ofDim(dim), (name) => wholeText(run.names, name))

function emitCall(run: Run, step: Step & { tag: 'run' }): void {
  const { program, kernels } = run
  const kernel = kernelOf(program, step.kernel)
  const text = kernels[program.kernels.indexOf(kernel)]
  invariant(text !== undefined, `kernel ${kernel.name} has no text`)
  const buffers = kernel.buffers.map((b) => address(run, step.buffers[b.name] ?? b.name))
  const names = kernelNames(kernel).map((name) => dimText(run, step.sizes[name] ?? name))
  const values = [...buffers, ...names, 'scratch', 'common', 'meeting'].join(', ')
  run.writer.line(
    text.spread
      ? `${text.name}(${values}, thread, threads);`
      : `if (thread == 0) ${text.name}(${values}, 0, 1);`,
  )
}

function emitFor(run: Run, step: Step & { tag: 'for' }): void {
  const counter = run.writer.fresh(step.counter)
  const below = dimText(run, step.below)
  const before = run.names.get(step.counter)
  run.names.set(step.counter, counter)
  run.writer.block(`for (int64_t ${counter} = 0; ${counter} < ${below}; ${counter}++)`, () =>
    emitSteps(run, step.body),
  )
  if (before === undefined) run.names.delete(step.counter)
  else run.names.set(step.counter, before)
}

/** Cases are tried in order, so that all below the first and above the last are clamped. */
function emitBranch(run: Run, step: Step & { tag: 'branch' }): void {
  const { line, block, fresh } = run.writer
  const on = run.program.buffers.find((b) => b.name === step.on)
  const type = on?.dtype === 'bool' ? 'uint8_t' : 'int32_t'
  const choice = fresh('choice')
  line(`const int32_t ${choice} = *(const ${type} *)${address(run, step.on)};`)
  meet(run)
  step.cases.forEach((body, i) => {
    const last = i === step.cases.length - 1
    const head = last ? 'else' : `${i === 0 ? '' : 'else '}if (${choice} <= ${i})`
    block(step.cases.length === 1 ? '' : head, () => emitSteps(run, body))
  })
}
