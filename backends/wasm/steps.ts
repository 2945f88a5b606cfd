/**
 * The steps of a program as one function, `run(table, thread)`: loops and branches run inside.
 *
 * The table is of i32 words in memory: the address of the constants, the address of scratch memory,
 * the scratch bytes of one thread, how many threads there are, the words of their meetings, then
 * the address of each buffer, then the value of each size. At the end the addresses of buffers that
 * were swapped are written back, so that the table says where everything is. In memory that is not
 * shared there is one thread.
 */
import { type Dim, dimMul, dimProduct } from '../../lib/data/dim.js'
import { byteSize } from '../../lib/data/dtype.js'
import { invariant } from '../../lib/data/error.js'
import { type Kernel, ofDim, type Program, type Step } from '../../lib/loop/index.js'
import { type Assembler, assembler } from './assembler.js'
import type { WasmFunction } from './encode.js'
import { meetingAddress, sharedScratch, threadCount, threadIndex } from './globals.js'
import { emitPolynomial } from './polynomial.js'
import { onFirstThread } from './threads.js'

/** Words of the table before the buffers. */
export const tableHeader = 5

function kernelOf(program: Program, name: string): Kernel {
  const kernel = program.kernels.find((k) => k.name === name)
  invariant(kernel !== undefined, `program ${program.name} has no kernel '${name}'`)
  return kernel
}

interface Run {
  readonly program: Program
  readonly code: Assembler
  readonly buffers: ReadonlyMap<string, number>
  readonly names: Map<string, number>
  /** The names of each kernel's parameters. */
  readonly parameters: ReadonlyMap<string, readonly string[]>
  readonly entries: ReadonlyMap<string, number>
  /** Where threads meet; none in memory that is not shared. */
  readonly barrier: number | undefined
  readonly constants: number
  readonly scratch: number
}

export function emitRun(
  program: Program,
  sizes: readonly string[],
  parameters: ReadonlyMap<string, readonly string[]>,
  entries: ReadonlyMap<string, number>,
  barrier: number | undefined,
): WasmFunction {
  const code = assembler(['i32', 'i32'])
  const { emit } = code
  const word = (at: number): number => {
    const local = code.take('i32')
    emit('local.get', 0)
    emit('i32.load', 4 * at)
    emit('local.set', local)
    return local
  }
  const constants = word(0)
  const scratch = word(1)
  if (barrier !== undefined) enterThread(code, scratch)
  const buffers = new Map(program.buffers.map((b, i) => [b.name, word(tableHeader + i)]))
  const first = tableHeader + program.buffers.length
  const names = new Map(sizes.map((name, i) => [name, word(first + i)]))
  const run = { program, code, buffers, names, parameters, entries, barrier, constants, scratch }
  emitSteps(run, program.steps)
  const swapped = swappedIn(program.steps)
  const writeBack = (): void =>
    program.buffers.forEach((b, i) => {
      if (!swapped.has(b.name)) return
      emit('local.get', 0)
      emit('local.get', buffers.get(b.name) ?? 0)
      emit('i32.store', 4 * (tableHeader + i))
    })
  if (barrier === undefined || swapped.size === 0) writeBack()
  else onFirstThread(code, writeBack)
  return code.finish('run', true)
}

/** Sets what a thread knows of itself; each has its own scratch memory. */
function enterThread({ emit }: Assembler, scratch: number): void {
  emit('local.get', scratch)
  emit('global.set', sharedScratch)
  emit('local.get', 1)
  emit('global.set', threadIndex)
  emit('local.get', 0)
  emit('i32.load', 12)
  emit('global.set', threadCount)
  emit('local.get', 0)
  emit('i32.load', 16)
  emit('global.set', meetingAddress)
  emit('local.get', scratch)
  emit('local.get', 1)
  emit('local.get', 0)
  emit('i32.load', 8)
  emit('i32.mul')
  emit('i32.add')
  emit('local.set', scratch)
}

function swappedIn(steps: readonly Step[]): ReadonlySet<string> {
  return new Set(
    steps.flatMap((step): readonly string[] => {
      if (step.tag === 'swap') return [step.a, step.b]
      if (step.tag === 'for') return [...swappedIn(step.body)]
      if (step.tag === 'while') return [...swappedIn(step.test), ...swappedIn(step.body)]
      return step.tag === 'branch' ? step.cases.flatMap((c) => [...swappedIn(c)]) : []
    }),
  )
}

function emitSteps(run: Run, steps: readonly Step[]): void {
  for (const step of steps) emitStep(run, step)
}

