/**
 * Polynomials over named i32 locals as instructions.
 *
 *   2·b·n + 3   →   b · n · 2 + 3, with `floor(b/4)` as a division
 */
import { invariant } from '../../lib/data/error.js'
import { factorsOf, ofDim, type Polynomial } from '../../lib/loop/index.js'
import type { Assembler } from './assembler.js'

/** Which local holds each name. */
export type Wholes = ReadonlyMap<string, number>

/** Leaves the value on the stack. */
export function emitPolynomial(code: Assembler, p: Polynomial, wholes: Wholes): void {
  code.emit('i32.const', p.get('') ?? 0)
  const rest = new Map([...p].filter(([monomial]) => monomial !== ''))
  addPolynomial(code, rest, 1, (name) => emitWhole(code, wholes, name))
}

/** Adds `times` · p to what is on the stack; `name` emits a factor. */
export function addPolynomial(
  code: Assembler,
  p: Polynomial,
  times: number,
  name: (factor: string) => void,
): void {
  for (const [monomial, coefficient] of p) {
    const factors = factorsOf(monomial)
    factors.forEach((factor, i) => {
      name(factor)
      if (i > 0) code.emit('i32.mul')
    })
    const by = coefficient * times
    if (factors.length === 0) code.emit('i32.const', by)
    else if (by !== 1) {
      code.emit('i32.const', by)
      code.emit('i32.mul')
    }
    code.emit('i32.add')
  }
}

/** A size or a loop index by name; floors are computed. */
export function emitWhole(code: Assembler, wholes: Wholes, name: string): void {
  const local = wholes.get(name)
  if (local !== undefined) {
    code.emit('local.get', local)
    return
  }
  invariant(name.startsWith('floor('), `no value for the size '${name}'`)
  const slash = name.lastIndexOf('/')
  emitPolynomial(code, ofDim(name.slice(6, slash)), wholes)
  code.emit('i32.const', Number(name.slice(slash + 1, -1)))
  code.emit('i32.div_s')
}
