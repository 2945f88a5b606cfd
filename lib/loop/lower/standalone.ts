/**
 * Building a kernel of an op that stands alone: its arrays where they live, rows of loops included.
 */
import type { Dim } from '../../data/index.js'
import type { TensorType } from '../../term/index.js'
import { type Expr, load } from '../expression.js'
import { type BufferParameter, inout, input, kernel, output } from '../kernel.js'
import type { Step } from '../program.js'
import { type Block, parallel, type Stmt, store } from '../statement.js'
import {
  type Assembly,
  bufferIndex,
  bufferShape,
  type Frame,
  type Residence,
  runStep,
} from './assembly.js'
import { storageOf } from './scalar.js'

/** An array that a kernel under construction reads or writes. */
export interface Handle {
  readonly read: (at: readonly Expr[]) => Expr
  readonly write: (at: readonly Expr[], value: Expr) => Stmt
}

export interface Builder {
  readonly input: (residence: Residence, type: TensorType) => Handle
  readonly output: (residence: Residence, type: TensorType) => Handle
  /** An output that the kernel also reads. */
  readonly update: (residence: Residence, type: TensorType) => Handle
  readonly finish: (name: string, body: Block) => readonly Step[]
}

export function standalone(frame: Frame, assembly: Assembly): Builder {
  const buffers: BufferParameter[] = []
  const bound: Record<string, string> = {}
  const names = new Map<string, string>()
  const nameFor = (residence: Residence, type: TensorType, make: typeof input): string => {
    const shape = bufferShape(residence, type)
    const key = `${make === input}:${residence.buffer}:${shape}`
    const known = names.get(key)
    if (known !== undefined) return known
    const name = `${make === input ? 'in' : 'out'}${buffers.length}`
    buffers.push(make(name, type.dtype, shape))
    bound[name] = residence.buffer
    names.set(key, name)
    return name
  }
  // One buffer may be met as a whole and as a row: the same parameter, at other indices.
  const handle = (residence: Residence, type: TensorType, make: typeof input): Handle => {
    const dtype = storageOf(type.dtype)
    const name = nameFor(residence, type, make)
    const index = (at: readonly Expr[]) => bufferIndex(residence, at)
    return {
      read: (at) => load(name, dtype, index(at)),
      write: (at, value) => store(name, index(at), value),
    }
  }
  return {
    input: (residence, type) => handle(residence, type, input),
    output: (residence, type) => handle(residence, type, isPart(residence) ? inout : output),
    update: (residence, type) => handle(residence, type, inout),
    finish: (name, body) => {
      const { counters } = frame
      return [runStep(assembly.add(kernel(name, { counters, buffers, body })), bound)]
    },
  }
}

/** A row of a larger array: the kernel does not write all of it. */
const isPart = (residence: Residence): boolean => residence.lead.length > 0

/** Parallel loops over `shape` with indices named by `prefix`. */
export function overAll(
  shape: readonly Dim[],
  prefix: string,
  body: (at: readonly Expr[]) => Block,
): Block {
  const nest = (at: readonly Expr[]): Block =>
    at.length === shape.length
      ? body(at)
      : [parallel(`${prefix}${at.length}`, shape[at.length], (i) => nest([...at, i]))]
  return nest([])
}
