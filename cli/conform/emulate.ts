/**
 * Emulate: a function in f64 whose every result is rounded to f32 at random, up or down.
 *
 *   spread = max over seeds of |emulated − exact|
 *
 * The spread is what rounding to f32 can do to this very program at these very inputs: it grows
 * with the condition of the problem and of the algorithm, and is nothing where f32 is exact
 * (Monte Carlo arithmetic: Parker 1997). Rounding depends on the value and the seed alone, so equal
 * values stay equal and ties stay ties. Ops that accumulate round inside: their arguments are
 * perturbed by half an ulp as well. Inputs are rounded to nearest, as the run does.
 */
import { epsilon, type NDArray } from '../../lib/data/index.js'
import { evaluateNode, interpreters } from '../../lib/interpret/index.js'
import { type Func, fold, type Interpreters } from '../../lib/term/index.js'

const accumulating: ReadonlySet<string> = new Set([
  'sum',
  'prod',
  'cumsum',
  'cumprod',
  'dot',
  'conv',
  'scatter',
])

/** The results of an f64 function as an f32 machine with random rounding gets them. */
export function emulate(func: Func, args: readonly NDArray[], seed: number): readonly NDArray[] {
  const coin = coinOf(seed)
  const round = (array: NDArray): NDArray => mapFloats(array, (x) => roundAtRandom(x, coin(x, 0)))
  const shake = (array: NDArray): NDArray =>
    mapFloats(array, (x, i) => x * (1 + (coin(x, i + 1) - 0.5) * epsilon.f32))
  const evaluate: Interpreters['evaluate'] = (body, inputs, sizes) =>
    fold<NDArray>(body, inputs, (node, given) => {
      const shaken = accumulating.has(node.op.name) ? given.map(shake) : given
      return evaluateNode(node, shaken, sizes, { ...interpreters, evaluate }).map(round)
    })
  return evaluate(
    func,
    args.map((array) => mapFloats(array, Math.fround)),
    {},
  )
}

function mapFloats(array: NDArray, f: (x: number, i: number) => number): NDArray {
  if (array.dtype !== 'f64') return array
  return { ...array, data: Float64Array.from(array.data, f) }
}

/** x itself where f32 has it; else one of its two neighbours there. */
function roundAtRandom(x: number, coin: number): number {
  const near = Math.fround(x)
  if (near === x || Number.isNaN(x) || !Number.isFinite(near)) return near
  if (coin < 0.5) return near
  const away = near < x ? 1 : -1
  const unit = Math.max(2 ** (Math.floor(Math.log2(Math.abs(near) || 2 ** -149)) - 23), 2 ** -149)
  return Math.fround(near + away * unit)
}

/** A number in [0, 1) for a value and a position, by mixing bits (murmur's finaliser). */
function coinOf(seed: number): (x: number, position: number) => number {
  const bits = new DataView(new ArrayBuffer(8))
  return (x, position) => {
    bits.setFloat64(0, x)
    let h = bits.getInt32(0) ^ Math.imul(bits.getInt32(4), 0x9e3779b1)
    h ^= Math.imul(seed + 1, 0x85ebca6b) ^ Math.imul(position, 0xc2b2ae35)
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
    return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32
  }
}
