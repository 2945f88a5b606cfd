/**
 * Where the arrays of a part live: buffers in storage, locals as near as they fit.
 *
 *   local t[256, 64] in a group, always at t[v, …] for the invocation v    →    64 registers each
 *   local t[n] in a group, always at t[j] for j over the invocations       →    ⌈n / width⌉ registers
 *     or at t[j + lane] for j over them in steps of 4                      →    as many vectors
 *   other locals of a group                                                →    workgroup memory
 *   a local of one invocation                                              →    its own memory
 *
 * What is too large, or has a size by name, gets device memory, all of a part in one array of
 * words: a row for each group, or one element after another of all invocations together, so that
 * neighbours touch neighbours.
 */
import { type Dim, dimAdd, dimProduct } from '../../../lib/data/dim.js'
import type { DType } from '../../../lib/data/dtype.js'
import { byteSize } from '../../../lib/data/dtype.js'
import {
  add,
  type Block,
  type Expr,
  type Kernel,
  mul,
  type Stmt,
  size,
  statementsOf,
  variable,
} from '../../../lib/loop/index.js'
import { rowMajor } from './access.js'
import { type GpuLimits, type GpuScratch, hasHalves } from './dispatch.js'
import { elementType, identifier, type Memory } from './emission.js'
import { ownRows, ownTurns } from './own.js'

export interface Places {
  readonly memories: ReadonlyMap<string, Memory>
  readonly scratch: readonly GpuScratch[]
  /** Arrays whose loops over invocations must be written turn by turn. */
  readonly turned: ReadonlySet<string>
}

/** What runs the part's locals. */
export interface Runner {
  /** Invocations together in a workgroup with statements of its own, or each for itself. */
  readonly level: 'group' | 'invocation'
  readonly width: number
  /** How many runners there are. */
  readonly total: Dim
}

/** Bytes of one invocation's own arrays. */
export const ownBytes = 4096

/** Stand for the number of the runner and the turn of its loop, in positions. */
export const runnerIndex = '%runner'
export const turnIndex = '%turn'
const runnerNumber = variable(runnerIndex)

export function placesOf(
  kernel: Kernel,
  body: Block,
  crossing: readonly GpuScratch[],
  runner: Runner,
  limits: GpuLimits,
): Places {
  const memories = new Map<string, Memory>()
  const texts = new Set<string>()
  const textOf = (name: string): string => {
    let text = identifier('b', name)
    for (let n = 1; texts.has(text); n++) text = identifier('b', `${name}_${n}`)
    texts.add(text)
    return text
  }
  const place = (
    { name, dtype, shape }: Named,
    space: Memory['space'],
    position: Memory['position'] = (at) => rowMajor(shape, at),
    held: readonly Dim[] = shape,
  ): void => {
    const text = textOf(name)
    const element = elementType(dtype, hasHalves(limits))
    const own = { name, text, binding: name, dtype, element, wide: false }
    memories.set(name, { ...own, shape: held, space, position })
  }
  for (const buffer of [...kernel.buffers, ...crossing]) place(buffer, 'storage')
  const turned = new Set<string>()
  const far: Local[] = []
  let shared = 0
  let own = 0
  for (const { s, outside } of localsOf(body)) {
    const bytes = bytesOf(s.dtype, dimProduct(s.shape))
    const [first, ...rest] = s.shape
    const mine = runner.level === 'invocation' || outside
    const turns = mine ? undefined : ownTurns(body, s, runner.width)
    if (mine && bytes !== undefined && own + bytes <= ownBytes) {
      own += bytes
      place(s, 'private')
    } else if (!mine && first === runner.width && ownRows(body, s)) {
      place(s, 'private', ([, ...at]) => rowMajor(rest, at), rest)
    } else if (turns !== undefined) {
      const { count, lanes, laneOf } = turns
      turned.add(s.name)
      const position = ([at = size(0)]: readonly Expr[]): Expr =>
        add(mul(variable(turnIndex), lanes), laneOf(at))
      place(s, 'private', position, [count * lanes])
    } else if (!mine && bytes !== undefined && shared + bytes <= limits.workgroupBytes - reserved) {
      shared += bytes
      place(s, 'workgroup')
    } else far.push(s)
  }
  return { memories, turned, scratch: placeFar(far, runner, memories, textOf(heapName)) }
}

const heapName = 'heap'

/** Locals in one array on the device, as words. */
function placeFar(
  locals: readonly Local[],
  { level, total }: Runner,
  memories: Map<string, Memory>,
  text: string,
): readonly GpuScratch[] {
  if (locals.length === 0) return []
  const words = locals.reduce<Dim>((sum, { shape }) => dimAdd(sum, dimProduct(shape)), 0)
  const heap: GpuScratch = { name: `%${heapName}`, dtype: 'u32', shape: [words, total] }
  const held = { text, binding: heap.name, element: 'u32', wide: false, space: 'storage' } as const
  const start = (at: readonly Expr[]): Expr => rowMajor(heap.shape, at)
  memories.set(heap.name, { ...heap, ...held, position: start })
  let from: Dim = 0
  for (const { name, dtype, shape } of locals) {
    const first = size(from)
    const position = (at: readonly Expr[]): Expr => {
      const word = add(first, rowMajor(shape, at))
      return level === 'invocation'
        ? add(mul(word, size(total)), runnerNumber)
        : add(mul(runnerNumber, size(words)), word)
    }
    memories.set(name, { name, dtype, shape, ...held, position })
    from = dimAdd(from, dimProduct(shape))
  }
  return [heap]
}

interface Named {
  readonly name: string
  readonly dtype: DType
  readonly shape: readonly Dim[]
}

/** Bytes of workgroup memory that trees of reductions and flags take. */
const reserved = 4096 + 64

/** Bytes in an address space of a shader, where bool takes a word. */
const bytesOf = (dtype: DType, count: Dim): number | undefined =>
  typeof count === 'number' ? count * Math.max(4, byteSize[dtype]) : undefined

type Local = Stmt & { readonly tag: 'local' }

interface LocalPlace {
  readonly s: Local
  /** Whether it belongs to the iterations of a loop over invocations. */
  readonly outside: boolean
}

/** The locals of a block, and whether a loop over invocations is around them. */
function localsOf(block: Block): readonly LocalPlace[] {
  const inner = new Set(
    statementsOf(block).flatMap((s) =>
      s.tag === 'loop' && s.spread === 'invocations' ? statementsOf(s.body) : [],
    ),
  )
  return statementsOf(block).flatMap((s) =>
    s.tag === 'local' ? [{ s, outside: inner.has(s) }] : [],
  )
}
