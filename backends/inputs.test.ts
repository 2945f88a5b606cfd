import { describe, expect, it } from 'vitest'
import { closeBody as fn, specOf } from '../lib/lang/index.js'
import { makeReference } from './index.js'
import { run } from './run.js'
import { sizesOf } from './sizes.js'

const [f32, f64, i32, u32, bool] = (['f32', 'f64', 'i32', 'u32', 'bool'] as const).map(specOf)

/** The message that f gives for these inputs. */
const messageFor = async (specs: Record<string, unknown>, inputs: unknown): Promise<string> => {
  const f = fn(specs, (all) => all, { name: 'f' })
  try {
    await run(f, inputs as Record<string, never>)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return 'no error'
}

const detached = () => {
  const data = new Float32Array(2)
  structuredClone(data, { transfer: [data.buffer] })
  return data
}
const resizable = () =>
  // TypeScript's es2023 does not know the option.
  new Float32Array(
    new (ArrayBuffer as unknown as new (n: number, o: object) => ArrayBuffer)(8, {
      maxByteLength: 16,
    }),
  )
const sparse = () => {
  const list = [1, 2, 3]
  delete list[1]
  return list
}
const cyclic = () => {
  const list: unknown[] = []
  list.push(list)
  return list
}
const released = () => {
  const array = makeReference().place({ dtype: 'f32', shape: [2], data: new Float32Array(2) })
  array.release()
  return array
}
const resident64 = () =>
  makeReference().place({ dtype: 'f64', shape: [2], data: new Float64Array(2) })

const x = { x: f32(2) }
const nested = { params: { w1: f32(2), w2: [f32(), f32()] } }

describe('every wrong input gets one clear error that names it', () => {
  const leaf = 'a number, nested arrays, a typed array or { data, shape }'
  const table: readonly (readonly [Record<string, unknown>, unknown, string])[] = [
    // names
    [x, {}, "'f': 'x' is missing; expected a record of 'x'"],
    [x, { x: [1, 2], y: 1 }, "'f': there is no 'y'; expected a record of 'x'"],
    [x, undefined, "'f': it is undefined; expected a record of 'x'"],
    [x, [1, 2], "'f': it is an array of 2; expected a record of 'x'"],
    [
      nested,
      { params: { w2: [1, 2] } },
      "'f': 'params.w1' is missing; expected a record of 'w1', 'w2'",
    ],
    [
      nested,
      { params: { w1: [1, 2], w2: [1] } },
      "'f': 'params.w2' is an array of 1; expected an array of 2",
    ],
    [
      nested,
      { params: { w1: [1, 2], w2: [1, 'a'] } },
      `'f': 'params.w2.1' holds "a", which is not a number`,
    ],
    [nested, { params: 3 }, "'f': 'params' is 3; expected a record of 'w1', 'w2'"],
    [x, { x: { values: [1] } }, `'f': 'x' is an object; expected ${leaf}`],
    // shapes
    [x, { x: [1, 2, 3] }, "'f': 'x' has shape [3]; expected f32[2]"],
    [x, { x: 1 }, "'f': 'x' has shape []; expected f32[2]"],
    [{ x: f32() }, { x: [1] }, "'f': 'x' is an array, needs a number"],
    [x, { x: [[1, 2]] }, "'f': 'x' is nested deeper than 1 arrays"],
    [x, { x: cyclic() }, "'f': 'x' is nested deeper than 1 arrays"],
    [
      { x: f32('n'), y: f32('n') },
      { x: [1, 2], y: [1] },
      "'f': 'n' is both 2 and 1 in 'y'; expected one size for one name",
    ],
    [
      { x: f32(2, 2) },
      { x: [[1, 2], [3]] },
      "'f': 'x' is ragged: [1] has 1 entries where the first has 2",
    ],
    [{ x: f32(2, 2) }, { x: [[1, 2], 3] }, "'f': 'x' is ragged: [1] is no array beside arrays"],
    [{ x: f32(2, 2) }, { x: [1, [2, 3]] }, "'f': 'x' is ragged: [1] is an array beside numbers"],
    [x, { x: sparse() }, "'f': 'x' has a hole at [1]"],
    [
      x,
      { x: { data: [1, 2], shape: [Number.NaN] } },
      "'f': 'x' has the size NaN on axis 0 of its shape, needs a whole number from 0",
    ],
    [
      x,
      { x: { data: [1, 2], shape: [Infinity] } },
      "'f': 'x' has the size Infinity on axis 0 of its shape, needs a whole number from 0",
    ],
    [
      x,
      { x: { data: [1, 2], shape: [1, -2] } },
      "'f': 'x' has the size -2 on axis 1 of its shape, needs a whole number from 0",
    ],
    [
      x,
      { x: { data: [1, 2], shape: ['2'] } },
      `'f': 'x' has the size "2" on axis 0 of its shape, needs a whole number from 0`,
    ],
    [x, { x: { data: [1, 2], shape: 2 } }, "'f': 'x' has 2 for a shape, needs an array of sizes"],
    [x, { x: { data: [1, 2, 3], shape: [2] } }, "'f': 'x' has 3 elements for shape [2], needs 2"],
    [
      { x: f32(2, 1) },
      { x: new Float32Array(2) },
      "'f': 'x' is a Float32Array without a shape: pass { data, shape: [2, 1] }",
    ],
    // dtypes
    [x, { x: new Float64Array(2) }, "'f': 'x' is a Float64Array, needs Float32Array for f32"],
    [x, { x: new BigInt64Array(2) }, "'f': 'x' is a BigInt64Array, needs Float32Array for f32"],
    [
      x,
      { x: new DataView(new ArrayBuffer(8)) },
      "'f': 'x' is a DataView, needs Float32Array for f32",
    ],
    [x, { x: { dtype: 'f64', data: [1, 2], shape: [2] } }, "'f': 'x' is f64, needs f32"],
    [x, { x: resident64() }, "'f': 'x' is f64, needs f32"],
    // elements
    [x, { x: [1, null] }, "'f': 'x' holds null, which is not a number, at [1]"],
    [x, { x: [1, undefined] }, "'f': 'x' holds undefined, which is not a number, at [1]"],
    [x, { x: [true, 1] }, "'f': 'x' holds true, which is not a number, at [0]"],
    [{ x: f64() }, { x: 3n }, "'f': 'x' holds the bigint 3n, which is not a number"],
    [{ x: i32(1) }, { x: [1.5] }, "'f': 'x' holds 1.5, which is not a whole number, at [0]"],
    [{ x: i32() }, { x: Number.NaN }, "'f': 'x' holds NaN, which is not a whole number"],
    [{ x: i32() }, { x: 2 ** 31 }, "'f': 'x' holds 2147483648, which is out of range of i32"],
    [{ x: u32() }, { x: -1 }, "'f': 'x' holds -1, which is out of range of u32"],
    [{ x: u32() }, { x: 2 ** 32 }, "'f': 'x' holds 4294967296, which is out of range of u32"],
    [{ x: bool() }, { x: 2 }, "'f': 'x' holds 2, which is not true, false, 0 or 1"],
    [{ x: bool(2) }, { x: new Uint8Array([1, 7]) }, "'f': 'x' holds 7 at 1, which is not 0 or 1"],
    // memory
    [x, { x: detached() }, "'f': 'x' lies on a detached buffer: it was transferred elsewhere"],
    [
      x,
      { x: { data: resizable(), shape: [2] } },
      "'f': 'x' lies on a buffer that can change its size: copy it with slice()",
    ],
    [x, { x: released() }, "'f': 'x' was released or donated"],
    [
      x,
      { x: makeReference().place({ dtype: 'f32', shape: [2], data: new Float32Array(2) }) },
      'wasm: the array belongs to another backend. Read it there and pass the copy',
    ],
  ]
  it.each(table.map(([specs, inputs, message]) => [message, specs, inputs] as const))(
    '%s',
    async (message, specs, inputs) => {
      expect(await messageFor(specs, inputs)).toBe(message)
    },
  )

  it('a size that no input has by itself cannot be found', () => {
    const bind = sizesOf("'f'", [{ path: 'x', dtype: 'f32', shape: ['2*n'] }])
    expect(() => bind([{ shape: [4] }])).toThrow(
      "'f': 'x' has '2*n' as a size, and no input has 'n' itself. " +
        "Give one input a size named 'n'",
    )
  })

  it('a size over names agrees with what they are bound to', () => {
    const n = { path: 'n', dtype: 'f32', shape: ['n'] } as const
    const bind = sizesOf("'f'", [{ path: 'x', dtype: 'f32', shape: ['2*n'] }, n])
    expect(bind([{ shape: [6] }, { shape: [3] }])).toEqual({ n: 3 })
    expect(() => bind([{ shape: [5] }, { shape: [3] }])).toThrow(
      "'f': 'x' has shape [5]; expected f32[2*n]",
    )
  })
})
