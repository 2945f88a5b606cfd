/**
 * A position in the tokens of a printed function, and how to move it.
 */
import type { Func } from './func.js'
import { parseError, type Token } from './lex.js'
import type { Op } from './op.js'

export interface Reader {
  readonly ops: ReadonlyMap<string, Op>
  readonly peek: () => Token
  readonly next: () => Token
  readonly isSign: (sign: string) => boolean
  /** Takes the sign if it is next. */
  readonly skip: (sign: string) => boolean
  readonly expect: (sign: string) => Token
  readonly expectKind: (kind: Token['kind'], expected: string) => Token
  /** Reads a function here (the body of an attribute). */
  readonly readFunc: () => Func
}

export function readerOf(
  tokens: readonly Token[],
  ops: ReadonlyMap<string, Op>,
  readFunc: (reader: Reader) => Func,
): Reader {
  let at = 0
  const peek = () => tokens[at]
  const next = () => {
    const token = tokens[at]
    if (token.kind !== 'end') at++
    return token
  }
  const isSign = (sign: string) => peek().kind === 'sign' && peek().text === sign
  const skip = (sign: string) => {
    const here = isSign(sign)
    if (here) next()
    return here
  }
  const expect = (sign: string) =>
    isSign(sign) ? next() : parseError(peek(), found(peek()), `'${sign}'`)
  const expectKind = (kind: Token['kind'], expected: string) =>
    peek().kind === kind ? next() : parseError(peek(), found(peek()), expected)
  const reader: Reader = {
    ops,
    peek,
    next,
    isSign,
    skip,
    expect,
    expectKind,
    readFunc: () => readFunc(reader),
  }
  return reader
}

export const found = (token: Token): string =>
  token.kind === 'end' ? 'the text ends' : `found '${token.text}'`
