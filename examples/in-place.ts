/**
 * Updates in place: heat spreads along a rod, an implicit step of which is a tridiagonal system. It
 * is solved as one would by hand, overwriting two arrays element by element, first downwards, then
 * upwards. Nothing is copied: sixteen times the length takes about sixteen times as long.
 *
 * To a derivative, references are values: it goes back through the same two loops, and says how the
 * heat in the middle depends on where the rod is heated.
 */
import { add, compile, constant, div, f64, fn, grad, mul, run, sub, take } from 'pullback'
import { Control, functionalized, gen, State } from 'pullback/effects'

/** u with −uᵢ₋₁ + 3uᵢ − uᵢ₊₁ = heatᵢ, by Thomas's algorithm. */
const warmth = (length: number) =>
  fn({ heat: f64(length) }, function warmth({ heat }) {
    const solving = gen(function* () {
      const u = yield* State.make(heat)
      const factor = yield* State.make(mul(heat, 0))
      const none = constant(0, { dtype: 'f64' })
      yield* Control.forLoop(length, { u: none, factor: none }, (i, before) =>
        gen(function* () {
          const pivot = sub(3, before.factor)
          const now = {
            u: div(add(yield* State.at(u, i).get(), before.u), pivot),
            factor: div(1, pivot),
          }
          yield* State.at(u, i).set(now.u)
          yield* State.at(factor, i).set(now.factor)
          return now
        }),
      )
      yield* Control.forLoop(length, none, (i, below) =>
        gen(function* () {
          const at = sub(length - 1, i)
          yield* State.at(u, at).add(mul(yield* State.at(factor, at).get(), below))
          return yield* State.at(u, at).get()
        }),
      )
      return yield* State.get(u)
    })
    return functionalized(solving)
  })

/** The fastest of twenty runs, in nanoseconds an element. */
async function timed(length: number): Promise<number> {
  await using program = await compile(warmth(length))
  const heat = new Float64Array(length).fill(1)
  const times = Array.from({ length: 20 }, () => {
    const start = performance.now()
    program.sync({ heat })
    return performance.now() - start
  })
  return (1e6 * Math.min(...times)) / length
}

const [few, many] = [await timed(4_000), await timed(64_000)]
console.log(`an element of 4,000: ${few.toFixed(0)} ns, of 64,000: ${many.toFixed(0)} ns`)

const rod = 9
const heat = Array.from({ length: rod }, (_, i) => (i === 2 ? 1 : 0))
const u = await run(warmth(rod), { heat })
console.log(`heated at 2:           ${show(u.data)}`)
const middle = fn({ heat: f64(rod) }, ({ heat }) => take(warmth(rod)({ heat }), 4))
const slope = await run(grad(middle, 'heat'), { heat })
console.log(`felt in the middle of: ${show(slope.data)}`)

function show(numbers: Float64Array): string {
  return Array.from(numbers, (x) => x.toFixed(4)).join(' ')
}
