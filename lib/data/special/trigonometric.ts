/**
 * Sine and cosine of multiples of π, and sinc, in f64.
 *
 * The multiple is reduced before π comes in, so that large arguments lose nothing.
 */

/** sin πx: exactly 0 at whole x. */
export function sinPi(x: number): number {
  if (!Number.isFinite(x)) return NaN
  const turns = Math.round(x)
  const size = Math.abs(x - turns)
  const sine = size < 0.25 ? Math.sin(Math.PI * size) : Math.cos(Math.PI * (0.5 - size))
  const odd = turns % 2 !== 0
  return x - turns < 0 !== odd ? -sine : sine
}

/** cos πx: exactly 0 halfway between whole numbers. */
export function cosPi(x: number): number {
  if (!Number.isFinite(x)) return NaN
  const turns = Math.round(x)
  const size = Math.abs(x - turns)
  const cosine = size < 0.25 ? Math.cos(Math.PI * size) : Math.sin(Math.PI * (0.5 - size))
  return turns % 2 !== 0 ? -cosine : cosine
}

/** sin πx / πx; 1 at 0, 0 at ±∞. */
export function sinc(x: number): number {
  if (Math.abs(x) < 1e-9) return 1
  return Math.abs(x) === Infinity ? 0 : sinPi(x) / (Math.PI * x)
}
