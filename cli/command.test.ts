import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runCommand as run } from './testing.js'

const folder = mkdtempSync(join(tmpdir(), 'pullback-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const array = (...data: readonly unknown[]) => ({ dtype: 'f64', shape: [data.length], data })
const scalar = (x: unknown) => ({ dtype: 'f64', shape: [], data: [x] })

const caseOf = (name: string, checks: readonly object[], lets: readonly unknown[]) => ({
  name,
  rtol: 1e-8,
  atol: 1e-12,
  program: { params: ['x'], lets, results: ['y'] },
  inputs: [scalar(3)],
  checks,
})

const cube = [
  ['s', 'mul', ['x', 'x']],
  ['y', 'mul', ['s', 'x']],
]

const file = (name: string, ...cases: readonly object[]): string => {
  const path = join(folder, name)
  writeFileSync(path, JSON.stringify({ cases }))
  return path
}

const rightChecks = [
  { kind: 'value', expect: [scalar(27)] },
  { kind: 'jvp', wrt: ['x'], tangents: [scalar(2)], expect: [scalar(54)] },
  { kind: 'vjp', wrt: ['x'], cotangents: [scalar(0.5)], expect: [scalar(13.5)] },
  { kind: 'grad', wrt: ['x'], expect: [scalar(27)] },
  { kind: 'jacobian', wrt: ['x'], expect: [scalar(27)] },
  { kind: 'jacfwd', wrt: ['x'], expect: [scalar(27)] },
  { kind: 'hessian', wrt: ['x'], expect: [scalar(18)] },
  { kind: 'third', expect: [scalar(6)] },
]

describe('conform', () => {
  it('says which index leaves its array, where that is asked for', async () => {
    const clamped = {
      name: 'clamped',
      rtol: 0,
      atol: 0,
      program: {
        params: ['x', 'i'],
        lets: [['y', 'take', ['x', 'i'], { axis: 0 }]],
        results: ['y'],
      },
      inputs: [array(1, 2), { dtype: 'i32', shape: [1], data: [5] }],
      checks: [{ kind: 'value', expect: [array(2)] }],
    }
    const path = file('clamped.json', clamped)
    expect((await run('conform', path)).lines).toEqual(['1 passed, 0 failed'])
    const { code, lines } = await run('conform', '--checked', path)
    expect([code, lines.at(-1)]).toEqual([1, '0 passed, 1 failed'])
    expect(lines[0]).toMatch(/index 5 is out of range; expected 0 to 1 of axis 0 of f64\[2\]/)
  })

  it.each(['f64', 'f32'])('every kind passes where it should, as %s', async (dtype) => {
    const path = file('right.json', caseOf('cube', rightChecks, cube))
    expect(await run('conform', '--dtype', dtype, path)).toEqual({
      code: 0,
      message: undefined,
      lines: ['8 passed, 0 failed'],
    })
  })

  it.each(['f64', 'f32'])(
    'every kind fails where the expectation is wrong, as %s',
    async (dtype) => {
      const wrong = rightChecks.map(({ expect: [right], ...check }) => ({
        ...check,
        expect: [scalar(Number(right?.data[0]) * 1.0001)],
      }))
      const ended = await run(
        'conform',
        '--dtype',
        dtype,
        file('wrong.json', caseOf('cube', wrong, cube)),
      )
      expect(ended.code).toBe(1)
      expect(ended.lines.at(-1)).toBe('0 passed, 8 failed')
      expect(ended.lines).toHaveLength(9)
      expect(ended.lines[6]).toMatch(
        /^FAIL {2}cube {2}hessian in x {2}error 1\.80e-3 at \[\]: got 18, expected 18\.001/,
      )
    },
  )

  it('what cannot be built is a failed check in words', async () => {
    const checks = [{ kind: 'value', expect: [scalar(1)] }]
    const path = file(
      'unbuilt.json',
      caseOf('unknown', checks, [['y', 'zeta', ['x']]]),
      caseOf('arity', checks, [['y', 'mul', ['x']]]),
      caseOf('surplus', checks, [['y', 'mul', ['x', 'x', 'x']]]),
      caseOf('names', checks, [[['y', 'z'], 'mul', ['x', 'x']]]),
      caseOf('attribute', checks, [['y', 'reshape', ['x'], { shape: 'wide' }]]),
      caseOf('shape', [{ kind: 'value', expect: [array(1, 2)] }], [['y', 'mul', ['x', 1]]]),
    )
    const ended = await run('conform', path)
    expect(ended.code).toBe(1)
    expect(ended.lines.map((line) => line.replace(/ {2}value/, ''))).toEqual([
      "FAIL  unknown  unknown op 'zeta'",
      'FAIL  arity  mul: an argument is missing',
      'FAIL  surplus  mul: 1 arguments too many',
      'FAIL  names  mul: 1 results for 2 names',
      expect.stringMatching(
        /^FAIL {2}attribute {2}reshape: attribute 'shape' is "wide"; expected sizes/,
      ),
      'FAIL  shape  got f64[], expected f64[2]',
      '0 passed, 6 failed',
    ])
  })

  it('NaN equals NaN, infinities are equal by sign, and −0 equals 0', async () => {
    const lets = [['y', 'mul', ['x', 1]]]
    const of = (name: string, given: unknown, wanted: unknown) => ({
      ...caseOf(name, [{ kind: 'value', expect: [scalar(wanted)] }], lets),
      inputs: [scalar(given)],
    })
    const path = file(
      'special.json',
      of('nan', 'NaN', 'NaN'),
      of('infinity', '-Infinity', '-Infinity'),
      of('zero', -0, 0),
      of('sign', 'Infinity', '-Infinity'),
      of('none', 'NaN', 0),
    )
    const ended = await run('conform', path)
    expect(ended.lines.at(-1)).toBe('3 passed, 2 failed')
    expect(ended.lines[0]).toMatch(/^FAIL {2}sign {2}value {2}error Infinity/)
    expect(ended.lines[1]).toMatch(
      /^FAIL {2}none {2}value {2}error NaN at \[\]: got NaN, expected 0/,
    )
  })

  it('bodies use names of the enclosing program, and derivatives do not confuse them', async () => {
    const gradOf = [
      [
        'g',
        'gradOf',
        ['x'],
        { body: { params: ['z'], lets: [['m', 'mul', ['x', 'z']]], results: ['m'] } },
      ],
      ['y', 'mul', ['x', 'g']],
    ]
    const checks = [
      { kind: 'value', expect: [scalar(9)] },
      { kind: 'grad', wrt: ['x'], expect: [scalar(6)] },
    ]
    expect((await run('conform', file('nested.json', caseOf('g', checks, gradOf)))).lines).toEqual([
      '2 passed, 0 failed',
    ])
  })

  it('a malformed file, a missing one and an empty folder end with exit code 2', async () => {
    const path = join(folder, 'malformed.json')
    writeFileSync(path, '{"cases": [{"name": "a"}]}')
    expect(await run('conform', path)).toEqual({
      code: 2,
      message: `${path}: case 'a': rtol: missing key`,
      lines: [],
    })
    const missing = join(folder, 'missing.json')
    expect((await run('conform', missing)).message).toBe(`${missing}: no such file or folder`)
  })

  it('files without a single check end with exit code 2: nothing was shown', async () => {
    const path = join(folder, 'nothing.json')
    writeFileSync(path, '{"cases": []}')
    expect(await run('conform', path)).toEqual({
      code: 2,
      message: `${path}: no checks`,
      lines: [],
    })
  })
})

describe('the command line', () => {
  it('tells usage errors by exit code 2', async () => {
    expect((await run('conform')).code).toBe(2)
    expect((await run('conform', '--dtype', 'f16', 'x')).code).toBe(2)
    expect((await run('nonsense')).code).toBe(2)
  })

  it.each([[[]], [['conform']]])('has help for %j', async (command) => {
    const ended = await run(...command, '--help')
    expect(ended.code).toBe(0)
    expect(ended.lines.join('\n')).toContain('USAGE')
  })

  it('says its version', async () => {
    expect((await run('--version')).lines).toEqual(['pullback v1.2.3'])
  })
})
