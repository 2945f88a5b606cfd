/**
 * README: what it shows is what happens.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../cli/testing.js'
import { openChecker } from '../lib/types/checker.fixture.js'
import { blocksOf, execute, parted, readme, sentencesOf } from './readme.fixture.js'

const entries: Readonly<Record<string, () => Promise<unknown>>> = {
  pullback: () => import('pullback'),
  'pullback/backends/reference': () => import('pullback/backends/reference'),
  'pullback/backends/wasm': () => import('pullback/backends/wasm'),
  'pullback/effects': () => import('pullback/effects'),
  'pullback/laws': () => import('pullback/laws'),
  'pullback/nn': () => import('pullback/nn'),
  'pullback/optim': () => import('pullback/optim'),
}
const load = async (name: string): Promise<unknown> => {
  const entry = entries[name]
  if (entry === undefined) throw new Error(`README imports ${name}`)
  return entry()
}

const blocks = blocksOf(readme)
const typescript = blocks.filter((b) => b.language === 'ts')
const sections = [...new Set(typescript.map((b) => b.section))].map((title) => ({
  title,
  texts: typescript.filter((b) => b.section === title).map((b) => b.text),
}))

describe.each(sections)('$title', ({ texts }) => {
  const runnable = texts.filter((text) => sentencesOf(text).length === 0)

  it('gives what it says', async () => {
    const { imports } = parted(texts.join('\n'))
    const bodies = runnable.map((text) => parted(text).body)
    const seen = await execute([imports, ...bodies].join('\n'), load)
    expect(seen.map(({ line, found }) => `${line} // ${found}`)).toEqual(
      seen.map(({ line, written }) => `${line} // ${written}`),
    )
  })

  it('is refused by the checker where it says so, and nowhere else', () => {
    const { imports, body } = parted(texts.join('\n'))
    using check = openChecker(`${imports}\n`, 'examples')
    const [found] = check.refusals([body])
    expect(found.map((fault) => fault.slice(0, fault.indexOf(' @ ')))).toEqual(sentencesOf(body))
  })
})

const consoles = blocks.filter((b) => b.language === 'console')

describe.skipIf(consoles.length === 0)('the command line', () => {
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
