/**
 * The error function, its complement and its inverse, in f64.
 *
 * Near 0, erf x = x + x·P(x²). Away from it erfc x = exp(−x²)·Q(t)/(1 + 2x) with
 * t = (x − 4)/(x + 4), one polynomial for the half line (Shepherd & Laframboise, Math. Comp. 36,
 * 1981). The coefficients are Chebyshev fits to the functions in 60 digits; the errors are below
 * 10⁻¹⁷ before rounding. The inverse is a fit to six digits (in Giles's variable, GPU Gems 4,
 * 2010) with two Halley steps on erf or erfc.
 */
import { polynomial } from './polynomial.js'

/** 2/√π ∫₀ˣ exp(−t²) dt. */
export function erf(x: number): number {
  const size = Math.abs(x)
  if (size < 1) return nearZero(x)
  if (!(size < 6)) return Number.isNaN(x) ? x : Math.sign(x)
  return Math.sign(x) * (1 - tail(size))
}

/** 1 − erf x, without cancellation. */
export function erfc(x: number): number {
  if (x >= 0.5) return tail(x)
  if (x > -1) return 1 - nearZero(x)
  return x < -6 ? 2 : 2 - tail(-x)
}

/** The y with erf y = x; ±∞ at ±1, NaN outside. */
export function erfInv(x: number): number {
  const size = Math.abs(x)
  if (!(size < 1)) return size === 1 ? x * Infinity : NaN
  if (size < 1e-8) return x * (Math.sqrt(Math.PI) / 2)
  const w = -Math.log((1 - size) * (1 + size))
  let y =
    size *
    (w < 5 ? polynomial(erfInvCentre, w - 2.5) : polynomial(erfInvOuter, Math.sqrt(w) - 4.218))
  for (let step = 0; step < 2; step++) {
    const excess = size < 0.5 ? erf(y) - size : 1 - size - erfc(y)
    const newton = (excess * Math.sqrt(Math.PI) * Math.exp(y * y)) / 2
    y -= newton / (1 + y * newton)
  }
  return x < 0 ? -y : y
}

function nearZero(x: number): number {
  return x + x * polynomial(erfNearZero, x * x - 0.5)
}

/** erfc x for x ≥ ½. The head of x has 24 bits, so its square is exact. */
function tail(x: number): number {
  if (!(x < 28)) return Number.isNaN(x) ? x : 0
  const head = Math.fround(x)
  const scaled = polynomial(erfcTail, (x - 4) / (x + 4)) / (1 + 2 * x)
  return Math.exp(-head * head) * (Math.exp((head - x) * (head + x)) * scaled)
}

/** erf(x)/x − 1 in x² − ½, for |x| ≤ 1. */
export const erfNearZero: readonly number[] = [
  -0.0345312613301327, -0.2810721780454342, 0.07940998675593687, -0.018283884489152684,
  0.003480274496570158, -0.0005611894221209664, 7.829649688379886e-5, -9.614808641390195e-6,
  1.0536323840680666e-6, -1.0420387617195658e-7, 9.432320191926508e-9, -7.795898827002142e-10,
]

/** (1 + 2x) exp(x²) erfc x in (x − 4)/(x + 4), for ½ ≤ x ≤ 32. */
export const erfcTail: readonly number[] = [
  1.2329951186255526, -0.13962111684056247, 0.015379652102620035, 0.06809705425468685,
  -0.10103906603632395, 0.0937328349985976, -0.06633036581169707, 0.03716751553265028,
  -0.01619773406495435, 0.005031970029897341, -0.0007577732308562931, -0.00019925703275872137,
  0.00015062138555232022, -2.4397808216293482e-5, -1.122109852971062e-5, 5.705913337036806e-6,
  2.9190594463245417e-7, -8.186786034595622e-7, 7.703938974956624e-8, 1.0259502202619823e-7,
  -1.9637634728798132e-8, -9.42655293745365e-9, 2.3717760430636946e-9,
]

/** erfInv(x)/x in w − 2.5, for w = −log(1 − x²) < 5. */
export const erfInvCentre: readonly number[] = [
  1.501409351110792, 0.2466407662672499, -0.004177346517287056, -0.001253758884835318,
  0.00021831297984101024, -4.38034671412375e-6, -3.454779514269784e-6, 3.4222470899345687e-7,
  2.2605977741170975e-8,
]

/** erfInv(x)/x in √w − 4.218, for 5 ≤ w < 38. */
export const erfInvOuter: readonly number[] = [
  4.059904868799082, 1.0099638442609633, 0.0007688532636057539, -0.0007503498384460107,
  0.00023698977336856947, 4.1086922917660806e-5, 6.754712948471751e-6, -5.099177948885912e-5,
  1.5924815199349524e-5,
]
