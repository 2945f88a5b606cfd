/** Values that get a name, and stores of one element. */
import type { Stmt } from '../../../lib/loop/index.js'
import { storeText, touch } from './access.js'
import { define, type Emission, memoryOf, unknown, valueType, write } from './emission.js'
import { combination, textOf, texts, valueText } from './expression.js'
import { isMultiple } from './wide.js'

type Scalar = Stmt & { readonly tag: 'let' | 'variable' | 'assign' | 'accumulate' }

export const isScalar = (s: Stmt): s is Scalar =>
  s.tag === 'let' || s.tag === 'variable' || s.tag === 'assign' || s.tag === 'accumulate'

/** A let, a variable, or a new value of one. */
export function emitScalar(e: Emission, s: Scalar): void {
  if (s.tag === 'let') {
    const text = valueText(e, s.value)
    if (isMultiple(s.value, e.multiples)) e.multiples.add(s.name)
    write(e, `let ${define(e, s.name)} = ${text};`)
  } else if (s.tag === 'variable') {
    const type = valueType(e, s.initial.dtype)
    const text = valueText(e, s.initial)
    const name = define(e, s.name)
    write(e, `var ${name}: ${type} = ${text};`)
    if (s.combine === undefined) e.accumulators.delete(s.name)
    else e.accumulators.set(s.name, { combine: s.combine, dtype: s.initial.dtype, text: name })
  } else if (s.tag === 'assign') {
    const text = valueText(e, s.value)
    write(e, `${e.names.get(s.name) ?? unknown(e, s.name)} = ${text};`)
  } else {
    const { combine, dtype, text } = e.accumulators.get(s.name) ?? unknown(e, s.name)
    const { value } = s
    if (combine === 'add' && dtype === 'f32' && value.tag === 'binary' && value.op === 'mul') {
      const [x, y] = texts(e, [value.x, value.y])
      write(e, `${text} = fma(${x}, ${y}, ${text});`)
    } else {
      write(e, `${text} = ${combination(e, combine, dtype, text, textOf(e, value))};`)
    }
  }
}

export function emitStore(e: Emission, s: Stmt & { readonly tag: 'store' }): void {
  const memory = memoryOf(e, s.buffer)
  touch(e, memory, 'read_write')
  const [position = '', value = ''] = texts(e, [memory.position(s.at), s.value])
  write(e, storeText(e, memory, position, value))
}
