import { describe, expect, it } from 'vitest'
import {
  add,
  cond,
  f32,
  fn,
  grad,
  i32,
  lt,
  scan,
  square,
  sum,
  take,
  whileLoop,
} from '../lib/index.js'
import { makeNative } from './native/index.js'
import { compiler } from './native/run.fixture.js'
import { makeReference } from './reference/index.js'
import { compile, run } from './run.js'
import { makeWasm } from './wasm/index.js'
import { testGpu } from './webgpu/gpu.fixture.js'
import { makeWebgpu } from './webgpu/index.js'

const gpu = await testGpu()

const table = { x: f32(10), i: i32('n') }
const pick = fn(table, ({ x, i }) => take(x, i))
const x = Float32Array.from({ length: 10 }, (_, k) => k)

const makers = [
  ['wasm', makeWasm, false],
  ['reference', makeReference, false],
  [`native${compiler.why}`, makeNative, compiler.absent],
] as const

describe.each(makers)('indices that are checked, on %s', async (_, make, absent) => {
  if (absent) {
    it.skip('need the backend')
    return
  }
  const backend = await make()
  const checked = { backend, checked: true }

  it('are errors that name op, index and line where they leave the array', async () => {
    const message =
      /^gather at .*watched\.test\.ts:\d+.*: index 12 is out of range; expected 0 to 9 of axis 0/
    await expect(run(pick, { x, i: [1, 12, 2] }, checked)).rejects.toThrow(message)
    await expect(run(pick, { x, i: [-1] }, checked)).rejects.toThrow(/index -1 is out of range/)
    expect(
      await run(
        fn(table, ({ x, i }) => sum(take(x, i))),
        { x, i: [9, 0] },
        checked,
      ),
    ).toMatchObject({ data: Float32Array.of(9) })
  })

  it('are found in loops, branches and gradients, and the backend stays usable', async () => {
    const walk = fn({ x: f32(10), i: i32(4) }, ({ x, i }) => {
      const [total] = scan(sum(take(x, i)), i, (s, k) => [add(s, square(take(x, k))), null])
      return total
    })
    const slope = grad(walk, 'x')
    await using program = await compile(walk, checked)
    await using gradient = await compile(slope, checked)
    for (const round of [0, 1]) {
      await expect(program({ x, i: [0, 1, 2, 10 + round] })).rejects.toThrow(/index 1[01] is out/)
      await expect(gradient({ x, i: [0, 1, 2, -4] })).rejects.toThrow(/index -4 is out of range/)
      expect(await program({ x, i: [0, 1, 2, 3] })).toMatchObject({ data: Float32Array.of(20) })
    }
  })

  it('count in a branch and in a loop only where those run', async () => {
    const f = fn({ x: f32(10), k: i32() }, ({ x, k }) => {
      const last = whileLoop(
        k,
        (j) => lt(j, 12),
        (j) => add(j, 3),
      )
      return cond(
        lt(k, 5),
        () => take(x, k),
        () => take(x, last),
      )
    })
    expect(await run(f, { x, k: 4 }, checked)).toMatchObject({ data: Float32Array.of(4) })
    await expect(run(f, { x, k: 7 }, checked)).rejects.toThrow(/index 13 is out of range/)
  })
})

describe.skipIf(gpu.absent)(`indices that are checked, on webgpu${gpu.why}`, async () => {
  const backend = gpu.absent ? makeReference() : await makeWebgpu()
  const checked = { backend, checked: true }

  it('are errors of calls that are awaited', async () => {
    await expect(run(pick, { x, i: [1, 12, 2] }, checked)).rejects.toThrow(/index 12 is out of/)
    await using program = await compile(pick, checked)
    await expect(program({ x, i: [-1] })).rejects.toThrow(/index -1 is out of range/)
    expect(await program({ x, i: [3] })).toMatchObject({ data: Float32Array.of(3) })
  })

  it('are refused in calls that are not', async () => {
    await using program = await compile(pick, checked)
    expect(() => program.resident({ x, i: [1] })).toThrow(
      /webgpu cannot check indices in a call that does not wait.*Await the program itself/s,
    )
  })
})
