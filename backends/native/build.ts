/**
 * From C to shared libraries: the compiler's options, the cache in front, errors worded.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { fail } from '../../lib/data/error.js'
import { type Cache, contentOf, keyOf } from './cache.js'
import { fusingOption } from './emit/fusing.js'
import { roomFor } from './folder.js'
import { type Machine, machineOf } from './hardware.js'
import { type Compiler, runCompiler, sourceWords } from './toolchain.js'

export interface Builder {
  readonly compiler: Compiler
  readonly machine: Machine
  readonly cache: Cache
  /**
   * The path of the shared library of a source, from the cache or just compiled: by `make`, where
   * there is one, which writes it to the path that it is given.
   */
  readonly build: (source: string, what: string, make?: (to: string) => void) => Built
  /** Runs the compiler with further words on a source; fails with what it says. */
  readonly compile: (words: readonly string[], source: string, what: string) => void
  /** Makes a shared library of objects; fails with what the compiler says. */
  readonly link: (objects: readonly string[], to: string, what: string) => void
  /** What the compiler is told, whatever it compiles. */
  readonly flags: readonly string[]
  /** What a library depends on beside its source: the compiler, the machine, the options. */
  readonly identity: string
}

export interface Built {
  readonly path: string
  readonly key: string
  /** False where it was in the cache. */
  readonly compiled: boolean
}

/**
 * Values are those that the language defines: multiply-adds are fused only where they are written
 * so, integers wrap, and nothing is assumed about NaN, infinities or the order of sums. Errors in
 * `errno` and traps, which nobody reads, are given up, so that √ and rounding are instructions.
 */
const options = [
  ...['-std=gnu11', '-fno-math-errno', '-fno-trapping-math'],
  ...['-fwrapv', '-fno-strict-aliasing', '-fPIC', '-pthread', '-pipe', '-w'],
] as const

/**
 * Rows of lanes become vectors; loops, whose lanes the schedule has chosen, are left as they are.
 *
 * Of what gcc does beyond -O1, two passes make these loops faster: the one that fuses multiply-adds
 * and the one that moves what a loop repeats out of it. What it otherwise finds takes it longer
 * than it saves: known bits of indices, likely branches, registers by region.
 */
const optimizing = {
  gcc: [
    ...['-O1', '-fexpensive-optimizations', '-ftree-pre'],
    ...['-fno-tree-bit-ccp', '-fno-guess-branch-probability', '-fira-region=one'],
    ...['-ftree-slp-vectorize', '-fno-tree-loop-vectorize'],
  ],
  clang: ['-O2', '-fslp-vectorize', '-fno-vectorize'],
} as const

/** What shared libraries are called in the cache, behind their keys. */
export const librarySuffix = '.so'

/** What to say so that code is made for this machine; the first that the compiler takes. */
const targets = ['-march=native', '-mcpu=native', ''] as const

export function openBuilder(compiler: Compiler, cache: Cache): Builder {
  const { target, predefines } = ask(compiler, cache)
  const isClang = predefines.includes('#define __clang__ ')
  const flags = [
    ...options,
    ...optimizing[isClang ? 'clang' : 'gcc'],
    fusingOption(predefines),
    ...widest(predefines),
    ...(target === '' ? [] : [target]),
  ]
  const identity = `${compiler.identity}\0${flags.join(' ')}`
  const attempt = (words: readonly string[], source: string, what: string): void => {
    const { ok, text } = runCompiler(compiler, words, source)
    if (!ok) refused(compiler, what, text)
  }
  const compile: Builder['compile'] = (words, source, what) =>
    attempt([...flags, ...words, ...sourceWords], source, what)
  const link: Builder['link'] = (objects, to, what) =>
    attempt(['-shared', '-pthread', '-o', to, ...objects], '', what)
  const build: Builder['build'] = (source, what, make) => {
    const key = keyOf(identity, source)
    const once = (to: string): void => compile(['-shared', '-o', to], source, what)
    const { path, fresh } = cache.take(key, librarySuffix, (to) => {
      ;(make ?? once)(to)
      if (!existsSync(to)) refused(compiler, what, 'it ended well, but left no library')
    })
    return { path, key, compiled: fresh }
  }
  const machine = machineOf(predefines)
  return { compiler, machine, cache, build, compile, link, flags, identity }
}

/**
 * A library and what `open` makes of it, which says why where it makes nothing. One that does not
 * load is dropped and built once more: it may be another system's.
 */
export function openBuilt<A extends object>(
  { cache, compiler }: Builder,
  what: string,
  build: () => Built,
  open: (path: string) => A | string,
): { readonly opened: A; readonly built: Built } {
  let why = ''
  for (let attempt = 0; attempt < 2; attempt++) {
    const built = build()
    const opened = open(built.path)
    if (typeof opened !== 'string') return { opened, built }
    why = opened
    cache.drop(built.path)
  }
  return fail({
    code: 'compile',
    where: `the native backend, ${what}`,
    what: `the library that ${compiler.path} made in ${cache.folder} does not load: ${why}`,
    fix: 'Name another compiler, another folder with cacheFolder, or use the wasm backend',
  })
}

/** Rows of lanes become one vector of this width, where the compiler does not know the machine. */
const widest = (predefines: string): readonly string[] =>
  predefines.includes('#define __AVX512F__ ') ? ['-mprefer-vector-width=512'] : []

interface Answer {
  readonly target: string
  readonly predefines: string
}

/** Which machine the compiler compiles for; kept, since starting a compiler takes a while. */
function ask(compiler: Compiler, cache: Cache): Answer {
  const { path } = cache.take(keyOf('machine', compiler.identity), '.machine', (to) => {
    let said = ''
    for (const target of targets) {
      const words = target === '' ? [] : [target]
      const { ok, text } = runCompiler(compiler, [...words, '-dM', '-E', ...sourceWords], '')
      if (ok) {
        writeFileSync(to, `${target}\n${text}`, { mode: 0o600 })
        return
      }
      said = text
    }
    refused(compiler, 'an empty program', said)
  })
  const text = contentOf(path).toString('utf8')
  const end = text.indexOf('\n')
  return { target: text.slice(0, end), predefines: text.slice(end + 1) }
}

function refused(compiler: Compiler, what: string, said: string): never {
  const [, room] = noRoom.find(([words]) => words.test(said)) ?? []
  return fail({
    code: room === undefined ? 'compile' : 'backend',
    where: `the native backend, ${what}`,
    what: `${compiler.path} failed: ${firstLines(said)}`,
    fix: room ?? 'Name another compiler, or use the wasm backend',
  })
}

/** How compilers and the tools that they start say that a file does not fit. */
const noRoom = [
  [/no space left on device/i, roomFor.ENOSPC],
  [/disk quota exceeded/i, roomFor.EDQUOT],
  [/file too large|file size limit exceeded|SIGXFSZ/i, roomFor.EFBIG],
] as const

const firstLines = (text: string): string =>
  text.trim().split('\n').slice(0, 4).join(' · ').slice(0, 600).replace(/\.$/, '')
