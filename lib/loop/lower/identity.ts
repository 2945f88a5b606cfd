/**
 * Identity: a name for each structure, so that equal kernels are found at once.
 *
 *   { tag: 'add', x, y }    →    #7, the same for every record with equal parts
 *
 * Parts that several records share are named once: the time is linear in the distinct records.
 */

/** A function that gives equal plain data equal numbers. */
export function identities(): (value: unknown) => number {
  const known = new Map<string, number>()
  const seen = new WeakMap<object, number>()
  const named = (text: string): number => {
    const id = known.get(text) ?? known.size
    known.set(text, id)
    return id
  }
  const identify = (value: unknown): number => {
    if (typeof value !== 'object' || value === null) return named(leaf(value))
    const before = seen.get(value)
    if (before !== undefined) return before
    const parts = Object.entries(value).map(([key, part]) => `${key}:${identify(part)}`)
    const id = named(`${Array.isArray(value) ? 'list' : 'record'} ${parts.join(' ')}`)
    seen.set(value, id)
    return id
  }
  return identify
}

const leaf = (value: unknown): string =>
  `${typeof value} ${Object.is(value, -0) ? '-0' : String(value)}`
