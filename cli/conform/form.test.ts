import { describe, expect, it } from 'vitest'
import { readCases } from './form.js'

const scalar = (data: unknown = 1) => ({ dtype: 'f64', shape: [], data: [data] })

const good = () => ({
  name: 'square',
  rtol: 1e-8,
  atol: 0,
  program: { params: ['x'], lets: [['y', 'mul', ['x', 'x']]], results: ['y'] },
  inputs: [scalar(3)],
  checks: [{ kind: 'grad', wrt: ['x'], expect: [scalar(6)] }],
})

type Good = ReturnType<typeof good>

/** The message for a file with one good case changed. */
const messageFor = (change: (form: Good) => unknown): string => {
  const form = good()
  const changed = change(form)
  try {
    readCases('f.json', JSON.stringify({ cases: [good(), changed] }))
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return 'no error'
}

const named = (extra: object) => ({ ...good(), name: 'two', ...extra })
const program = (extra: object) => named({ program: { ...good().program, ...extra } })
const check = (extra: object) => named({ checks: [{ ...good().checks[0], ...extra }] })

describe('a malformed case file is an error naming file, case and field', () => {
  const table: readonly (readonly [string, (form: Good) => unknown])[] = [
    ["f.json: case 'two': rtol: missing key", () => named({ rtol: undefined })],
    ["f.json: case 'two': rtol: expected number", () => named({ rtol: 'small' })],
    [
      "f.json: case 'two': atol: expected a value greater than or equal to 0",
      () => named({ atol: -1 }),
    ],
    ['f.json: case 1: name: missing key', () => ({ ...good(), name: undefined })],
    ["f.json: case 'square': name: 'square' names two cases", () => good()],
    [
      "f.json: case 'two': inputs[0].data: 2 entries for shape [3]",
      () => named({ inputs: [{ dtype: 'f64', shape: [3], data: [1, 2] }] }),
    ],
    [
      "f.json: case 'two': inputs[0].data[1]: 2.5 is not i32",
      () => named({ inputs: [{ dtype: 'i32', shape: [2], data: [1, 2.5] }] }),
    ],
    [
      "f.json: case 'two': inputs[0].data[0]: -1 is not u32",
      () => named({ inputs: [{ dtype: 'u32', shape: [1], data: [-1] }] }),
    ],
    [
      `f.json: case 'two': inputs[0].data[0]: expected "NaN" | "Infinity" | "-Infinity"`,
      () => named({ inputs: [{ dtype: 'f64', shape: [1], data: ['nan'] }] }),
    ],
    [
      "f.json: case 'two': inputs: 2 arrays for 1 params",
      () => named({ inputs: [scalar(), scalar()] }),
    ],
    [
      "f.json: case 'two': program.results[0]: 'z' is not defined",
      () => program({ results: ['z'] }),
    ],
    [
      "f.json: case 'two': program.lets[0][2][1]: 'y' is not defined",
      () => program({ lets: [['y', 'mul', ['x', 'y']]] }),
    ],
    [
      "f.json: case 'two': program.lets[0][0]: 'x' is defined twice",
      () => program({ lets: [['x', 'mul', ['x', 'x']]] }),
    ],
    [
      "f.json: case 'two': program.lets[0][3].body.results[0]: 'b' is not defined",
      () => {
        const body = { params: ['a'], lets: [], results: ['b'] }
        return program({ lets: [['y', 'checkpoint', ['x'], { body }]] })
      },
    ],
    [
      "f.json: case 'two': program.lets[0][3].body.lets: missing key",
      () => program({ lets: [['y', 'checkpoint', ['x'], { body: { params: ['a'] } }]] }),
    ],
    ["f.json: case 'two': checks[0].wrt[0]: 'q' is not a param", () => check({ wrt: ['q'] })],
    [
      "f.json: case 'two': checks[0].wrt: missing: 'grad' needs it",
      () => check({ wrt: undefined }),
    ],
    [
      "f.json: case 'two': checks[0].tangents: 0 arrays for 1 names in wrt",
      () => check({ kind: 'jvp' }),
    ],
    [
      "f.json: case 'two': checks[0].cotangents: 2 arrays for 1 results",
      () => check({ kind: 'vjp', cotangents: [scalar(), scalar()] }),
    ],
    [
      "f.json: case 'two': checks[0].tangents[0].shape: [2] for the param 'x' of shape []",
      () => check({ kind: 'jvp', tangents: [{ dtype: 'f64', shape: [2], data: [1, 1] }] }),
    ],
    [
      "f.json: case 'two': checks[0].expect: 0 arrays for 1 names in wrt",
      () => check({ expect: [] }),
    ],
  ]
  it.each(table)('%s', (message, change) => {
    expect(messageFor(change)).toBe(message)
  })

  it('an unknown kind lists the kinds', () => {
    expect(messageFor(() => check({ kind: 'curl' }))).toMatch(
      /^f\.json: case 'two': checks\[0\]\.kind: expected .*"hessian"/,
    )
  })

  it('what is not JSON is said so, and what has no cases too', () => {
    expect(() => readCases('f.json', '{')).toThrow(/^f\.json: not JSON: /)
    expect(() => readCases('f.json', '[]')).toThrow(/^f\.json: expected object/)
    expect(() => readCases('f.json', '{}')).toThrow('f.json: cases: missing key')
  })
})

it('a well-formed file is read whole', () => {
  const [form] = readCases('f.json', JSON.stringify({ cases: [good()] }))
  expect(form).toEqual(good())
})
