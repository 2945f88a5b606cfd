/**
 * Programs that size the type checker: layers written out, and layers applied as functions.
 *
 *   written(40)   a function of 81 inputs whose body has 40 layers of 8 operations; its gradient
 *   applied(100)  a network that calls one dense layer 100 times; its gradient
 */

/** The import and the layer that both programs use. */
export const header = `import { add, f32, fn, grad, matmul, mul, relu, sum, tanh } from '../index.js'
const dense = fn({ x: f32('b', 'i'), w: f32('i', 'o'), c: f32('o') }, ({ x, w, c }) =>
  relu(add(matmul(x, w), c)))
`

/** Eight operations a layer, two inputs a layer and one for the network. */
export function written(layers: number): string {
  const lines = range(layers).flatMap((i) => [
    `  const a${i} = matmul(h${i}, p.w${i})`,
    `  const b${i} = add(a${i}, p.c${i})`,
    `  const d${i} = tanh(b${i})`,
    `  const e${i} = mul(d${i}, 0.5)`,
    `  const f${i} = mul(e${i}, b${i})`,
    `  const g${i} = add(f${i}, a${i})`,
    `  const r${i} = relu(g${i})`,
    `  const h${i + 1} = add(r${i}, h${i})`,
  ])
  return network(layers, lines)
}

/** One call of the dense layer a layer. */
export const applied = (layers: number): string =>
  network(
    layers,
    range(layers).map((i) => `  const h${i + 1} = dense({ x: h${i}, w: p.w${i}, c: p.c${i} })`),
  )

function network(layers: number, lines: readonly string[]): string {
  const inputs = range(layers).map((i) => `w${i}: f32(64, 64), c${i}: f32(64)`)
  return [
    `const net = fn({ x: f32('batch', 64), ${inputs.join(', ')} }, (p) => {`,
    `  const h0 = p.x`,
    ...lines,
    `  return sum(h${layers})`,
    `})`,
    `const slope = grad(net, 'w0')`,
  ].join('\n')
}

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i)
