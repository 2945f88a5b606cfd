/**
 * What a failed check says: the message, its line, the element, and the op that made that.
 *
 *   Check at loss.ts:12:5: its logarithm is not finite, at element 1 of what log gives at loss.ts:9:20
 */
import { isParameter, type Source, type Term } from '../lib/term/index.js'

/** What a check asks for. */
export interface Asked {
  readonly ok: Term
  readonly message: string
  readonly source: Source
  /** What was checked: the op that made it is named in reports. */
  readonly subject: Term
}

/** Where a check stands, what failed, where in it, and what made that. */
export function reportOf(
  asked: Asked,
  element: number,
): { readonly where: string; readonly what: string } {
  const { message, source, subject, ok } = asked
  const line = source.line()
  const maker = subject.node.source?.line()
  const made = isParameter(subject)
    ? `the input '${String(subject.node.attrs.name)}'`
    : `what ${subject.node.op.name} gives${maker === undefined ? '' : ` at ${maker}`}`
  return {
    where: line === undefined ? 'Check' : `Check at ${line}`,
    what: `${message}, ${placeOf(element, ok)} ${made}`,
  }
}

/** An element as an index, where sizes are known; its number in the order of rows elsewhere. */
function placeOf(element: number, { shape }: Term): string {
  if (shape.length === 0) return 'in'
  const sizes = shape.filter((d) => typeof d === 'number')
  if (sizes.length !== shape.length || shape.length === 1) return `at element ${element} of`
  let rest = element
  const index = sizes.toReversed().map((size) => {
    const at = rest % size
    rest = Math.floor(rest / size)
    return at
  })
  return `at element [${index.toReversed().join(', ')}] of`
}
