/**
 * Programs that were compiled before, by what their functions are: found without lowering again.
 *
 *   key of the function's content, the compiler, the machine, the options
 *     →  its buffers, the key of its library, and what a call needs or the program that says so
 *
 * A function that holds something that is no content (an op of the user's own, a closure) has no
 * key. An entry that is gone, cut short or of another shape, or whose library is, counts as
 * unknown: the program is compiled and kept anew.
 */
import { writeFileSync } from 'node:fs'
import { deserialize, serialize } from 'node:v8'
import type { Program } from '../../lib/loop/index.js'
import { ops } from '../../lib/ops/index.js'
import { contentOf, type Func } from '../../lib/term/index.js'
import { librarySuffix } from './build.js'
import { keyOf, keyOfContent } from './cache.js'
import type { Needs } from './cost.js'
import { type Built, buildProgram, needsBy } from './executable.js'
import type { Host } from './host.js'

/** A program in its library. */
export interface Known extends Built {
  /** Neither lowered nor compiled. */
  readonly recalled: boolean
}

/** What is kept: plain data. */
interface Kept {
  readonly buffers: Program['buffers']
  readonly sizes: readonly string[]
  readonly library: string
  /** What a call needs, where that is the same for every call; else what it is found from. */
  readonly needs: Needs | Uint8Array
}

const suffix = '.program'

/** Undefined where the function has no content or the compiler no version. */
export function keyOfFunc(func: Func, host: Host): string | undefined {
  const { version, builder, threads, contract } = host
  if (version === undefined) return undefined
  const content = contentOf(func, vocabulary)
  if (content === undefined) return undefined
  const options = JSON.stringify({ hardware: builder.machine, threads, contract })
  const head = keyOf('program', version, builder.identity, options)
  return keyOfContent([head, ...content])
}

const vocabulary: ReadonlySet<(typeof ops)[number]> = new Set(ops)

export function recall(key: string, host: Host): Known | undefined {
  const { cache } = host.builder
  const found = cache.find(key, suffix)
  if (found === undefined) return undefined
  const kept = read(found.content)
  const library = kept && cache.find(kept.library, librarySuffix)
  const opened = library && host.runtime.open(library.path)
  if (kept !== undefined && typeof opened === 'object') {
    const { buffers, sizes } = kept
    const built = { buffers, sizes, library: opened, key: kept.library, compiled: false }
    return { ...built, needs: neededBy(kept, host), recalled: true }
  }
  cache.drop(found.path)
  return undefined
}

/** Kernels are read only once they are asked for. */
function neededBy({ needs, sizes }: Kept, host: Host): Known['needs'] {
  if (!(needs instanceof Uint8Array)) return () => needs
  let program: Program | undefined
  return needsBy(sizes, host, () => {
    // The entry is whole: these are the bytes that `remember` made of a program.
    program ??= deserialize(needs) as Program
    return program
  })
}

/** What the entry holds; undefined where it is of another shape. */
function read(content: Buffer): Kept | undefined {
  try {
    const value: unknown = deserialize(content)
    // An object of these fields was written by `remember` of this very version: the key names it.
    return isKept(value) ? (value as Kept) : undefined
  } catch {
    return undefined
  }
}

const isKept = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'needs' in value && 'library' in value

/** Builds a program and keeps it. */
export function remember(key: string | undefined, program: Program, host: Host): Known {
  const built = buildProgram(program, host)
  const known: Known = { ...built, recalled: false }
  if (key === undefined) return known
  const { buffers, sizes, needs } = built
  const kept: Kept = {
    buffers,
    sizes,
    library: built.key,
    needs: sizes.length === 0 ? needs({}) : serialize({ ...program, buffers: [] }),
  }
  host.builder.cache.take(key, suffix, (path) =>
    writeFileSync(path, serialize(kept), { mode: 0o600 }),
  )
  return known
}
