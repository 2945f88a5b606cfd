/**
 * Case files in headless Chromium, from the command line.
 *
 *   npm run browser -- FILE|FOLDER … [--threads N] [--backend webgpu] [--plain] [--picture FILE]
 *
 * Prints the page's table; exits 1 if a check failed.
 */
import { mkdtempSync, readdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { bundle, plain } from './build.js'
import { chromiumPath, visit } from './visit.js'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    plain: { type: 'boolean', default: false },
    picture: { type: 'string' },
    threads: { type: 'string', default: '1' },
    backend: { type: 'string', default: 'wasm' },
  },
})
const files = positionals
  .map((path) => resolve(path))
  .flatMap((path) =>
    statSync(path).isDirectory()
      ? readdirSync(path)
          .filter((name) => name.endsWith('.json'))
          .sort()
          .map((name) => join(path, name))
      : [path],
  )
if (files.length === 0) throw new Error('npm run browser -- FILE|FOLDER …')
if (chromiumPath === undefined) throw new Error('no Chromium: apt-get install chromium')

const out = mkdtempSync(join(tmpdir(), 'pullback-page-'))
if (values.plain) plain(out, files)
else await bundle(out, files)
const picture = values.picture === undefined ? {} : { screenshot: values.picture }
const { title, state, sentence, rows, faults, errors } = await visit(out, chromiumPath, {
  ...picture,
  query: `?threads=${values.threads}&backend=${values.backend}`,
  timeout: 600_000,
})
console.table(
  rows.map(([file, dtype, passed, failed, skipped, seconds]) => ({
    file,
    dtype,
    passed,
    failed,
    skipped,
    seconds,
  })),
)
if (faults !== '') console.log(faults)
for (const error of errors) console.log(error)
console.log(title)
console.log(sentence)
const good = state === 'done' && rows.every((cells) => cells[3] === '0')
process.exitCode = good ? 0 : 1
