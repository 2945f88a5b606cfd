/** What is heard of a page of the bench: its lines, in Chromium; why there are none. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { linesOfJax, usualBrowsers, visitPage } from './jax.js'

const chromium = usualBrowsers.find((path) => existsSync(path))
const why = chromium === undefined ? ' (skipped: no Chromium is installed)' : ''
const options = { names: ['chain', 'tiny'], scale: 'tiny', seconds: 60 } as const

it('says that there is no Chromium, and nothing where nothing is asked', async () => {
  expect(await linesOfJax(options, ['/nowhere/chromium'])).toEqual([
    { name: 'jax-js', jaxJs: 'no Chromium' },
  ])
  expect(await linesOfJax({ ...options, seconds: 0 })).toEqual([])
})

describe.skipIf(chromium === undefined)(`a page${why}`, () => {
  let folder = ''
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const heard = (script: string, seconds: number) => {
    folder = mkdtempSync(join(tmpdir(), 'page-'))
    const post = `const post = (line) => fetch('/line', { method: 'POST', body: JSON.stringify(line) })`
    const text = `<script type="module">${post}\n${script}</script>`
    writeFileSync(join(folder, 'index.html'), text)
    return visitPage(folder, `${chromium}`, { ...options, seconds })
  }

  it('is heard to its end, and told what to do', { timeout: 120_000 }, async () => {
    const lines = await heard(
      `await post({ name: new URLSearchParams(location.search).get('only'), jaxJsMs: 2 }); await post({})`,
      60,
    )
    expect(lines).toEqual([{ name: 'chain,tiny', jaxJsMs: 2 }])
  })

  it('is given up when its time is over', { timeout: 120_000 }, async () => {
    expect(await heard('', 0.5)).toEqual([{ name: 'jax-js', jaxJs: 'the browser said nothing' }])
  })
})
