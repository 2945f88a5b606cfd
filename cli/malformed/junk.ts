/**
 * Malformed input: texts with edits, trees of JSON with parts replaced, values of every kind.
 *
 * Sizes are small or absurd, never merely large: what is refused is told at once, and what is not
 * costs little.
 */
import fc from 'fast-check'

/** Texts made from good ones by a few edits; now and then nothing but characters. */
export function brokenTexts(good: fc.Arbitrary<string>, words: readonly string[]) {
  const piece = fc.oneof(
    fc.constantFrom(...words),
    fc.constantFrom(
      '',
      ' ',
      '\n',
      '{',
      '}',
      '[',
      ']',
      '(',
      ')',
      ',',
      ':',
      '"',
      "'",
      '\\',
      '%',
      '\u0000',
    ),
    fc.string({ unit: 'binary', maxLength: 3 }),
    fc.integer().map(String),
  )
  const edit = fc.record({ at: fc.nat(100_000), length: fc.nat(12), piece })
  const edited = fc
    .tuple(good, fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([text, edits]) =>
      edits.reduce((t, e) => {
        const at = t.length === 0 ? 0 : e.at % t.length
        return t.slice(0, at) + e.piece + t.slice(at + e.length)
      }, text),
    )
  return fc.oneof({ weight: 9, arbitrary: edited }, { weight: 1, arbitrary: fc.string() })
}

const numbers = [0, -1, 1, 2, 3, 0.5, 7, 1e300, -1e300, 2 ** 53, 2 ** 60]
const texts = [
  '',
  'x',
  'NaN',
  'f64',
  'f16',
  'i32',
  'bool',
  'add',
  'scan',
  '__proto__',
  'constructor',
]

/** Values that JSON can hold. */
export const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, [], {}, ...numbers, ...texts),
  fc.array(fc.constantFrom<unknown>(null, 0, 1, 2, -1, 'x', []), { maxLength: 3 }),
  fc.constantFrom<unknown>(
    { params: [], lets: [], results: [] },
    { dtype: 'f64', shape: [], data: [1] },
  ),
)

/** Trees of JSON made from good ones: parts replaced, left out or doubled. */
export function brokenTrees(good: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const change = fc.record({
    at: fc.nat(1_000_000),
    how: fc.constantFrom('replace', 'replace', 'drop', 'double', 'swap'),
    with: junk,
  })
  return fc
    .tuple(good, fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([tree, changes]) =>
      changes.reduce((t, { at, how, with: value }) => changed(t, at, how, value), tree),
    )
}

/** The tree with its part number `at` (in order, from the whole) changed. */
function changed(tree: unknown, at: number, how: string, value: unknown): unknown {
  const count = partsOf(tree)
  let left = at % count
  let previous: unknown = null
  const visit = (part: unknown): unknown => {
    if (left-- === 0) return how === 'swap' ? previous : value
    previous = part
    if (Array.isArray(part)) {
      return part.flatMap((item) => {
        const here = left === 0
        if (here && how === 'drop') {
          left = -1
          return []
        }
        const next = visit(item)
        return here && how === 'double' ? [item, item] : [next]
      })
    }
    if (typeof part !== 'object' || part === null) return part
    return Object.fromEntries(
      Object.entries(part).flatMap(([key, item]) => {
        if (left === 0 && how === 'drop') {
          left = -1
          return []
        }
        return [[key, visit(item)]]
      }),
    )
  }
  return visit(tree)
}

const partsOf = (tree: unknown): number => {
  if (typeof tree !== 'object' || tree === null) return 1
  return Object.values(tree).reduce<number>((n, part) => n + partsOf(part), 1)
}
