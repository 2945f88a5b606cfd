/**
 * Tokens of the printed form, with the line and column of each.
 *
 *   %1: f32[b] = neg(x) // comment    →    name %1, sign :, word f32, sign [, …
 */
import { fail } from '../data/index.js'

export interface Place {
  readonly line: number
  readonly column: number
}

export interface Token extends Place {
  /** A word is an identifier; a name is `%3`; text is a quoted string, unquoted here. */
  readonly kind: 'word' | 'name' | 'number' | 'text' | 'sign' | 'end'
  readonly text: string
}

/** By the first character: which pattern reads the token. Anything else is a sign. */
const words = /[\p{L}_][\p{L}\p{M}\p{N}_.'*~]*/uy
const names = /%[\p{L}\p{N}_.]+/uy
const numbers = /-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Infinity)(?![\p{L}\p{N}_])/uy
const texts = /"(?:[^"\\\n]|\\.)*"/y
const signs = /\.\.\.|[…(){}[\]:,=<>+*/-]/uy

/** Hot: a program of 10⁵ lines has two million tokens. */
export function lex(text: string): readonly Token[] {
  const tokens: Token[] = []
  let line = 1
  let lineStart = 0
  let at = 0
  for (;;) {
    for (; at < text.length && isSpace(text, at); at++) {
      if (text[at] === '\n') {
        line++
        lineStart = at + 1
      }
    }
    if (text.startsWith('//', at)) {
      const end = text.indexOf('\n', at)
      at = end < 0 ? text.length : end
      continue
    }
    const column = at - lineStart + 1
    if (at === text.length) {
      tokens.push({ kind: 'end', text: '', line, column })
      return tokens
    }
    const [kind, found] = read(text, at) ?? unexpected(text, at, { line, column })
    at += found.length
    const value = kind === 'text' ? unquote(found, { line, column }) : found
    tokens.push({ kind: numberWords.has(found) ? 'number' : kind, text: value, line, column })
  }
}

const numberWords: ReadonlySet<string> = new Set(['NaN', 'Infinity'])

const isSpace = (text: string, at: number) => {
  const c = text[at]
  return c === ' ' || c === '\n' || c === '\t' || c === '\r'
}

function read(text: string, at: number): readonly [Token['kind'], string] | undefined {
  const c = text[at]
  const take = (
    kind: Token['kind'],
    pattern: RegExp,
  ): readonly [Token['kind'], string] | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    return found === undefined ? undefined : [kind, found]
  }
  if ((c >= '0' && c <= '9') || c === '-') return take('number', numbers) ?? take('sign', signs)
  if (c === '%') return take('name', names)
  if (c === '"') return take('text', texts)
  return take('sign', signs) ?? take('word', words)
}

const unexpected = (text: string, at: number, place: Place): never =>
  parseError(place, `unexpected '${String.fromCodePoint(text.codePointAt(at) ?? 0)}'`)

function unquote(quoted: string, place: Place): string {
  try {
    return String(JSON.parse(quoted))
  } catch {
    return parseError(place, `${quoted} is not a string`)
  }
}

/** Fails with the line and column of what is at fault. */
export function parseError(place: Place, what: string, expected?: string): never {
  const where = `line ${place.line}, column ${place.column}`
  return fail({ code: 'parse', where, what, expected })
}
