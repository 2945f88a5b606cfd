/**
 * README: what it shows is what happens.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../cli/testing.js'
import { holdAll, opLaws } from '../laws/index.js'
import { arrayFrom } from '../lib/data/index.js'
import { interpreters } from '../lib/interpret/index.js'
import { evaluateExpr } from '../lib/loop/evaluate.js'
import { constant, type Expr } from '../lib/loop/expression.js'
import type { Op } from '../lib/term/index.js'
import { openChecker } from '../lib/types/checker.fixture.js'
import {
  blocksOf,
  execute,
  exported,
  fileOf,
  parted,
  readme,
  sentencesOf,
} from './readme.fixture.js'

const root = fileURLToPath(new URL('..', import.meta.url))

const entries: Readonly<Record<string, () => Promise<unknown>>> = {
  pullback: () => import('pullback'),
  'pullback/backends/reference': () => import('pullback/backends/reference'),
  'pullback/backends/wasm': () => import('pullback/backends/wasm'),
  'pullback/effects': () => import('pullback/effects'),
}

/** How a module in a folder of the project finds what it imports. */
const loadFrom =
  (folder: string) =>
  async (name: string): Promise<unknown> => {
    const entry = entries[name]
    if (entry !== undefined) return entry()
    if (!name.startsWith('.')) throw new Error(`README imports ${name}`)
    return import(/* @vite-ignore */ join(root, folder, name.replace(/\.js$/, '.ts')))
  }

const blocks = blocksOf(readme)
const typescript = blocks.filter((b) => b.language === 'ts')
const files = typescript.flatMap(({ text }) => {
  const path = fileOf(text)
  return path === undefined ? [] : [{ title: path, folder: dirname(path), texts: [text] }]
})
const apart = typescript.filter((b) => fileOf(b.text) === undefined)
const sections = [...new Set(apart.map((b) => b.section))].map((title) => ({
  title,
  folder: 'examples',
  texts: apart.filter((b) => b.section === title).map((b) => b.text),
}))

describe.each([...sections, ...files])('$title', ({ texts, folder }) => {
  const runnable = texts.filter((text) => sentencesOf(text).length === 0)
  const { imports, body } = parted(texts.join('\n'))

  it('gives what it says', async () => {
    const bodies = runnable.map((text) => parted(text).body)
    const { seen } = await execute([imports, ...bodies].join('\n'), loadFrom(folder))
    expect(seen.map(({ line, found }) => `${line} // ${found}`)).toEqual(
      seen.map(({ line, written }) => `${line} // ${written}`),
    )
  })

  it('is refused by the checker where it says so, and nowhere else', () => {
    using check = openChecker(`${imports}\n`, folder)
    const [found] = check.refusals([body.replace(exported, '')])
    expect(found.map((fault) => fault.slice(0, fault.indexOf(' @ ')))).toEqual(sentencesOf(body))
  })
})

describe('adding an op', () => {
  const [record, kernel] = files.map(({ texts: [text], folder }) =>
    execute(text, loadFrom(folder)).then(({ exports }) => exports),
  )
  // The checker has found the exports to be what their files say.
  const opOf = async () => (await record).logCoshOp as Op
  const rowOf = async () => (await kernel).logCosh as (x: Expr) => Expr

  it('the op holds to every law', async () => {
    holdAll(opLaws(await opOf()), { runs: 5, seed: 1 })
  })

  it('the kernel computes what the record says', async () => {
    const [op, row] = [await opOf(), await rowOf()]
    const scope = { size: Number, variable: () => 0, load: () => 0 }
    const at = [-800, -21, -3, -1e-3, 0, 1e-9, 0.5, 20, 1e9]
    const type = { dtype: 'f64' as const, shape: [at.length] }
    const arrays = [arrayFrom('f64', type.shape, at)]
    const call = { args: arrays, attrs: {}, types: [type], sizes: {}, interpret: interpreters }
    const [{ data }] = op.evaluate(call)
    at.forEach((x, i) => {
      const found = Number(evaluateExpr(row(constant('f64', x)), scope))
      expect(Math.abs(found - data[i])).toBeLessThanOrEqual(8 * 2 ** -52 * Math.abs(data[i]))
    })
  })

  it('the lines that it changes are there', () => {
    const [{ text }] = blocks.filter((b) => b.language === 'diff')
    const [, ...parts] = text.split(/^(\S+\.ts)$/m)
    expect(parts.length).toBe(4)
    for (let i = 0; i < parts.length; i += 2) {
      const file = readFileSync(join(root, parts[i]), 'utf8').split('\n')
      const kept = parts[i + 1].split('\n').filter((line) => line.startsWith(' '))
      for (const line of kept) expect(file).toContain(line.slice(1))
    }
  })
})

const consoles = blocks.filter((b) => b.language === 'console')

describe('the command line', () => {
  it.each(consoles)('$text', async ({ text }) => {
    const [prompt = '', ...rest] = text.trimEnd().split('\n')
    const args = prompt.replace('$ npm run -s cli -- ', '').split(' ')
    const { lines } = await runCommand(...args)
    const found = lines.join('\n').split('\n')
    expect(
      found
        .map((line) => line.trimEnd())
        .join('\n')
        .trim(),
    ).toBe(rest.join('\n').trim())
  })
})

describe('the table of type errors', () => {
  const rows = [...readme.matchAll(/^\| `(.*?)` \| .+ \| .+ \|$/gm)].map(([, pattern]) => pattern)
  const expression = (pattern: string) =>
    new RegExp(`^✗ ${pattern.split('…').map(escaped).join('.*')}$`, 'u')
  const tested = refusalTests().flatMap((text) =>
    [...text.matchAll(/✗ (?:[^\n]*?)(?= @ )/g)].map(([sentence]) => sentence),
  )

  it.each(rows.slice(1))('%s: is what a refusal test sees', (pattern) => {
    expect(tested.some((sentence) => expression(pattern).test(sentence))).toBe(true)
  })

  it('has a row for every sentence that a refusal test sees', () => {
    const expressions = rows.slice(1).map(expression)
    expect(tested.length).toBeGreaterThan(100)
    expect(tested.filter((s) => !expressions.some((e) => e.test(s)))).toEqual([])
  })
})

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

function refusalTests(): readonly string[] {
  const folder = new URL('../lib/types/', import.meta.url)
  const names = readdirSync(folder).filter((name) => /^refuse.*\.test\.ts$/.test(name))
  return names.map((name) => readFileSync(new URL(name, folder), 'utf8'))
}
