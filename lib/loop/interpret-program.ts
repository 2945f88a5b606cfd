/**
 * The meaning of a program: its steps in order, each kernel by `interpretKernel`.
 *
 * Every buffer gets an array of its own, so that a slot shared by mistake shows as a difference
 * between this and a backend.
 */
import { dimProduct, dimValue, type Sizes } from '../data/dim.js'
import { allocate, type TypedArray } from '../data/dtype.js'
import { fail, invariant } from '../data/error.js'
import { interpretKernel } from './interpret.js'
import { kernelNames } from './kernel.js'
import type { Program, ProgramBuffer, RunStep, Step } from './program.js'

/**
 * Runs a program. `externals` holds an array for every external buffer, read and written in place.
 * Returns all buffers by name, as they are at the end.
 */
export function interpretProgram(
  program: Program,
  sizes: Sizes,
  externals: Readonly<Record<string, TypedArray>>,
): Readonly<Record<string, TypedArray>> {
  const buffers: Record<string, TypedArray> = {}
  for (const b of program.buffers) buffers[b.name] = startingArray(b, sizes, externals)
  runSteps(program, program.steps, sizes, buffers)
  return buffers
}

function startingArray(
  b: ProgramBuffer,
  sizes: Sizes,
  externals: Readonly<Record<string, TypedArray>>,
): TypedArray {
  if (b.place.tag === 'constant') return b.place.data
  if (b.place.tag === 'arena') return allocate(b.dtype, dimValue(dimProduct(b.shape), sizes))
  return (
    externals[b.name] ??
    fail({ code: 'input', what: `the external buffer '${b.name}' is not given` })
  )
}

function runSteps(
  program: Program,
  steps: readonly Step[],
  sizes: Sizes,
  buffers: Record<string, TypedArray>,
): void {
  const scalar = (name: string): number => Number(buffers[name]?.[0])
  for (const step of steps) {
    switch (step.tag) {
      case 'run':
        runKernel(program, step, sizes, buffers)
        break
      case 'copy':
        arrayOf(buffers, step.to).set(arrayOf(buffers, step.from))
        break
      case 'swap': {
        const a = arrayOf(buffers, step.a)
        buffers[step.a] = arrayOf(buffers, step.b)
        buffers[step.b] = a
        break
      }
      case 'for': {
        const count = dimValue(step.below, sizes)
        for (let n = 0; n < count; n++) {
          runSteps(program, step.body, { ...sizes, [step.counter]: n }, buffers)
        }
        break
      }
      case 'while':
        for (;;) {
          runSteps(program, step.test, sizes, buffers)
          if (scalar(step.condition) === 0) break
          runSteps(program, step.body, sizes, buffers)
        }
        break
      case 'branch': {
        const last = step.cases.length - 1
        const chosen = step.cases[Math.max(0, Math.min(last, scalar(step.on)))]
        if (chosen !== undefined) runSteps(program, chosen, sizes, buffers)
        break
      }
    }
  }
}

function runKernel(
  program: Program,
  step: RunStep,
  sizes: Sizes,
  buffers: Readonly<Record<string, TypedArray>>,
): void {
  const kernel = program.kernels.find((k) => k.name === step.kernel)
  invariant(kernel !== undefined, `program ${program.name} has no kernel '${step.kernel}'`)
  const bound = kernelNames(kernel).map((name): [string, number] => [
    name,
    dimValue(step.sizes[name] ?? name, sizes),
  ])
  const arrays = Object.entries(step.buffers).map(([to, from]): [string, TypedArray] => [
    to,
    arrayOf(buffers, from),
  ])
  interpretKernel(kernel, { sizes: Object.fromEntries(bound), buffers: Object.fromEntries(arrays) })
}

function arrayOf(buffers: Readonly<Record<string, TypedArray>>, name: string): TypedArray {
  const array = buffers[name]
  invariant(array !== undefined, `no buffer '${name}'`)
  return array
}
