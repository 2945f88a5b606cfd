import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { bundle, plain } from './build.js'
import { chromiumPath, visit } from './visit.js'

const cases = ['arithmetic', 'loops'].map((name) =>
  fileURLToPath(new URL(`./cases/${name}.json`, import.meta.url)),
)
const out = (name: string): string =>
  fileURLToPath(new URL(`../../reports/browser/${name}`, import.meta.url))

const why = chromiumPath === undefined ? ' (skipped: no Chromium is installed)' : ''

describe.skipIf(chromiumPath === undefined)(`the page of case files in a browser${why}`, () => {
  const expected = ['arithmetic.json', 'loops.json'].flatMap((file) =>
    ['f64', 'f32'].map((dtype) => [file, dtype, file === 'loops.json' ? '1' : '4', '0', '0']),
  )

  it.each([
    ['from a bundler', 'bundle', bundle],
    ['from plain modules over an import map', 'plain', plain],
  ] as const)('passes every check, %s', { timeout: 180_000 }, async (_, name, build) => {
    await build(out(name), cases)
    const screenshot = out(`${name}.png`)
    const { state, rows, faults, errors, sentence } = await visit(out(name), `${chromiumPath}`, {
      screenshot,
    })
    expect({ state, faults, errors, sentence }).toEqual({
      state: 'done',
      faults: '',
      errors: [],
      sentence: '10 passed, 0 failed',
    })
    expect(rows.map((cells) => cells.slice(0, 5))).toEqual(expected)
    const threaded = await visit(out(name), `${chromiumPath}`, { query: '?threads=2' })
    expect([threaded.errors, threaded.sentence]).toEqual([[], '10 passed, 0 failed, on 2 threads'])
  })

  it('passes every check on WebGPU', { timeout: 180_000 }, async () => {
    const folder = out('webgpu')
    await bundle(folder, cases)
    const screenshot = out('webgpu.png')
    const { title, rows, faults, errors, sentence } = await visit(folder, `${chromiumPath}`, {
      query: '?backend=webgpu',
      screenshot,
    })
    expect({ faults, errors, sentence }).toEqual({
      faults: '',
      errors: [],
      sentence: '5 passed, 0 failed',
    })
    expect(title).toContain('Conformance on WebGPU (')
    expect(rows.map((cells) => cells.slice(0, 5))).toEqual(expected.filter((r) => r[1] === 'f32'))
  })

  it('says what is wrong with a file that it cannot run', { timeout: 180_000 }, async () => {
    const folder = out('missing')
    await bundle(folder, cases)
    const { state, sentence } = await visit(folder, `${chromiumPath}`, {
      query: '?files=cases/none.json',
    })
    expect([state, sentence]).toEqual(['broken', 'cases/none.json: 404 Not Found'])
  })
})
