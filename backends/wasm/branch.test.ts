import { describe, expect, it } from 'vitest'
import { elementaryRules } from '../../lib/loop/elementary/index.js'
import {
  input,
  interpretKernel,
  type Kernel,
  kernel,
  load,
  output,
  parallel,
  store,
} from '../../lib/loop/index.js'
import { applySchedule } from '../../lib/loop/schedule/index.js'
import { runWasm } from './run-kernel.js'

const n = 71

const mapped = (name: string, dtype: 'f32' | 'f64'): Kernel =>
  kernel(name, {
    buffers: [input('x', dtype, [n]), output('y', dtype, [n])],
    body: [
      parallel('i', n, (i) => {
        const x = load('x', dtype, [i])
        return [store('y', [i], elementaryRules[name]([x, x], { attrs: { n: 2 } }))]
      }),
    ],
  })

/** Which lanes have large arguments: none, each in turn, some, all. */
const mixtures: readonly ((i: number) => boolean)[] = [
  () => false,
  (i) => i % 17 === 0,
  (i) => i === n - 1,
  (i) => i % 3 === 0,
  () => true,
]

describe('a branch that lanes take together', () => {
  it.each(['sin', 'cos', 'tan', 'lgamma', 'digamma'])(
    'gives %s in each lane what the interpreter gives',
    (name) => {
      for (const dtype of ['f32', 'f64'] as const) {
        const zeros = () => (dtype === 'f32' ? new Float32Array(n) : new Float64Array(n))
        const source = mapped(name, dtype)
        for (const isLarge of mixtures) {
          const x = zeros().map((_, i) => (isLarge(i) ? 1e7 + 1000 * i : i / 9 - 3.3))
          const expected = { x, y: zeros() }
          interpretKernel(source, { sizes: {}, buffers: expected })
          for (const width of [1, 4, 16]) {
            const lanes = { tag: 'vector', loop: 'i', width } as const
            const scheduled = width === 1 ? source : applySchedule(source, [lanes])
            const got = { x, y: zeros() }
            runWasm(scheduled, {}, got)
            expect(got.y, `${name} of ${dtype}, ${width} lanes`).toEqual(expected.y)
          }
        }
      }
    },
  )
})
