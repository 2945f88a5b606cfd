/**
 * The laws of an effect of one's own: those of every handler, and its own.
 */
import { readFileSync } from 'node:fs'
import { constant, evaluate, f32, f64, mul, type Tensor } from 'pullback'
import { Control, flatMap, gen, type Program, pure, value } from 'pullback/effects'
import { handlerLaws, hold } from 'pullback/laws'
import { describe, expect, test, vi } from 'vitest'
import { described, parameter, supplied } from './index.js'

const w = constant([1, -2, 0.5], { dtype: 'f64' })
const asking = () => parameter('w', f64(3))

describe('supplied', () => {
  const laws = handlerLaws({
    name: 'supplied',
    handle: (program) => supplied({ w }, program),
    requests: [{ text: "parameter('w', f64(3))", ask: asking }],
  })
  for (const law of laws) test(law.name, () => hold(law, { runs: 8 }))

  const numbersOf = async (program: Program<Tensor>) => (await evaluate(value(program))).toNested()

  test('asking twice is asking once', async () => {
    const twice = flatMap(asking(), (a) => flatMap(asking(), (b) => pure(mul(a, b))))
    const once = flatMap(asking(), (a) => pure(mul(a, a)))
    expect(await numbersOf(supplied({ w }, twice))).toEqual(await numbersOf(supplied({ w }, once)))
  })

  test('a loop asks as straight lines do', async () => {
    const looped = Control.forLoop(3, w, (_, c) => flatMap(asking(), (a) => pure(mul(c, a))))
    expect(await numbersOf(supplied({ w }, looped))).toEqual([1, 16, 0.0625])
  })

  test('what is missing, or of another shape, is said in words', () => {
    const wrong = { w: constant([1, 2], { dtype: 'f64' }) }
    expect(() => value(supplied({}, asking()))).toThrow("parameter 'w': it is not supplied")
    expect(() => value(supplied(wrong, asking()))).toThrow('it has the shape [2]; expected f64[3]')
  })
})

test('the effect imports what is published, and nothing else', () => {
  const text = readFileSync(new URL('./index.ts', import.meta.url), 'utf8')
  const imported = [...text.matchAll(/from '(.+)'/g)].map(([, name]) => name)
  expect(imported).toEqual(['pullback', 'pullback/effects'])
})

test('what is described is what is asked for', () => {
  const program = gen(function* () {
    yield* asking()
    yield* parameter('b', f32())
    return null
  })
  expect(described(program)).toEqual({ w: f64(3), b: f32() })
})

test('the network learns the sine', async () => {
  const lines: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => {
    lines.push(line)
  })
  await import('./sine.js')
  log.mockRestore()
  expect(lines.slice(0, 3)).toEqual([
    'asked for: first f32[1, 16]',
    'asked for: offset f32[16]',
    'asked for: last f32[16, 1]',
  ])
  expect(Number(lines.at(-1)?.match(/[\d.]+$/))).toBeLessThan(0.01)
})
