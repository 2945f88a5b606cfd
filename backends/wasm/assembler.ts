/**
 * A function under construction: its instructions so far, its locals, and reuse of locals.
 *
 * The one mutable thing of the emitter; `finish` gives the immutable function.
 */
import type { ValueType, WasmFunction } from './encode.js'
import type { Instruction } from './opcodes.js'

export interface Assembler {
  readonly emit: (...instruction: Instruction) => void
  /** A local that nothing else holds. */
  readonly take: (type: ValueType) => number
  /** Gives a taken local back. */
  readonly release: (local: number) => void
  readonly typeOf: (local: number) => ValueType
  /** `block … end`, `loop … end`. */
  readonly within: (op: 'block' | 'loop' | 'if', body: () => void) => void
  readonly size: () => number
  readonly finish: (name: string, exported: boolean) => WasmFunction
}

export function assembler(parameters: readonly ValueType[]): Assembler {
  const body: Instruction[] = []
  const types: ValueType[] = [...parameters]
  const free: Record<ValueType, number[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] }
  const emit = (...instruction: Instruction): void => {
    body.push(instruction)
  }
  return {
    emit,
    take: (type) => free[type].pop() ?? types.push(type) - 1,
    release: (local) => {
      free[types[local] as ValueType].push(local) // `take` gave it, so it has a type
    },
    typeOf: (local) => types[local] as ValueType, // likewise
    within: (op, inner) => {
      emit(op)
      inner()
      emit('end')
    },
    size: () => body.length,
    finish: (name, exported) => ({
      name,
      parameters,
      locals: types.slice(parameters.length),
      body,
      exported,
    }),
  }
}
