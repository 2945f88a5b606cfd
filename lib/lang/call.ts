/**
 * Calling words: the one place where the typed surface meets the untyped vocabulary.
 *
 *   call('sum', [x], { axes: [0] })   →   the word's terms, each knowing the caller's line
 *
 * The line is taken unless the function being traced was asked not to (`fn(…, { lines: false })`).
 */
import { fail } from '../data/index.js'
import { type Operand, readingAll, words } from '../ops/index.js'
import { type Attrs, captureSource, isParameter, isTerm, type Term } from '../term/index.js'

/** What a word gives. */
export type Built = Term | readonly Term[]

/** The results of a word, by name. */
export function call(name: string, operands: readonly Operand[], attrs: Attrs = {}): Built {
  const word = words[name]
  if (word === undefined) fail({ code: 'input', where: name, what: 'there is no such operation' })
  return located(operands, () => readingAll(name, attrs, (read) => word(operands, read)))
}

/** Runs `build` and notes the caller's line on the terms it gives. */
export function located(operands: readonly unknown[], build: () => Built): Built {
  if (!operands.every(wantsLine)) return build()
  // Taken before building, so that the frames of the user's call are near the top of the stack.
  const source = captureSource()
  const outs = build()
  for (const term of listed(outs)) {
    if (!isParameter(term)) term.node.source ??= source
  }
  return outs
}

/** One result or several, as a list. */
export const listed = (outs: Built): readonly Term[] => ('node' in outs ? [outs] : outs)

const wantsLine = (operand: unknown): boolean =>
  !isTerm(operand) || operand.node.binders.every((b) => b.lines !== false)
