/**
 * StrykerJS over the whole of `lib/ops` and `lib/interpret`, over files of them, or over a sample.
 *
 *   npm run mutation -- [--sample N [--seed S]] [options of Stryker]
 *
 * A sample draws places from each file, in an order that seed (1) and the file's name give, until
 * they hold N changes; all changes within a place are tried. A place that holds more than are left
 * is passed over: so the removal of whole bodies, which nearly every test notices, is rarely drawn.
 *
 * What was not noticed before is tried again: Stryker would do so only where a test that reaches it
 * is new, and of what is read once while modules load it knows no such tests.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Instrumenter } from '@stryker-mutator/instrumenter'
import { words } from './words.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const given = process.argv.slice(2)
const sample = taken('--sample')
const seed = taken('--seed') ?? '1'
const files = sample === undefined ? [] : (taken('--mutate')?.split(',') ?? all())
const places = (await Promise.all(files.map(drawn))).flat()

forgetUnnoticed(join(root, 'reports/mutation/incremental.json'))

const stryker = createRequire(import.meta.url).resolve('@stryker-mutator/core/package.json')
const { status } = spawnSync(
  process.execPath,
  [
    join(stryker, '../bin/stryker.js'),
    'run',
    'mutation/stryker.json',
    ...(places.length === 0 ? [] : ['--mutate', places.join(',')]),
    ...given,
  ],
  { cwd: root, stdio: 'inherit' },
)
process.exitCode = status ?? 1

/** The value of an option, which is taken out of those for Stryker. */
function taken(name) {
  const at = given.indexOf(name)
  return at < 0 ? undefined : given.splice(at, 2)[1]
}

function forgetUnnoticed(file) {
  if (!existsSync(file)) return
  const report = JSON.parse(readFileSync(file, 'utf8'))
  for (const of of Object.values(report.files)) {
    of.mutants = of.mutants.filter(({ status }) => status === 'Killed' || status === 'Timeout')
  }
  writeFileSync(file, JSON.stringify(report))
}

function all() {
  return ['lib/ops', 'lib/interpret'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true })
      .map((file) => `${folder}/${file}`)
      .filter((file) => file.endsWith('.ts') && !/\.(test|fixture)\.ts$/.test(file)),
  )
}

/** Places of a file, as Stryker writes them. */
async function drawn(file) {
  const content = readFileSync(join(root, file), 'utf8')
  const silent = () => {}
  const logger = { debug: silent, info: silent, isDebugEnabled: () => false }
  const options = { plugins: null, ignorers: [words], excludedMutations: [], noHeader: true }
  const { mutants } = await new Instrumenter(logger).instrument(
    [{ name: file, mutate: true, content }],
    options,
  )
  const open = mutants.filter((mutant) => mutant.status !== 'Ignored')
  const of = new Map(open.map(({ location }) => [JSON.stringify(location), location]))
  const order = shuffled([...of.values()], hash(`${seed} ${file}`))
  const chosen = []
  let count = 0
  for (const place of order) {
    const among = [...chosen, place]
    const held = open.filter((m) => among.some((p) => isWithin(m.location, p))).length
    if (held > Number(sample)) continue
    chosen.push(place)
    count = held
    if (count === Number(sample)) break
  }
  return chosen.map(({ start, end }) => `${file}:${text(start)}-${text(end)}`)
}

/** Lines of the instrumenter start at 0, those of options at 1. */
function text({ line, column }) {
  return `${line + 1}:${column}`
}

function isBefore(a, b) {
  return a.line < b.line || (a.line === b.line && a.column <= b.column)
}

function isWithin(inner, outer) {
  return isBefore(outer.start, inner.start) && isBefore(inner.end, outer.end)
}

/** FNV-1a. */
function hash(string) {
  let h = 0x811c9dc5
  for (const c of string) h = Math.imul(h ^ c.charCodeAt(0), 0x01000193)
  return h >>> 0
}

/** Fisher and Yates, by mulberry32. */
function shuffled(list, from) {
  let state = from
  const draw = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1))
    ;[list[i], list[j]] = [list[j], list[i]]
  }
  return list
}
