import { expect, it } from 'vitest'
import { f32, fn, tanh } from '../lib/index.js'
import { auto, makeAuto } from './auto.js'
import { run } from './run.js'

const f = fn({ x: f32(2) }, ({ x }) => tanh(x))

it('takes the first that is there, and says what it passed over', async () => {
  const said: string[] = []
  const say = (sentence: string): number => said.push(sentence)
  const backend = await makeAuto({ prefer: ['webgpu', 'native'], say })
  expect(['webgpu', 'native', 'wasm']).toContain(backend.name)
  expect(said).toHaveLength(['webgpu', 'native', 'wasm'].indexOf(backend.name))
  for (const sentence of said)
    expect(sentence).toMatch(/^pullback runs on (native|wasm) instead of/)
  const { data } = await run(f, { x: [0, 1] }, { backend })
  expect(data[1]).toBeCloseTo(Math.tanh(1), 6)
  backend.close()
})

it('is wasm where nothing is preferred', async () => {
  const { data } = await run(f, { x: [0, 1] }, { backend: auto({ prefer: [] }) })
  expect(data[1]).toBeCloseTo(Math.tanh(1), 6)
  expect((await makeAuto({ prefer: [] })).name).toBe('wasm')
})
