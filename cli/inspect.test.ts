import { describe, expect, it } from 'vitest'
import { runCommand } from './testing.js'

const here = new URL('fixture.ts', import.meta.url).pathname

describe('explain', () => {
  it('prints the program with types, then what it costs', async () => {
    const { code, lines } = await runCommand('explain', `${here}#smooth`)
    expect(code).toBe(0)
    const text = lines.join('\n')
    expect(text).toContain('fn smooth(x: f32[batch, 3], p.w: f32[3], p.b: f32[]) {')
    expect(text).toMatch(/total +6 +36\*batch\+9 +84\*batch\+36/)
  })

  const derivative = ['traced', 'jvp', 'linearized: values', 'linearized: tangents', 'transposed']
  it.each([
    ['of a derivative, from what it was derived from', [`${here}#slope`], [...derivative, 'grad']],
    ['of any function, when asked to', ['--derivative', `${here}#smooth`], derivative],
    ['of a plain function: one', [`${here}#smooth`], ['traced']],
  ])('prints the stages %s', async (_, args, stages) => {
    const { lines } = await runCommand('explain', ...args)
    const heads = lines.flatMap((line) => line.match(/── ([a-z: ]+) \(/)?.[1] ?? [])
    expect(heads).toEqual(stages)
  })

  it('prints every stage of the compiler: passes, kernels, schedules, memory, module', async () => {
    const { lines } = await runCommand('explain', `${here}#smooth`)
    const heads = lines.flatMap((line) => line.match(/── ([A-Za-z ]+): by wasm/)?.[1] ?? [])
    const last = ['optimised terms', 'kernels', 'schedules', 'memory plan', 'WebAssembly']
    expect(heads.slice(-last.length)).toEqual(last)
    expect(lines.join('\n')).toMatch(/\d+ kernels: /)
  })

  it('prints what was decided: layouts, then the schedule of each kernel', async () => {
    const { lines } = await runCommand('explain', `${here}#turned`)
    expect(lines.join('\n')).toContain(
      '── schedules: by wasm ──\nlayout %0 as 1, 0\ntanh_0: vector i0 by 16',
    )
  })

  it('prints the code of one kernel, or of the one asked for, or of all, and why it compiled', async () => {
    const functionsIn = (lines: readonly string[]) =>
      [...lines.join('\n').matchAll(/\(func \$(\S+)/g)].map(([, name]) => name)
    const one = await runCommand('explain', `${here}#smooth`)
    expect(functionsIn(one.lines)).toHaveLength(1)
    expect(one.lines.join('\n')).toContain('1. first load of the program')
    const all = functionsIn((await runCommand('explain', '--all', `${here}#smooth`)).lines)
    expect(all.length).toBeGreaterThan(2)
    const run = await runCommand('explain', '--kernel', 'run', `${here}#smooth`)
    expect(functionsIn(run.lines)).toEqual(['run'])
    const none = await runCommand('explain', '--kernel', 'none', `${here}#smooth`)
    expect(none.code).toBe(2)
  })

  it('compares the two orders of differentiating and optimising', async () => {
    const { code, lines } = await runCommand('explain', '--orders', `${here}#smooth`)
    const text = lines.join('\n')
    const order = /kernels +\d+ bytes moved +\d+ bytes of arena +[\d.]+ ms/
    expect(code).toBe(0)
    expect(text.split('\n').filter((line) => order.test(line))).toHaveLength(2)
    const [, apart] = text.match(/gradients differ by at most (\S+)/) ?? []
    expect(Number(apart)).toBeLessThan(2 ** -20) // f32: reordered sums of a few terms
  })
})

describe('check', () => {
  it('passes derivatives that are right, input by input', async () => {
    const { code, lines } = await runCommand('check', `${here}#smooth`)
    expect(lines.map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
      ['ok', 'x'],
      ['ok', 'p.w'],
      ['ok', 'p.b'],
      ['ok', 'together'],
      ["'smooth' at 5 samples, seed 0: 4 passed, 0 failed"],
    ])
    expect(code).toBe(0)
  })

  it('fails a derivative that misses a factor, and says by how much', async () => {
    const { code, lines } = await runCommand('check', '--seed', '3', `${here}#wrong`)
    expect(lines[0]).toBe('FAIL  x  3 broken')
    expect(lines.join('\n')).toMatch(/the jvp agrees with differences\n +is broken: .* ulps apart/)
    expect(code).toBe(1)
  })

  it('is the same for the same seed', async () => {
    const args = ['check', '--seed', '7', '--samples', '2', `${here}#smooth`]
    expect(await runCommand(...args)).toEqual(await runCommand(...args))
  })
})

describe('a function that cannot be had is one error, with exit code 2', () => {
  const table: readonly (readonly [string, string])[] = [
    [
      `${here}#whole`,
      "'whole': no input is floating; expected a function with something to differentiate",
    ],
    [
      `${here}#nowhere`,
      `'nowhere': its values are not finite at any of 5 samples; expected inputs in its domain, drawn from [-1, 1]. Choose the range with --low and --high`,
    ],
    [
      `${here}#none`,
      `${here}: it does not export 'none'; expected 'nowhere', 'slope', 'smooth', 'turned', 'whole', 'wrong'`,
    ],
    [
      `${here}#notAFunction`,
      `${here}#notAFunction: 3 is not a function made by fn. Write fn({ x: f32(3) }, ({ x }) => …)`,
    ],
    [here, `${here}: not of the form FILE#export`],
    ['none.ts#f', 'none.ts: no such file'],
  ]
  it.each(table)('%s', async (address, message) => {
    expect(await runCommand('check', address)).toEqual({ code: 2, message, lines: [] })
  })

  it('a file that throws is named with what it threw', async () => {
    const ended = await runCommand('check', `${here.replace('fixture', 'throwing.fixture')}#f`)
    expect(ended.message).toMatch(/throwing\.fixture\.ts: it cannot be loaded: not today$/)
  })
})
