/**
 * Identity: a number for each structure, so that equal kernels are found at once.
 *
 *   { tag: 'add', x, y }    →    #7, the same for every record with equal parts
 *
 * Structures are hashed, each shared part once, and compared only where hashes agree.
 */

/** A function that gives equal plain data equal numbers. */
export function identities(): (value: object) => number {
  const buckets = new Map<number, { readonly value: object; readonly id: number }[]>()
  const words = new Map<string, number>()
  let count = 0
  return (value) => {
    const hash = hashOf(value, words, new Map())
    const bucket = buckets.get(hash) ?? []
    const same = bucket.find((known) => equal(known.value, value, new Map()))
    if (same !== undefined) return same.id
    bucket.push({ value, id: count })
    buckets.set(hash, bucket)
    return count++
  }
}

/** Words, of which there are few, are numbered as they are met. */
function hashOf(value: unknown, words: Map<string, number>, done: Map<object, number>): number {
  if (typeof value === 'string') {
    const known = words.get(value) ?? words.size
    words.set(value, known)
    return known
  }
  if (typeof value === 'number') return mix(value | 0, (value * 65536) | 0)
  if (typeof value !== 'object' || value === null) return mix(3, String(value).length)
  const known = done.get(value)
  if (known !== undefined) return known
  let hash = Array.isArray(value) ? value.length : 5
  const parts = value as Readonly<Record<string, unknown>> // any object has such a type
  for (const key in parts) hash = mix(hash, hashOf(parts[key], words, done))
  done.set(value, hash)
  return hash
}

const mix = (hash: number, by: number): number => (Math.imul(hash, 0x9e3779b1) ^ by) | 0

function equal(a: unknown, b: unknown, same: Map<object, object>): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (same.get(a) === b) return true
  const [x, y] = [a, b] as readonly Readonly<Record<string, unknown>>[] // as above
  let count = 0
  for (const key in x) {
    if (!Object.hasOwn(y, key) || !equal(x[key], y[key], same)) return false
    count++
  }
  for (const _ in y) count--
  if (count !== 0 || Array.isArray(a) !== Array.isArray(b)) return false
  same.set(a, b)
  return true
}
