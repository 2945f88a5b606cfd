import * as Effect from 'effect/Effect'
import { describe, expect, it } from 'vitest'
import {
  bool,
  conv,
  f32,
  f64,
  fn,
  grad,
  i32,
  PullbackError,
  add as plus,
  sum,
  type Tensor,
  mul as times,
  u32,
} from '../lib/index.js'
import { constant } from '../lib/ops/index.js'
import {
  compile,
  evaluate,
  type HostArray,
  makeReference,
  reference,
  run,
  runEffect,
} from './index.js'

// A literal array; a tensor is a term at run time.
const literal = (...x: readonly number[]) =>
  constant(x, [x.length], 'f64') as unknown as Tensor<[2], 'f64', never>

const affine = fn({ x: f32('n', 2), p: { w: f32(2), b: f32() } }, function affine({ x, p }) {
  const y = plus(times(x, p.w), p.b)
  return { y, parts: [p.b, x] as const }
})
const p = { w: [10, 100], b: 1 }

describe('run', () => {
  it('gives the result in the form that the function returned', async () => {
    const { y, parts } = await run(affine, { x: [[1, 2]], p })
    expect([y.dtype, y.shape, y.data]).toEqual(['f32', [1, 2], new Float32Array([11, 201])])
    expect([y.toNested(), parts[0].toNested(), parts[1].toNested()]).toEqual([
      [[11, 201]],
      1,
      [[1, 2]],
    ])
  })

  it('takes nested arrays, data with a shape, typed arrays and results alike', async () => {
    const w = new Float32Array([10, 100])
    const given = [
      { x: [[1, 2]], p },
      { x: { data: new Float32Array([1, 2]), shape: [1, 2] }, p: { w, b: 1 } },
      {
        x: { data: [1, 2], shape: [1, 2] },
        p: { w: { data: w, shape: [2] }, b: { data: [1], shape: [] } },
      },
    ]
    const results = await Promise.all(given.map((inputs) => run(affine, inputs)))
    for (const { y } of results) expect(y.toNested()).toEqual([[11, 201]])
    const again = await run(affine, { x: results[0].y, p })
    expect(again.y.toNested()).toEqual([[111, 20101]])
  })

  it('takes a kernel of named length: the padding of its derivative has a name', async () => {
    const loss = fn({ x: f64(2, 1, 'n'), k: f64(1, 1, 'm') }, ({ x, k }) => {
      const y = conv(x, k)
      return sum(times(y, y))
    })
    const slope = grad(loss, 'x')
    for (const [n, m] of [
      [5, 3],
      [4, 1],
      [3, 3],
    ]) {
      const ramp = (count: number) => Array.from({ length: count }, (_, i) => (i * 7) % 5)
      const x = { data: ramp(2 * n), shape: [2, 1, n] }
      const k = { data: ramp(m), shape: [1, 1, m] }
      const compiled = await run(slope, { x, k })
      const expected = await run(slope, { x, k }, { backend: reference })
      expect(compiled.toNested()).toEqual(expected.toNested())
    }
  })

  it('binds named sizes anew in each call, empty ones included', async () => {
    const sizes = [0, 1, 3]
    const shapes = sizes.map(async (n) => {
      const x = { data: new Float32Array(2 * n), shape: [n, 2] }
      return (await run(affine, { x, p })).y.shape
    })
    expect(await Promise.all(shapes)).toEqual(sizes.map((n) => [n, 2]))
    expect((await run(affine, { x: [], p })).y.shape).toEqual([0, 2])
  })

  it('rounds numbers to the dtype, and keeps NaN and infinities', async () => {
    const id = fn({ x: f32(3) }, ({ x }) => x)
    const { data } = await run(id, { x: [0.1, Number.NaN, -Infinity] })
    expect(Array.from(data)).toEqual([Math.fround(0.1), Number.NaN, -Infinity])
  })

  it('runs every dtype', async () => {
    const id = fn({ i: i32(2), u: u32(1), b: bool(2), d: f64() }, (all) => all)
    const all = await run(id, { i: [-1, 2], u: [2 ** 32 - 1], b: [true, 0], d: 0.1 })
    expect([all.i.data, all.u.data, all.b.data, all.d.data]).toEqual([
      new Int32Array([-1, 2]),
      new Uint32Array([2 ** 32 - 1]),
      new Uint8Array([1, 0]),
      new Float64Array([0.1]),
    ])
  })

  it('runs on a layer, on an opened backend, and as an effect over the service', async () => {
    const inputs = { x: [[1, 2]], p }
    const wanted = [[11, 201]]
    const backend = makeReference()
    expect((await run(affine, inputs, { backend })).y.toNested()).toEqual(wanted)
    expect((await run(affine, inputs, { backend: reference })).y.toNested()).toEqual(wanted)
    const effect = runEffect(affine, inputs).pipe(Effect.provide(reference))
    expect(Effect.runSync(effect).y.toNested()).toEqual(wanted)
  })

  it('fails with the very PullbackError, in the promise and in the effect', async () => {
    const inputs = { x: [[1]], p }
    await expect(run(affine, inputs)).rejects.toBeInstanceOf(PullbackError)
    const error = Effect.runSync(
      Effect.flip(runEffect(affine, inputs).pipe(Effect.provide(reference))),
    )
    expect([error.code, error.message]).toEqual([
      'input',
      "'affine': 'x' has shape [1, 1]; expected f32[n, 2]",
    ])
  })

  it('refuses dtypes that the backend lacks, before it loads', async () => {
    const whole = makeReference()
    const backend = {
      ...whole,
      name: 'half',
      capabilities: { ...whole.capabilities, dtypes: ['i32'] as const },
    }
    await expect(run(affine, { x: [[1, 2]], p }, { backend })).rejects.toThrow(
      /the backend half has no f32; expected i32/,
    )
  })

  it.each([['wasm'], [null], [7], [{}]])('refuses %j for a backend', async (backend) => {
    const options = { backend: backend as never } // as from code without types
    const refused = expect(run(affine, { x: [[1, 2]], p }, options)).rejects
    await refused.toThrow(PullbackError)
    await refused.toThrow('expected a layer such as `wasm()`')
  })
})

