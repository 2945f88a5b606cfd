/**
 * What counterexamples print is TypeScript that type-checks and is the same program, and a case
 * file that the conformance runner reads and that holds.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { buildFunc } from '../../cli/conform/build.js'
import { readCases } from '../../cli/conform/form.js'
import { arrayFrom } from '../../lib/data/index.js'
import { interpreters } from '../../lib/interpret/index.js'
import { scale } from '../../lib/ops/index.js'
import { funcOf } from '../../lib/own.js'
import { sameFunc } from '../../lib/pass/index.js'
import { closeStrict, parameter } from '../../lib/term/index.js'
import { bits } from '../effect/same.js'
import { law } from '../law.js'
import { broken, holds } from '../measured.js'
import { type Program, programs } from '../programs.js'
import { caseOf, typescriptOf } from './index.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
mkdirSync(join(root, 'reports'), { recursive: true })
const folder = mkdtempSync(join(root, 'reports', 'paste-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const sampled: readonly Program[] = [
  ...fc.sample(programs({ mixed: true, dtype: 'f32' }), { numRuns: 14, seed: 7 }),
  ...fc.sample(programs({ mixed: true }), { numRuns: 14, seed: 8 }),
]

describe('a counterexample as TypeScript', () => {
  sampled.forEach(({ func, inputs }, i) => {
    writeFileSync(join(folder, `p${i}.ts`), typescriptOf(func, inputs))
  })

  test('type-checks', () => {
    const compilerOptions = {
      typeRoots: [join(root, 'node_modules', '@types')],
      lib: ['es2023', 'dom', 'esnext.disposable'],
    }
    const config = { extends: '../../tsconfig.json', compilerOptions, include: ['*.ts'] }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    const tsc = join(root, 'node_modules', '.bin', 'tsc')
    const { status, stdout } = spawnSync(tsc, ['-p', folder], { encoding: 'utf8' })
    expect(stdout).toBe('')
    expect(status).toBe(0)
  })

  test.each(sampled.map((program, i) => [i, program] as const))(
    'is the program, and its inputs: %i',
    async (i, { func, inputs, sizes }) => {
      const module = await import(/* @vite-ignore */ join(folder, `p${i}.ts`))
      const again = funcOf(module.program)
      expect(sameFunc(again, func), String(typescriptOf(func, inputs))).toBe(true)
      const given = Object.values(module.inputs as Record<string, (typeof inputs)[number]>)
      const arrays = given.map((x, k) => ({ ...x, dtype: inputs[k].dtype }))
      const results = [arrays, inputs].map((list) =>
        evaluated(() => interpreters.evaluate(again, list, sizes)),
      )
      expect(results[0]).toEqual(results[1])
    },
  )
})

/** Arrays, or the words of the error: some programs have no value. */
const evaluated = (run: () => unknown): unknown => {
  try {
    return run()
  } catch (error) {
    return String(error)
  }
}

describe('a counterexample as a case file', () => {
  test('is read by the conformance runner as the same program', () => {
    let made = 0
    for (const { func, inputs, sizes } of sampled) {
      let text: ReturnType<typeof caseOf>
      try {
        text = caseOf(func, inputs, sizes)
      } catch {
        continue // a program without a value: the largest of nothing
      }
      if (!('text' in text)) continue
      made++
      const [form] = readCases('counterexample.json', text.text)
      const types = inputs.map(({ dtype, shape }) => ({ dtype, shape }))
      const again = buildFunc(form.name, form.program, types, 'f64')
      const found = interpreters.evaluate(again, inputs, {})
      const wanted = interpreters.evaluate(func, inputs, sizes)
      const measured = bits(found, wanted, 'the case')
      expect(holds(measured), `${measured.where}\n${text.text}`).toBe(true)
    }
    expect(made).toBeGreaterThan(sampled.length / 2)
  })
})

test('scale, for which case files have no word, is spelt by what defines it', () => {
  const type = { dtype: 'f64', shape: [7] } as const
  const binder = { name: 'f' }
  const params = ['x', 'y'].map((name) => parameter(binder, name, type))
  const func = closeStrict('f', params, [scale(params[0], params[1])])
  const inputs = [
    [0, -0, 0, 2, Number.NaN, Infinity, -3],
    [Infinity, 3, Number.NaN, Number.NaN, 0, -0, 4],
  ].map((data) => arrayFrom('f64', [7], data))
  const text = caseOf(func, inputs, {})
  const [form] = readCases('scale.json', 'text' in text ? text.text : '')
  const again = buildFunc(form.name, form.program, [type, type], 'f64')
  const [found, wanted] = [again, func].map((f) => interpreters.evaluate(f, inputs, {}))
  expect(Array.from(found[0].data)).toEqual(Array.from(wanted[0].data))
  expect(Array.from(wanted[0].data)).toEqual([0, -0, 0, Number.NaN, 0, 0, -12])
})

test('a refutation prints both', () => {
  const never = law('it is not', 'by example', programs(), () => broken('it'))
  const found = never.refute({ runs: 1, seed: 1 })
  expect(found?.pasteable).toContain("from 'pullback/ops'")
  expect(found?.pasteable).toContain('"checks":[{"kind":"value"')
})
