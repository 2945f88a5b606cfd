/**
 * Programs whose C is long: compiled in several parts at once, then linked.
 *
 *   one file of ten kernels    →    two files of five, two compilers at work, one library
 *
 * The library is kept by the text of the whole, so that into how many parts it was cut does not
 * matter. A part that fails is compiled once more by itself, so that what the compiler says is
 * read. Everything lies beside the library under way, in the cache's folder, and is dropped with it.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Builder, Built } from './build.js'
import type { ProgramText } from './emit/program.js'
import type { Runtime } from './library.js'
import { patience, sourceWords } from './toolchain.js'

/** A compiler takes as long to start as for about so many characters. */
const leastLength = 12_000

export function buildInParts(
  builder: Builder,
  runtime: Pick<Runtime, 'start' | 'wait'>,
  { text, units }: Pick<ProgramText, 'text' | 'units'>,
  what: string,
  atOnce: number,
): Built {
  const count = Math.min(atOnce, Math.floor(text.length / leastLength))
  if (count < 2) return builder.build(text, what)
  return builder.build(text, what, (to) => {
    const folder = `${to}.parts`
    mkdirSync(folder, { mode: 0o700 })
    try {
      const parts = units(count).map((source, i) => {
        const input = join(folder, `${i}.c`)
        const object = join(folder, `${i}.o`)
        writeFileSync(input, source, { mode: 0o600 })
        const words = ['-c', '-o', object]
        const command = [builder.compiler.path, ...builder.flags, ...words, ...sourceWords]
        return { source, object, words, process: runtime.start(command, input) }
      })
      const ends = parts.map(({ process }) => (process > 0 ? runtime.wait(process, patience) : -1))
      for (const [i, { source, words }] of parts.entries()) {
        if (ends[i] !== 0) builder.compile(words, source, what)
      }
      builder.link(
        parts.map(({ object }) => object),
        to,
        what,
      )
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
}
