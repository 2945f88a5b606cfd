/**
 * A network that asks for its parameters where it needs them, fitted to a sine.
 */
import {
  add,
  broadcastTo,
  compile,
  constant,
  f32,
  fn,
  matmul,
  mean,
  square,
  sub,
  type Tensor,
  tanh,
  valueAndGrad,
} from 'pullback'
import { gen, value } from 'pullback/effects'
import { adam, adamSpecs } from 'pullback/optim'
import { described, parameter, supplied } from './index.js'

const width = 16

/** Three layers; what they weigh is nobody's argument. */
const network = (x: Tensor<['n', 1], 'f32'>) =>
  gen(function* () {
    const first = yield* parameter('first', f32(1, width))
    const offset = yield* parameter('offset', f32(width))
    const h = tanh(add(matmul(x, first), offset))
    const last = yield* parameter('last', f32(width, 1))
    return matmul(h, last)
  })

const anything = broadcastTo(constant(0), ['n', 1])
const params = described(network(anything))
const batch = { x: f32('n', 1), y: f32('n', 1) }

const loss = fn({ params, ...batch }, function loss({ params, x, y }) {
  return mean(square(sub(value(supplied(params, network(x))), y)))
})

const state = adamSpecs(params)
const step = fn({ params, state, ...batch }, function step({ params, state, x, y }) {
  const [value, gradients] = valueAndGrad(loss, 'params')({ params, x, y })
  return { value, ...adam(params, gradients, state, { rate: 0.02 }) }
})

const filled = (of: (i: number) => number) =>
  Object.fromEntries(
    Object.entries(params).map(([name, { shape }]) => {
      const size = shape.reduce<number>((n, dim) => n * Number(dim), 1)
      return [
        name,
        { data: Array.from({ length: size }, (_, i) => of(i)), shape: shape.map(Number) },
      ]
    }),
  )
for (const [name, { dtype, shape }] of Object.entries(params)) {
  console.log(`asked for: ${name} ${dtype}[${shape.join(', ')}]`)
}

await using program = await compile(step)
const x = Array.from({ length: 64 }, (_, i) => [i / 10 - 3.2])
const y = x.map(([at]) => [Math.sin(at)])
const zeros = filled(() => 0)
type Inputs = Parameters<typeof program>[0]
let now: Pick<Inputs, 'params' | 'state'> = {
  params: filled((i) => Math.sin(7 * i + 1)),
  state: { mean: zeros, meanSquare: zeros, count: 0 },
}
for (let i = 0; i <= 1200; i++) {
  const { value, params, state } = await program({ ...now, x, y })
  now = { params, state }
  if (i % 600 === 0) console.log(`step ${i}: loss ${value.toNested().toFixed(5)}`)
}
