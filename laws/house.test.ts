/**
 * The laws of the house: how files may depend on each other, and what no file may hold.
 *
 * Tests and fixtures may import from above; everything else imports its own room or lower ones.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Rooms from the lowest to the highest; rooms of one level are named together. */
const levels: readonly (readonly string[])[] = [
  ['lib/data'],
  ['lib/types'],
  ['lib/term'],
  ['lib/ops'],
  ['lib/interpret'],
  ['lib/lang'],
  ['lib/pass'],
  ['lib/loop'],
  ['lib/numeric'],
  ['lib/nn', 'lib/optim'],
  ['lib/own'],
  ['lib'],
  ['effects', 'backends'],
  ['index.ts'],
  ['laws'],
  ['development.ts'],
  ['examples', 'cli', 'bench'],
]
/** Rooms of one level that must not know each other. */
const strangers: ReadonlySet<string> = new Set(['effects', 'backends'])

const roots = ['lib', 'effects', 'backends', 'laws', 'examples', 'cli', 'bench']

const files = [...roots.flatMap(listed), 'index.ts', 'development.ts']
const sources = files.filter((file) => !/\.(test|test-d|fixture)\.ts$/.test(file))
const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))
const textOf = (file: string): string => texts.get(file) ?? ''

function listed(folder: string): readonly string[] {
  if (statSync(join(root, folder), { throwIfNoEntry: false }) === undefined) return []
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.split(sep).join('/')}`)
    .filter((path) => path.endsWith('.ts') && !path.includes('/node_modules/'))
}

const roomOf = (file: string): string => {
  const [top, second, third] = file.split('/')
  return top === 'lib' && third !== undefined ? `lib/${second}` : top
}

const levelOf = (file: string): number => levels.findIndex((rooms) => rooms.includes(roomOf(file)))

interface Import {
  readonly from: string
  readonly to: string
  /** Gone at run time. */
  readonly typeOnly: boolean
}

/** What a file imports from this repository, by relative path. */
function importsOf(file: string): readonly Import[] {
  const pattern = /^\s*(import|export)\s(?<type>type\s)?[^'"]*?from\s+'(?<path>\.[^']+)'/gm
  return [...textOf(file).matchAll(pattern)].map(({ groups }) => ({
    from: file,
    to: normalize(join(dirname(file), groups?.path ?? ''))
      .split(sep)
      .join('/')
      .replace(/\.js$/, '.ts'),
    typeOnly: groups?.type !== undefined,
  }))
}

const imports = sources.flatMap(importsOf)
const show = (i: Import) => `${i.from} → ${i.to}`

test('every file lives in a room of the plan', () => {
  expect(files.length).toBeGreaterThan(0)
  expect(sources.filter((file) => levelOf(file) < 0)).toEqual([])
})

test('imports lead to files that exist', () => {
  expect(imports.length).toBeGreaterThan(0)
  expect(imports.filter((i) => !texts.has(i.to)).map(show)).toEqual([])
})

test('imports go down', () => {
  const wrong = imports.filter((i) => {
    const strange = strangers.has(roomOf(i.to)) && strangers.has(roomOf(i.from))
    return levelOf(i.to) > levelOf(i.from) || (strange && roomOf(i.to) !== roomOf(i.from))
  })
  expect(wrong.map(show)).toEqual([])
})

test('no cycle of imports remains at run time', () => {
  const next = new Map<string, string[]>()
  for (const i of imports) {
    if (!i.typeOnly) next.set(i.from, [...(next.get(i.from) ?? []), i.to])
  }
  const state = new Map<string, 'open' | 'done'>()
  const cycles: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return
    if (state.get(file) === 'open') {
      cycles.push([...path.slice(path.indexOf(file)), file].join(' → '))
      return
    }
    state.set(file, 'open')
    for (const to of next.get(file) ?? []) visit(to, [...path, file])
    state.set(file, 'done')
  }
  for (const file of sources) visit(file, [])
  expect(cycles).toEqual([])
})

/** Without comments and the contents of strings. */
const codeOf = (text: string): string =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[^:'"])\/\/.*$/gm, '$1')
    .replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''")

const library = files.filter((file) => file.startsWith('lib/'))

test('no any', () => {
  const pattern = /(?:[:<,|&(=]|\bas|\bextends|=>|\breadonly)\s*any\b(?!\s*[:(])|\bany\[\]/
  expect(pattern.test(codeOf('const x: any = 1'))).toBe(true)
  expect(library.filter((file) => pattern.test(codeOf(textOf(file))))).toEqual([])
})

test('no check of the compiler is switched off', () => {
  const pattern = /@ts-(ignore|nocheck)/
  expect(library.filter((file) => pattern.test(textOf(file)))).toEqual([])
})

test('a cast through unknown says why it holds, on its line or the one above', () => {
  const unexplained = (text: string): readonly number[] => {
    const lines = text.split('\n')
    return lines.flatMap((line, i) => {
      const isCast = /\bas unknown as\b/.test(codeOf(line))
      const isExplained = /\/\/ \S/.test(line) || /^\s*(\/\/ |\/?\*)/.test(lines[i - 1] ?? '')
      return isCast && !isExplained ? [i + 1] : []
    })
  }
  expect(unexplained('const x = 1\nconst y = x as unknown as string')).toEqual([2])
  expect(unexplained('// It is one.\nconst y = x as unknown as string')).toEqual([])
  const found = sources.flatMap((file) => unexplained(textOf(file)).map((i) => `${file}:${i}`))
  expect(found).toEqual([])
})

test('no file of the library is longer than 400 lines', () => {
  const lines = (file: string) => textOf(file).trimEnd().split('\n').length
  expect(library.filter((file) => lines(file) > 400).map((f) => `${f}: ${lines(f)}`)).toEqual([])
})

test('the library reads no clock, no environment, no global source of randomness', () => {
  const pattern = /\bprocess\s*\.|\bDate\.now\b|\bnew Date\b|\bperformance\.now\b|\bMath\.random\b/
  const pure = library.filter((file) => sources.includes(file))
  expect(pure.filter((file) => pattern.test(codeOf(textOf(file))))).toEqual([])
})
