/**
 * The system's C compiler: found, asked once what machine it compiles for, and started.
 *
 * No shell is involved: programs are found along the path and started with a list of arguments,
 * the source on standard input. A compiler is known by its file, its size and its date, so that a
 * replaced one is asked again.
 */
import { execFileSync } from 'node:child_process'
import { accessSync, constants, readFileSync, realpathSync, statSync } from 'node:fs'
import { arch, cpus } from 'node:os'
import { delimiter, isAbsolute, join } from 'node:path'
import { fail } from '../../lib/data/error.js'

export interface Compiler {
  readonly path: string
  /** Changes when the compiler or the machine does: part of every cache key. */
  readonly identity: string
}

const names = ['cc', 'gcc', 'clang'] as const

/**
 * The compiler at a path or of a name, or the first that is found; undefined where there is none.
 */
export function findCompiler(wanted: string | undefined, searchPath: string): Compiler | undefined {
  for (const name of wanted === undefined ? names : [wanted]) {
    const path = locate(name, searchPath)
    if (path !== undefined) return { path, identity: `${identityOf(path)} ${machine()}` }
  }
  return undefined
}

export const noCompiler = (wanted: string | undefined): never =>
  fail({
    code: 'backend',
    where: 'the native backend',
    what: wanted === undefined ? 'there is no C compiler' : `there is no C compiler '${wanted}'`,
    expected: wanted === undefined ? `one of ${names.join(', ')} on the path` : 'a program to run',
    fix: 'Install gcc or clang (Debian: gcc and libc6-dev), or use the wasm backend',
  })

function locate(name: string, searchPath: string): string | undefined {
  const folders = isAbsolute(name) ? [''] : searchPath.split(delimiter).filter((f) => f !== '')
  for (const folder of folders) {
    const path = folder === '' ? name : join(folder, name)
    try {
      accessSync(path, constants.X_OK)
      if (statSync(path).isFile()) return path
    } catch {
      // Not here: the next folder.
    }
  }
  return undefined
}

function identityOf(path: string): string {
  const real = realpathSync(path)
  const { size, mtimeMs } = statSync(real)
  return `${path} ${real} ${size} ${mtimeMs}`
}

/** What code for this very machine depends on. */
function machine(): string {
  try {
    const text = readFileSync('/proc/cpuinfo', 'latin1')
    const lines = text.slice(0, text.indexOf('\n\n')).split('\n')
    const fixed = /^(vendor_id|cpu family|model|model name|stepping|flags|CPU |Features)/
    return [arch(), ...lines.filter((l) => fixed.test(l))].join('\n')
  } catch {
    return `${arch()} ${cpus()[0]?.model ?? ''}`
  }
}

export interface Compiled {
  readonly ok: boolean
  /** What the compiler said where it failed; what it printed where it did not. */
  readonly text: string
}

/** That the source is C, and arrives on standard input. */
export const sourceWords = ['-x', 'c', '-'] as const

/** Runs the compiler on a source; never throws for what the compiler says. */
export function runCompiler(
  compiler: Compiler,
  words: readonly string[],
  source: string,
): Compiled {
  try {
    const text = execFileSync(compiler.path, words, {
      input: source,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
      maxBuffer: 1 << 26,
      timeout: patience * 1000,
    })
    return { ok: true, text }
  } catch (cause) {
    return { ok: false, text: reasonOf(cause) }
  }
}

/** Why a compiler failed, in its own words where it has any. */
function reasonOf(cause: unknown): string {
  // execFileSync throws an error that carries how the program ended and what it wrote.
  const { code, signal, stderr, message } = cause as Error & {
    readonly code?: unknown
    readonly signal?: unknown
    readonly stderr?: unknown
  }
  const said = typeof stderr === 'string' ? stderr.trim() : ''
  if (code === 'ETIMEDOUT') return `it took longer than ${patience} s. ${said}`
  if (typeof signal === 'string') return `it was ended by ${signal}. ${said}`
  return said === '' ? message : said
}

/** Seconds that a compiler may take. */
export const patience = 600
