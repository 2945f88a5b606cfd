/**
 * Two ways to a gradient, beside each other: differentiate then optimise, optimise then
 * differentiate. The gradients are compared first; then kernels, bytes and time are printed.
 *
 *   pullback explain FILE#export --orders
 */
import * as Effect from 'effect/Effect'
import type * as Scope from 'effect/Scope'
import { attempt, Backend } from '../../backends/backend.js'
import { drawFrom, drawLike } from '../../laws/draw.js'
import {
  byteSize,
  dimProduct,
  dimValue,
  isFloat,
  type NDArray,
  type PullbackError,
  type Sizes,
} from '../../lib/data/index.js'
import { compile } from '../../lib/loop/compile.js'
import { peakBytes } from '../../lib/loop/plan.js'
import type { Program } from '../../lib/loop/program.js'
import { compareOrders } from '../../lib/pass/index.js'
import type { Func } from '../../lib/term/index.js'
import { drawArguments, drawSizes } from './sample.js'

interface Order {
  readonly name: string
  readonly func: Func
  readonly kernels: number
  readonly moved: number
  readonly arena: number
  readonly milliseconds: number
  readonly results: readonly NDArray[]
}

/** A table of both orders, and how far apart their gradients are. */
export const compareGradients = (
  func: Func,
): Effect.Effect<readonly string[], PullbackError, Backend | Scope.Scope> =>
  Effect.gen(function* () {
    const draw = drawFrom(1)
    const sizes = drawSizes(func, draw)
    const args = drawArguments(func, sizes, { low: 0.2, high: 0.8 }, draw)
    const active = func.params.map((p) => isFloat(p.dtype))
    const { late, early } = yield* attempt(() => compareOrders(func, active))
    const cotangents = late.func.params.slice(func.params.length).map((p) => {
      const shape = p.shape.map((d) => dimValue(d, sizes))
      return drawLike({ dtype: p.dtype, shape }, draw)
    })
    const inputs = [...args, ...cotangents]
    const orders = [
      yield* measured('differentiate, then optimise', late.func, inputs, sizes),
      yield* measured('optimise, then differentiate', early.func, inputs, sizes),
    ]
    return table(orders)
  })

const runs = 9

const measured = (
  name: string,
  func: Func,
  inputs: readonly NDArray[],
  sizes: Sizes,
): Effect.Effect<Order, PullbackError, Backend | Scope.Scope> =>
  Effect.gen(function* () {
    const backend = yield* Backend
    const executable = yield* backend.load(func)
    const placed = yield* attempt(() => inputs.map(backend.place))
    const times: number[] = []
    let results: readonly NDArray[] = []
    for (let i = 0; i < runs; i++) {
      const start = performance.now()
      const made = yield* attempt(() => executable.call(placed, sizes))
      results = yield* backend.read(made)
      times.push(performance.now() - start)
      for (const array of made) array.release()
    }
    for (const array of placed) array.release()
    const { program } = yield* attempt(() => compile(func))
    return {
      name,
      func,
      kernels: program.kernels.length,
      moved: bytesMoved(program, sizes),
      arena: peakBytes(program, sizes),
      milliseconds: times.toSorted((a, b) => a - b)[runs >> 1],
      results,
    }
  })

/** Bytes of all buffers that kernels bind, each once a kernel. */
const bytesMoved = (program: Program, sizes: Sizes): number =>
  program.kernels.reduce(
    (sum, kernel) =>
      sum +
      kernel.buffers.reduce((bytes, b) => {
        const names = Object.fromEntries(kernel.counters.map((c) => [c.name, 1]))
        return bytes + byteSize[b.dtype] * dimValue(dimProduct(b.shape), { ...names, ...sizes })
      }, 0),
    0,
  )

function table(orders: readonly Order[]): readonly string[] {
  const [late, early] = orders
  const rows = orders.map(({ name, kernels, moved, arena, milliseconds }) =>
    [
      name.padEnd(30),
      `${kernels} kernels`.padStart(12),
      `${moved} bytes moved`.padStart(24),
      `${arena} bytes of arena`.padStart(24),
      `${milliseconds.toFixed(3)} ms`.padStart(12),
    ].join(''),
  )
  return [...rows, `gradients differ by at most ${furthest(late.results, early.results)}`]
}

/** The largest difference relative to the largest value of its array. */
function furthest(a: readonly NDArray[], b: readonly NDArray[]): string {
  let worst = 0
  a.forEach(({ data }, i) => {
    let scale = 2 ** -1000
    for (const x of data) scale = Math.max(scale, Math.abs(x))
    data.forEach((x, k) => {
      if (!Object.is(x, b[i].data[k])) worst = Math.max(worst, Math.abs(x - b[i].data[k]) / scale)
    })
  })
  return worst.toExponential(1)
}
