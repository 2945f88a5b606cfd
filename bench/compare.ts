/**
 * How far results are from each other.
 */

/** The largest difference over all arrays, as a part of the largest element of its array. */
export function largestDifference(
  ours: readonly Float32Array[],
  theirs: readonly Float32Array[],
): number {
  if (ours.length !== theirs.length) return Number.POSITIVE_INFINITY
  return Math.max(0, ...ours.map((array, i) => difference(array, theirs[i])))
}

/** NaN or ∞ on one side alone, or arrays of different lengths, are infinitely far. */
function difference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY
  const scale = b.reduce((most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most), 0)
  let largest = 0
  for (let i = 0; i < a.length; i++) {
    const apart = Math.abs(a[i] - b[i])
    if (Object.is(a[i], b[i])) continue
    if (!Number.isFinite(apart)) return Number.POSITIVE_INFINITY
    largest = Math.max(largest, apart)
  }
  return largest === 0 ? 0 : largest / scale
}
