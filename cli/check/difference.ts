/**
 * Differences: the derivative of a vector function along a line, with an estimate of its error.
 *
 *   d/dt f(x + t·v) at t = 0, from central differences at h, h/2, h/4, …, extrapolated to h = 0
 *
 * Ridders' method (1982): of the tableau of extrapolations each element takes the entry that
 * changed least. Where the function has a kink within the first steps, the last ones decide.
 */

export interface Difference {
  readonly value: Float64Array
  /** How far off each element may be. */
  readonly error: Float64Array
}

const first = 0.05
const rows = 12

/** `at(t)` is f(x + t·v) as one flat vector. */
export function difference(at: (t: number) => Float64Array): Difference {
  const size = at(0).length
  const value = new Float64Array(size)
  const error = new Float64Array(size).fill(Infinity)
  let before: Float64Array[] = []
  for (let row = 0; row < rows; row++) {
    const h = first / 2 ** row
    const above = at(h)
    const below = at(-h)
    const line = [above.map((y, i) => (y - below[i]) / (2 * h))]
    for (let column = 1; column <= row; column++) {
      const factor = 4 ** column
      const left = line[column - 1]
      const corner = before[column - 1]
      const next = left.map((y, i) => (factor * y - corner[i]) / (factor - 1))
      next.forEach((y, i) => {
        const change = Math.max(Math.abs(y - left[i]), Math.abs(y - corner[i]))
        if (change >= error[i]) return
        error[i] = change
        value[i] = y
      })
      line.push(next)
    }
    before = line
  }
  return { value, error }
}
