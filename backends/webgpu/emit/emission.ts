/**
 * What the parts of the emitter share while one dispatch is written: lines, names, memory, and
 * what of the surroundings the text came to need.
 */
import type { Dim } from '../../../lib/data/dim.js'
import type { DType } from '../../../lib/data/dtype.js'
import { fail } from '../../../lib/data/error.js'
import type { Combine, Expr, ScalarType } from '../../../lib/loop/index.js'
import type { GpuFeature } from './dispatch.js'
import type { Helper } from './prelude.js'

export interface Emission {
  /** The dispatch, for errors. */
  readonly label: string
  readonly lines: string[]
  depth: number
  /** Names of the loop language → WGSL text. */
  readonly names: Map<string, string>
  readonly memories: ReadonlyMap<string, Memory>
  readonly accumulators: Map<string, Accumulator>
  /** Names of multiples of four. */
  readonly multiples: Set<string>
  /** Names of sizes and counters that the caller passes. */
  readonly sizeNames: ReadonlySet<string>
  /** Variables of the workgroup beside its arrays: name → type. */
  readonly shared: Map<string, string>
  readonly used: Used
  /** A new identifier. */
  readonly fresh: (prefix: string) => string
}

/** What the text needs around it. */
interface Used {
  readonly buffers: Map<string, 'read' | 'read_write'>
  readonly sizes: Set<string>
  readonly helpers: Set<Helper>
  readonly features: Set<GpuFeature>
}

export interface Accumulator {
  readonly combine: Combine
  readonly dtype: ScalarType
  /** The WGSL variable. */
  readonly text: string
}

/** An array in one of WGSL's address spaces. */
export interface Memory {
  readonly name: string
  /** The WGSL variable. */
  readonly text: string
  /** The buffer that is bound for it: another's where it is a part of one of words. */
  readonly binding: string
  readonly dtype: DType
  /** WGSL's type of an element. */
  readonly element: 'f32' | 'f16' | 'i32' | 'u32'
  readonly shape: readonly Dim[]
  readonly space: 'storage' | 'workgroup' | 'private'
  /** Whether it is an array of vec4, see `wide.ts`. */
  readonly wide: boolean
  /** The position of an element in the WGSL array. */
  readonly position: (at: readonly Expr[]) => Expr
}

export function write(e: Emission, text: string): void {
  e.lines.push(`${'  '.repeat(e.depth)}${text}`)
}

/** Lines in braces, after a head such as `if (…)`. */
export function within(e: Emission, head: string, body: () => void): void {
  write(e, head === '' ? '{' : `${head} {`)
  e.depth++
  body()
  e.depth--
  write(e, '}')
}

/**
 * A WGSL identifier for a name; names differ in what is no letter only by luck, so numbers help.
 */
export function define(e: Emission, name: string): string {
  const text = e.fresh(identifier('v', name))
  e.names.set(name, text)
  return text
}

/** The prefix keeps clear of WGSL's own words. */
export const identifier = (prefix: string, name: string): string =>
  `${prefix}_${name.replaceAll(/[^A-Za-z0-9]+/g, '_')}`

export function need(e: Emission, helper: Helper): void {
  e.used.helpers.add(helper)
}

export function memoryOf(e: Emission, name: string): Memory {
  const memory = e.memories.get(name)
  return memory ?? unknown(e, name)
}

export function unknown(e: Emission, name: string): never {
  return fail({
    code: 'verify',
    where: e.label,
    what: `'${name}' is used where nothing defines it`,
    expected: 'a buffer, a let, a variable or a loop index in scope',
  })
}

/** WGSL's types of values. */
export function valueType(e: Emission, dtype: ScalarType): 'f32' | 'i32' | 'u32' | 'bool' {
  if (dtype === 'f64' || dtype === 'i64') return noType(dtype, e.label)
  return dtype
}

/** What an element is in memory: bool takes a word, and so does a half where there is no f16. */
export function elementType(dtype: DType, halves: boolean): Memory['element'] {
  if (dtype === 'bool') return 'u32'
  if (dtype === 'f16') return halves ? 'f16' : 'f32'
  return dtype === 'f64' ? noType(dtype, 'webgpu') : dtype
}

const noType = (dtype: string, where: string): never =>
  fail({
    code: 'dtype',
    where,
    what: `a GPU has no ${dtype}`,
    expected: 'f32, f16, i32, u32 or bool',
    fix: 'Use f32, or the wasm backend',
  })

/** The elements of an array: how many there are, where that must be known. */
export function arrayText({ element, wide }: Memory, count?: number): string {
  const type = wide ? `vec4<${element}>` : element
  return count === undefined ? `array<${type}>` : `array<${type}, ${wide ? count / 4 : count}>`
}
