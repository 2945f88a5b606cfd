/**
 * Derivatives of expected values, for tests: at one key, and their mean over many.
 */
import { run } from '../../index.js'
import { numbers } from '../../lib/lang/evaluate.fixture.js'
import { f64, fn, grad, u32, vmap } from '../../lib/lang/index.js'
import type { Program } from '../../lib/types/program.js'
import type { Tensor } from '../../lib/types/tensor.js'
import { expectation } from '../index.js'

export type Theta = Tensor<[], 'f64', 'theta'>
export type Random = (theta: Theta) => Program<Tensor<[], 'f64'>, 'Random'>

export interface Statistics {
  readonly mean: number
  /** The standard error of the mean. */
  readonly error: number
}

/** The mean of the derivative over many samples, one key each. */
export async function statistics(
  program: Random,
  theta: number,
  samples = 1_000_000,
): Promise<Statistics> {
  const one = fn({ theta: f64(), key: u32(2) }, ({ theta, key }) =>
    expectation(key, program(theta)),
  )
  // A program given as a value has no grades that could be checked: the test knows them.
  const many = vmap(grad(one as never, 'theta' as never), {
    inAxes: { theta: null, key: 0 },
    size: 'runs',
  } as never)
  const keys = Array.from({ length: samples * 2 }, (_, i) => (i % 2 === 0 ? 3 : i >> 1))
  const inputs = { theta, key: { data: Uint32Array.from(keys), shape: [samples, 2] } }
  const { data } = (await run(many as never, inputs as never)) as { data: Float64Array }
  if (data.length !== samples) throw new Error(`${data.length} derivatives of ${samples}`)
  const mean = data.reduce((a, b) => a + b, 0) / samples
  const variance = data.reduce((a, b) => a + (b - mean) ** 2, 0) / samples
  return { mean, error: Math.sqrt(variance / samples) }
}

/** An expectation as a function of theta and a key. */
export const expected = (program: Random, options: Parameters<typeof expectation>[2] = {}) =>
  fn({ theta: f64(), key: u32(2) }, ({ theta, key }) =>
    expectation(key, program(theta) as Program<Tensor<[], 'f64', 'theta'>, 'Random'>, options),
  )

/** The gradient in theta of an expectation at one key, by the reference. */
export const slopeAt = (
  program: Random,
  theta: number,
  options: Parameters<typeof expectation>[2] = {},
): number =>
  (numbers(grad(expected(program, options), 'theta'), { theta, key: [0, 5] }) as number[])[0]
