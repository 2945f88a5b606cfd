/**
 * The one error that Pullback throws on purpose, and the one place that renders it.
 *
 * An expected failure carries data: what happened, where, what was expected and what to do. A
 * broken invariant of Pullback itself goes through `absurd` or `invariant` instead.
 */

/** What kind of failure it is; stable, so that programs can branch on it. */
export type ErrorCode =
  | 'input' // a value that the user passed in: name, shape, dtype, contents
  | 'shape'
  | 'dtype'
  | 'attribute'
  | 'derivative' // no such derivative, or a rule that cannot be honoured
  | 'effect'
  | 'trace' // a tensor used outside the function that it belongs to
  | 'verify' // a stage of the compiler produced an ill-formed program
  | 'parse'
  | 'limit' // memory, sizes, counts
  | 'law' // a law of the kit does not hold
  | 'backend'
  | 'compile'

export interface ErrorDetail {
  readonly code: ErrorCode
  /** What happened, one sentence without a full stop. */
  readonly what: string
  /** Where: an op, an input's name, a pass, a source line. */
  readonly where?: string | undefined
  readonly expected?: string | undefined
  /** What to do. */
  readonly fix?: string | undefined
}

export class PullbackError extends Error {
  override readonly name = 'PullbackError'
  readonly code: ErrorCode
  readonly detail: ErrorDetail

  constructor(detail: ErrorDetail, options?: ErrorOptions) {
    super(render(detail), options)
    this.code = detail.code
    this.detail = detail
  }
}

/** `where: what; expected …. fix`, leaving out what is absent; the fix of a report has its own line. */
export function render(detail: ErrorDetail): string {
  const where = detail.where === undefined ? '' : `${detail.where}: `
  const expected = detail.expected === undefined ? '' : `; expected ${detail.expected}`
  const stop = detail.what.includes('\n') ? '\n' : '. '
  const fix = detail.fix === undefined ? '' : `${stop}${detail.fix}`
  return `${where}${detail.what}${expected}${fix}`
}

/** Throws a `PullbackError`; an expression, so that it can stand where a value is wanted. */
export function fail(detail: ErrorDetail): never {
  throw new PullbackError(detail)
}

/** Marks a case that the types exclude. */
export function absurd(value: never): never {
  throw new Error(`unreachable: ${String(value)}`)
}

/** A broken invariant of Pullback itself: always a bug, never the user's. */
export function invariant(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`broken invariant: ${what}`)
}