function emitStep(run: Run, step: Step): void {
  const { emit } = run.code
  switch (step.tag) {
    case 'run':
      emitCall(run, step)
      meet(run)
      return
    case 'copy':
      emitCopy(run, step.from, step.to)
      meet(run)
      return
    case 'swap': {
      const [a, b] = [address(run, step.a), address(run, step.b)]
      emit('local.get', a)
      emit('local.get', b)
      emit('local.set', a)
      emit('local.set', b)
      return
    }
    case 'for':
      emitFor(run, step)
      return
    case 'while':
      emitWhile(run, step)
      return
    case 'branch':
      emitBranch(run, step)
  }
}

/** Every thread is here before any goes on. */
const meet = ({ code, barrier }: Run): void => {
  if (barrier !== undefined) code.emit('call', barrier)
}

function address(run: Run, name: string): number {
  const local = run.buffers.get(name)
  invariant(local !== undefined, `program ${run.program.name} has no buffer '${name}'`)
  return local
}

function emitDim(run: Run, dim: Dim): void {
  emitPolynomial(run.code, ofDim(dim), run.names)
}

function emitCall(run: Run, step: Step & { tag: 'run' }): void {
  const { emit } = run.code
  const kernel = kernelOf(run.program, step.kernel)
  for (const b of kernel.buffers) emit('local.get', address(run, step.buffers[b.name] ?? b.name))
  for (const name of run.parameters.get(step.kernel) ?? []) emitDim(run, step.sizes[name] ?? name)
  emit('local.get', run.scratch)
  emit('local.get', run.constants)
  emit('call', run.entries.get(step.kernel) ?? 0)
}

function emitCopy(run: Run, from: string, to: string): void {
  const { emit } = run.code
  const source = run.program.buffers.find((b) => b.name === from)
  invariant(source !== undefined, `program ${run.program.name} has no buffer '${from}'`)
  const copy = (): void => {
    emit('local.get', address(run, to))
    emit('local.get', address(run, from))
    emitDim(run, dimMul(dimProduct(source.shape), byteSize[source.dtype]))
    emit('memory.copy')
  }
  if (run.barrier === undefined) copy()
  else onFirstThread(run.code, copy)
}

function emitFor(run: Run, step: Step & { tag: 'for' }): void {
  const { emit, within } = run.code
  const [counter, below] = [run.code.take('i32'), run.code.take('i32')]
  emitDim(run, step.below)
  emit('local.set', below)
  emit('i32.const', 0)
  emit('local.set', counter)
  const before = run.names.get(step.counter)
  run.names.set(step.counter, counter)
  within('block', () =>
    within('loop', () => {
      emit('local.get', counter)
      emit('local.get', below)
      emit('i32.ge_s')
      emit('br_if', 1)
      emitSteps(run, step.body)
      emit('local.get', counter)
      emit('i32.const', 1)
      emit('i32.add')
      emit('local.set', counter)
      emit('br', 0)
    }),
  )
  if (before === undefined) run.names.delete(step.counter)
  else run.names.set(step.counter, before)
  run.code.release(counter)
  run.code.release(below)
}

function emitWhile(run: Run, step: Step & { tag: 'while' }): void {
  const { emit, within } = run.code
  const holds = run.code.take('i32')
  within('block', () =>
    within('loop', () => {
      emitSteps(run, step.test)
      emit('local.get', address(run, step.condition))
      emit('i32.load8_u')
      emit('local.set', holds)
      // Nobody overwrites the condition before everybody has read it.
      meet(run)
      emit('local.get', holds)
      emit('i32.eqz')
      emit('br_if', 1)
      emitSteps(run, step.body)
      emit('br', 0)
    }),
  )
  run.code.release(holds)
}

function emitBranch(run: Run, step: Step & { tag: 'branch' }): void {
  const { emit, within } = run.code
  const on = run.program.buffers.find((b) => b.name === step.on)
  const choice = run.code.take('i32')
  emit('local.get', address(run, step.on))
  emit(on?.dtype === 'bool' ? 'i32.load8_u' : 'i32.load')
  emit('local.set', choice)
  meet(run)
  const last = step.cases.length - 1
  const choose = (i: number): void => {
    if (i === last) {
      emitSteps(run, step.cases[i] ?? [])
      return
    }
    // Cases are tried in order, so that all below the first and above the last are clamped.
    emit('local.get', choice)
    emit('i32.const', i)
    emit('i32.le_s')
    within('if', () => {
      emitSteps(run, step.cases[i] ?? [])
      emit('else')
      choose(i + 1)
    })
  }
  choose(0)
  run.code.release(choice)
}
