/**
 * Reads printed functions back: text → Func, ops looked up in the table given.
 *
 *   parse(show(f), ops)   equals f up to names and source lines
 *
 * Written by hand, the types of results may be left out, and names may be anything. Each node is
 * built through its op's type rule; a type that is written must be the one the rule gives.
 */
import { PullbackError } from '../data/index.js'
import { closeStrict, type Func } from './func.js'
import { lex, parseError, type Token } from './lex.js'
import { reserved } from './literal.js'
import type { Op } from './op.js'
import { readLiteral, readType, readValue, startsLiteral } from './read.js'
import { found, type Reader, readerOf } from './reader.js'
import { type Attrs, apply, type Binder, parameter, showType, type Term } from './term.js'

/** Parses one function; fails with line and column, code `parse`. */
export function parse(text: string, ops: readonly Op[]): Func {
  const table = new Map(ops.map((op) => [op.name, op]))
  const reader = readerOf(lex(text), table, readFunc)
  const func = readFunc(reader)
  reader.expectKind('end', 'nothing after the function')
  return func
}

/** `fn name(x: f32[3], …) { … return … }` */
function readFunc(reader: Reader): Func {
  const head = readWord(reader, 'fn')
  const name = readName(reader)
  const binder: Binder = { name }
  const scope = new Map<string, Term>()
  const params: Term[] = []
  reader.expect('(')
  while (!reader.skip(')')) {
    const token = reader.peek()
    const param = readName(reader)
    reader.expect(':')
    const term = parameter(binder, param, readType(reader))
    define(scope, param, term, token)
    params.push(term)
    if (!reader.isSign(')')) reader.expect(',')
  }
  reader.expect('{')
  while (!isReturn(reader.peek())) readNode(reader, scope)
  reader.next()
  const results: Term[] = []
  while (!reader.skip('}')) {
    results.push(readOperand(reader, scope))
    if (!reader.isSign('}')) reader.expect(',')
  }
  return at(head, () => closeStrict(name, params, results))
}

const isReturn = (token: Token) => token.kind === 'word' && token.text === 'return'

/** `%1: f32[3], %2 = sort(x, …) {axis: 0}` */
function readNode(reader: Reader, scope: Map<string, Term>): void {
  const outs: {
    readonly token: Token
    readonly name: string
    readonly type: string | undefined
  }[] = []
  do {
    const token = reader.peek()
    const name = readName(reader)
    const type = reader.skip(':') ? showType(readType(reader)) : undefined
    outs.push({ token, name, type })
  } while (reader.skip(','))
  reader.expect('=')
  const token = reader.expectKind('word', 'the name of an op')
  const op = reader.ops.get(token.text) ?? parseError(token, `there is no op '${token.text}'`)
  const args: Term[] = []
  reader.expect('(')
  while (!reader.skip(')')) {
    args.push(readOperand(reader, scope))
    if (!reader.isSign(')')) reader.expect(',')
  }
  // A record, by the check of the sign that opens it.
  const attrs = reader.isSign('{') ? (readValue(reader) as Attrs) : {}
  const terms = at(token, () => apply(op, args, attrs))
  if (terms.length !== outs.length) {
    parseError(
      outs[0].token,
      `${outs.length} names`,
      `${terms.length}, the results of '${op.name}'`,
    )
  }
  outs.forEach((out, i) => {
    const type = showType(terms[i])
    if (out.type !== undefined && out.type !== type) {
      parseError(out.token, `'${out.name}' is written as ${out.type}`, type)
    }
    define(scope, out.name, terms[i], out.token)
  })
}

function define(scope: Map<string, Term>, name: string, term: Term, token: Token): void {
  if (scope.has(name)) parseError(token, `'${name}' is defined twice`)
  scope.set(name, term)
}

/** A name, or a literal array. */
function readOperand(reader: Reader, scope: ReadonlyMap<string, Term>): Term {
  const token = reader.peek()
  if (startsLiteral(reader)) return at(token, () => readConstant(reader, token))
  const name = readName(reader)
  return scope.get(name) ?? parseError(token, `'${name}' is not defined above`)
}

/** `f32[2](1, 2)`, or `f32[2](...1)`: the ops `constant` and `broadcastTo` of the table. */
function readConstant(reader: Reader, token: Token): Term {
  const literal = readLiteral(reader)
  const opOf = (name: string) =>
    reader.ops.get(name) ?? parseError(token, `a literal needs the op '${name}'`)
  const [term] = apply(opOf('constant'), [], { value: literal.value })
  if (literal.shape === undefined) return term
  return apply(opOf('broadcastTo'), [term], { shape: literal.shape })[0]
}

function readName(reader: Reader): string {
  const token = reader.peek()
  const ok =
    token.kind === 'name' ||
    token.kind === 'text' ||
    (token.kind === 'word' && !reserved.has(token.text))
  return ok ? reader.next().text : parseError(token, found(token), 'a name')
}

function readWord(reader: Reader, word: string): Token {
  const token = reader.peek()
  const ok = token.kind === 'word' && token.text === word
  return ok ? reader.next() : parseError(token, found(token), `'${word}'`)
}

/** Failures of type rules get the place of what was being read. */
function at<A>(token: Token, read: () => A): A {
  try {
    return read()
  } catch (error) {
    if (error instanceof PullbackError && error.code !== 'parse') parseError(token, error.message)
    // Type rules read arguments and attributes as the combinators make them; a text may lack some.
    if (error instanceof TypeError) parseError(token, `'${token.text}' cannot take these`)
    throw error
  }
}
