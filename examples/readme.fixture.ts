/**
 * README as a program: its fenced blocks, run and checked.
 *
 *   expression // => 4.667       the value, to the digits that are written, or what printing it shows
 *   expression // throws …       the message of the error
 *   expression // ✗ …            a type error: such blocks are shown to the checker, and not run
 *
 * The blocks under one heading `##` are one module, in order; a block that begins with the path of
 * a file is that file. Annotated lines are one expression.
 */
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { transformWithOxc } from 'vite'

export const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

export interface Block {
  readonly language: string
  readonly text: string
  /** The heading `##` above. */
  readonly section: string
}

export function blocksOf(text: string): readonly Block[] {
  const sections = text.split(/^## /m).slice(1)
  return sections.flatMap((section) => {
    const [title = ''] = section.split('\n', 1)
    return [...section.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, text]) => ({
      language,
      text,
      section: title,
    }))
  })
}

/** The file that a block is, where it says so. */
export const fileOf = (text: string): string | undefined => text.match(/^\/\/ (\S+\.ts)\n/)?.[1]

/** The sentences that a block says the checker gives, in order. */
export const sentencesOf = (text: string): readonly string[] =>
  [...text.matchAll(/ \/\/ (✗ .*)$/gm)].map(([, sentence]) => sentence)

/** What an annotated line gave, and what README says. */
export interface Seen {
  readonly line: string
  readonly found: string
  readonly written: string
}

const importLine = /^import (?:type )?\{([^}]*)\} from '([^']+)'$/gm

export const exported = /^export (?=(?:const|function) (\w+))/gm

/** Imports apart, so that the rest can stand in a block. */
export function parted(text: string): { readonly imports: string; readonly body: string } {
  const imports = [...text.matchAll(importLine)].map(([line]) => line).join('\n')
  return { imports, body: text.replace(importLine, '') }
}

export interface Executed {
  /** What each annotated line gave. */
  readonly seen: readonly Seen[]
  readonly exports: Readonly<Record<string, unknown>>
}

/** Runs a module whose imports `load` resolves. */
export async function execute(
  text: string,
  load: (name: string) => Promise<unknown>,
): Promise<Executed> {
  const seen: Seen[] = []
  const note = (line: string, written: string, value: unknown) => {
    seen.push({ line, written, found: shown(value, written) })
  }
  const caught = async (line: string, written: string, make: () => unknown) => {
    const outcome = await Promise.resolve()
      .then(make)
      .then(
        () => 'nothing was thrown',
        (error) => (error instanceof Error ? error.message : String(error)),
      )
    seen.push({ line, written, found: outcome })
  }
  const source = text
    .replace(importLine, (line, names: string, from: string) =>
      line.startsWith('import type') ? '' : `const {${values(names)}} = await $load('${from}')`,
    )
    .replace(/^(.*?) \/\/ => (.*)$/gm, (_, line: string, written: string) => {
      return `$note(${JSON.stringify(line)}, ${JSON.stringify(written)}, ${line})`
    })
    .replace(/^(.*?) \/\/ throws (.*)$/gm, (_, line: string, written: string) => {
      return `await $caught(${JSON.stringify(line)}, ${JSON.stringify(written)}, () => ${line})`
    })
  const { code } = await transformWithOxc(source.replace(exported, ''), 'readme.ts')
  const names = [...text.matchAll(exported)].map(([, name]) => name)
  const AsyncFunction = execute.constructor as new (...parts: string[]) => typeof run
  const run = async (..._: readonly unknown[]): Promise<Executed['exports']> => ({})
  const body = `${code}\nreturn { ${names} }`
  const exports = await new AsyncFunction('$load', '$note', '$caught', body)(load, note, caught)
  return { seen, exports }
}

/** Imported names, without those of types, as a pattern. */
const values = (names: string): string =>
  names
    .split(',')
    .filter((name) => !name.trim().startsWith('type '))
    .join(',')
    .replaceAll(' as ', ': ')

/** The value as text, its numbers to as many digits as are written. */
function shown(value: unknown, written: string): string {
  const digits = Math.max(0, ...[...written.matchAll(/\.(\d+)/g)].map(([, d]) => d.length))
  const rounded = (x: unknown): unknown => {
    if (typeof x === 'number') return Number(x.toFixed(digits)) + 0 // no −0
    return Array.isArray(x) ? x.map(rounded) : x
  }
  if (typeof value === 'string') return value
  if (typeof value === 'number' || Array.isArray(value)) {
    return JSON.stringify(rounded(value)).replaceAll(',', ', ')
  }
  return inspect(value)
}
