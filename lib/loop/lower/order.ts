/**
 * Order: things in an order in which each comes after what it needs, kept up as needs are added.
 *
 *   order a b c; a needs c    →    order b c a
 *
 * A new need between things that stand right costs nothing; else only those between the two move
 * (Pearce & Kelly, 2007). Questions of reach look no further than the place of what is asked for.
 */

export interface Order<A> {
  /** Puts a thing that nobody needs yet at the end. */
  readonly append: (item: A) => void
  /** From now on `item` comes after `need`; false, and nothing changes, if that closes a cycle. */
  readonly require: (item: A, need: A) => boolean
  /** Whether `from` needs `to`, directly or through others. */
  readonly reaches: (from: A, to: A) => boolean
  /** What a thing needs directly, and who needs it. */
  readonly needs: (item: A) => ReadonlySet<A>
  readonly neededBy: (item: A) => ReadonlySet<A>
  /** `into` takes the place of both; neither may reach the other through a third. */
  readonly merge: (into: A, gone: A) => void
  readonly sorted: () => readonly A[]
}

interface Entry<A> {
  position: number
  readonly needs: Set<A>
  readonly neededBy: Set<A>
}

export function ordering<A>(): Order<A> {
  const entries = new Map<A, Entry<A>>()
  let next = 0
  const entry = (item: A): Entry<A> => {
    const known = entries.get(item)
    if (known === undefined) throw new Error('broken invariant: a thing that is not in the order')
    return known
  }
  /** What `start` reaches along `edges` as long as places satisfy `inside`, up to `sought`. */
  const around = (
    start: A,
    sought: A | undefined,
    edges: (e: Entry<A>) => ReadonlySet<A>,
    inside: (position: number) => boolean,
  ): ReadonlySet<A> => {
    const found = new Set<A>([start])
    for (const item of found) {
      for (const other of edges(entry(item))) {
        if (!inside(entry(other).position)) continue
        found.add(other)
        if (other === sought) return found
      }
    }
    return found
  }
  const reaches = (from: A, to: A): boolean => {
    if (from === to) return true
    const least = entry(to).position
    if (entry(from).position < least) return false
    if (entry(from).needs.has(to)) return true
    return around(
      from,
      to,
      (e) => e.needs,
      (p) => p >= least,
    ).has(to)
  }
  const require = (item: A, need: A): boolean => {
    if (item === need) return false
    const [low, high] = [entry(item).position, entry(need).position]
    if (low < high) {
      const before = around(
        need,
        item,
        (e) => e.needs,
        (p) => p >= low,
      )
      if (before.has(item)) return false
      const after = around(
        item,
        undefined,
        (e) => e.neededBy,
        (p) => p <= high,
      )
      const byPlace = (items: ReadonlySet<A>) =>
        [...items].sort((a, b) => entry(a).position - entry(b).position)
      const moved = [...byPlace(before), ...byPlace(after)]
      const places = moved.map((m) => entry(m).position).sort((a, b) => a - b)
      for (const [i, m] of moved.entries()) entry(m).position = places[i]
    }
    entry(item).needs.add(need)
    entry(need).neededBy.add(item)
    return true
  }
  return {
    append: (item) => {
      entries.set(item, { position: next++, needs: new Set(), neededBy: new Set() })
    },
    require,
    reaches,
    needs: (item) => entry(item).needs,
    neededBy: (item) => entry(item).neededBy,
    merge: (into, gone) => {
      const { needs, neededBy } = entry(gone)
      for (const need of needs) entry(need).neededBy.delete(gone)
      for (const item of neededBy) entry(item).needs.delete(gone)
      entries.delete(gone)
      for (const need of needs) if (need !== into) require(into, need)
      for (const item of neededBy) if (item !== into) require(item, into)
    },
    sorted: () =>
      [...entries].sort(([, a], [, b]) => a.position - b.position).map(([item]) => item),
  }
}
