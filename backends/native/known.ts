/**
 * Programs that were compiled before, by what their functions are: found without lowering again.
 *
 *   key of the function's content, the compiler, the machine, the options
 *     →  the scheduled program, the key of its library, and what was estimated for it
 *
 * A function that holds something that is no content (an op of the user's own, a closure) has no
 * key. An entry that is gone, cut short or of another shape, or whose library is, counts as
 * unknown: the program is compiled and kept anew.
 */
import { writeFileSync } from 'node:fs'
import { deserialize, serialize } from 'node:v8'
import type { Sizes } from '../../lib/data/dim.js'
import type { Program } from '../../lib/loop/index.js'
import { ops } from '../../lib/ops/index.js'
import { contentOf, type Func } from '../../lib/term/index.js'
import { gainOf } from '../gain.js'
import { librarySuffix } from './build.js'
import { keyOf, keyOfContent } from './cache.js'
import { nanosecondsOf } from './cost.js'
import type { Built } from './executable.js'
import type { Host } from './host.js'

/** A program in its library, and how long a call takes at the least. */
export interface Known extends Built {
  readonly nanoseconds: (sizes: Sizes) => number
  /** Neither lowered nor compiled. */
  readonly recalled: boolean
}

/** What is kept: plain data. */
interface Kept {
  readonly program: Program
  readonly sizes: readonly string[]
  readonly library: string
  /** Both in nanoseconds, where they are the same for every call. */
  readonly estimates: { readonly gain: number; readonly nanoseconds: number } | undefined
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
    const { program, sizes } = kept
    const built = { program, sizes, library: opened, key: kept.library, compiled: false }
    return { ...built, ...estimatesOf(program, host.threads, kept.estimates), recalled: true }
  }
  cache.drop(found.path)
  return undefined
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
  typeof value === 'object' && value !== null && 'program' in value && 'library' in value

/** Keeps a program, and gives it back with its estimates. */
export function remember(key: string | undefined, built: Built, host: Host): Known {
  const { program, sizes } = built
  const estimates = estimatesOf(program, host.threads, undefined)
  const known: Known = { ...built, ...estimates, recalled: false }
  if (key === undefined) return known
  const kept: Kept = {
    program,
    sizes,
    library: built.key,
    estimates:
      sizes.length > 0
        ? undefined
        : { gain: estimates.gain({}), nanoseconds: estimates.nanoseconds({}) },
  }
  host.builder.cache.take(key, suffix, (path) =>
    writeFileSync(path, serialize(kept), { mode: 0o600 }),
  )
  return known
}

function estimatesOf(
  program: Program,
  threads: number,
  known: Kept['estimates'],
): Pick<Known, 'gain' | 'nanoseconds'> {
  if (known !== undefined) return { gain: () => known.gain, nanoseconds: () => known.nanoseconds }
  return {
    gain: (sizes) => gainOf(program, sizes, threads),
    nanoseconds: (sizes) => nanosecondsOf(program, sizes),
  }
}