describe('evaluate', () => {
  it('runs a closed expression, alone or in records and arrays', async () => {
    const x = literal(1, 2)
    expect((await evaluate(plus(x, 1))).toNested()).toEqual([2, 3])
    const { a, b } = await evaluate({ a: plus(x, x), b: [times(x, x)] })
    expect([a.toNested(), b[0].toNested()]).toEqual([[2, 4], [[1, 4]].flat()])
  })

  it('refuses what belongs to a function', async () => {
    const leaked: Tensor<[2], 'f32'>[] = []
    fn({ x: f32(2) }, ({ x }) => {
      leaked.push(x)
      return x
    })
    await expect(evaluate(plus(leaked[0] as Tensor<[2], 'f32'>, 1))).rejects.toThrow(PullbackError)
  })
})

describe('compile', () => {
  const step = fn({ state: f64(2), rate: f64() }, function step({ state, rate }) {
    return { state: times(state, rate), rate }
  })

  it('calls again and again, synchronously where the backend can', async () => {
    const program = await compile(step)
    expect((await program({ state: [1, 2], rate: 3 })).state.toNested()).toEqual([3, 6])
    expect(program.sync({ state: [5, 6], rate: 2 }).state.toNested()).toEqual([10, 12])
    await program.release()
  })

  it('feeds results back without reading them, donated ones dying on the way', async () => {
    const program = await compile(step, { donate: ['state'] })
    const first = program.resident({ state: [1, 1], rate: 2 })
    let { state } = first
    for (let i = 0; i < 3; i++) {
      const before = state
      state = program.resident({ state, rate: first.rate }).state
      expect([before.live, state.live, first.rate.live]).toEqual([false, true, true])
    }
    const { deep } = await program.read({ deep: [state] })
    const typed: readonly HostArray<'f64', [2]>[] = deep
    expect(typed[0].toNested()).toEqual([16, 16])
    expect(program.readSync(state).toNested()).toEqual([16, 16])
    expect(() => program.resident({ state: first.state, rate: 1 })).toThrow(
      "'step': 'state' was released or donated",
    )
    program[Symbol.dispose]()
    expect(state.live).toBe(true) // it is on the backend that all programs share by default
    state.release()
    expect(state.live).toBe(false)
  })

  it('hands arrays from one program to another', async () => {
    const once = await compile(step)
    const again = await compile(step)
    const { state, rate } = once.resident({ state: [1, 1], rate: 2 })
    expect((await again({ state, rate })).state.toNested()).toEqual([4, 4])
  })

  it('knows what may be donated', async () => {
    await expect(compile(affine, { donate: ['p'] })).resolves.toBeDefined()
    await expect(compile(affine, { donate: ['q'] })).rejects.toThrow(
      "'affine': there is no input 'q' to donate; expected among 'x', 'p.w', 'p.b'",
    )
  })

  it('leaves an opened backend open', async () => {
    const backend = makeReference()
    const kept = backend.place({ dtype: 'f64', shape: [2], data: new Float64Array(2) })
    const program = await compile(step, { backend })
    await program.release()
    expect(kept.live).toBe(true)
  })
})
