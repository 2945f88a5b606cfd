/**
 * What goes wrong with compilers and folders: an error that says what, or a clean build; and never
 * anything half done among what is kept.
 */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { f32, fn, mul, PullbackError } from '../../index.js'
import { makeAuto } from '../auto.js'
import { compile } from '../index.js'
import { openCache } from './cache.js'
import { openFolders } from './folders.fixture.js'
import { makeNative, type NativeOptions } from './index.js'
import { nameUnderWay } from './prune.js'
import { compiler } from './run.fixture.js'

const folder = openFolders('faults')

/** The compiler, but where a file `fault` lies beside it, that: "$to" is where the library goes. */
function faulty(fault: string): { readonly at: string; readonly path: string } {
  const at = folder()
  const path = join(at, 'compiler')
  writeFileSync(join(at, 'fault'), '')
  const lines = [
    '#!/bin/sh',
    `if [ -e ${at}/fault ]; then`,
    'previous=; to=; for word in "$@"; do [ "$previous" = -o ] && to=$word; previous=$word; done',
    `if [ "$to" != "" ]; then ${fault}; exit; fi; fi`,
    `exec ${compiler.path} "$@"`,
  ]
  writeFileSync(path, `${lines.join('\n')}\n`)
  chmodSync(path, 0o700)
  return { at, path }
}

/** Twice 1 and 2, or the error. */
async function twice(options: NativeOptions): Promise<readonly number[] | PullbackError> {
  const { x, f } = { x: Float32Array.of(1, 2), f: fn({ x: f32('n') }, ({ x }) => mul(x, 2)) }
  try {
    const backend = await makeNative({ threads: 1, ...options })
    const program = await compile(f, { backend })
    return [...program.sync({ x }).data]
  } catch (error) {
    if (error instanceof PullbackError) return error
    throw error
  }
}

/** Builds the runtime in a process of its own, which prints how that went. */
function scriptFor(options: NativeOptions): readonly string[] {
  const host = JSON.stringify(new URL('./host.ts', import.meta.url).href)
  const text = `
    import { openHost } from ${host}
    await openHost(${JSON.stringify(options)}).then(() => console.log('open'), (error) => console.log(String(error)))`
  return ['--import', 'tsx', '--input-type=module', '-e', text]
}

/** What is there under no whole entry's name, and entries that are not whole. */
function partial(at: string): readonly string[] {
  const cache = openCache(at, 1e9)
  return readdirSync(at).filter((name) => {
    const [key = '', suffix] = name.split('.')
    return cache.find(key, `.${suffix}`) === undefined
  })
}

describe('a folder', () => {
  const file = (): string => {
    const path = join(folder(), 'file')
    writeFileSync(path, '')
    return path
  }

  it.each([
    ['below a file', () => join(file(), 'cache'), 'ENOTDIR'],
    ['that is a file', file, 'EEXIST'],
    ['of no name', () => '', 'ENOENT'],
  ])('%s is an error that names it', (_, path, code) => {
    expect(() => openCache(path(), 1e6)).toThrow(`cannot be written: ${code}. Name another folder`)
  })

  it.skipIf(!existsSync('/proc/self'))('in which the system lets none be made is one too', () => {
    for (const path of ['/proc/pullback', '/proc/self/pullback/native']) {
      expect(() => openCache(path, 1e6)).toThrow(/\/proc\/.* cannot be written: E/)
    }
  })

  it('that is gone is made again', () => {
    const cache = openCache(join(folder(), 'cache'), 1e6)
    rmSync(cache.folder, { recursive: true })
    cache.take('a', '.so', (path) => writeFileSync(path, 'one'))
    expect(readdirSync(cache.folder)).toEqual(['a.so'])
  })

  it('loses what a process that ended left half built, and nothing of others', () => {
    const cache = openCache(folder(), 1e6)
    const mine = nameUnderWay('a')
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    const ended = mine.replace(`.${process.pid}.`, `.${pid}.`)
    const elsewhere = ended.replace(/^\.a\.\w+\./, '.a.elsewhere.')
    for (const name of [mine, ended, elsewhere]) writeFileSync(join(cache.folder, name), 'half')
    mkdirSync(join(cache.folder, `${ended}.parts`, 'full'), { recursive: true })
    cache.take('b', '.so', (path) => writeFileSync(path, 'one'))
    expect(readdirSync(cache.folder).toSorted()).toEqual([mine, elsewhere, 'b.so'].toSorted())
  })
})

describe.skipIf(compiler.absent)(`a compiler${compiler.why}`, () => {
  const half = 'printf half > "$to"'

  it.each([
    ['that is killed', `${half}; kill -KILL $$`, 'failed: it was ended by SIGKILL'],
    ['that fails', `${half}; echo no luck >&2; exit 3`, 'failed: no luck'],
    ['that leaves nothing', 'cat > /dev/null', 'ended well, but left no library'],
    ['that leaves no library', `cat > /dev/null; ${half}`, 'does not load: '],
    ['whose disk is full', 'echo No space left on device >&2; exit 1', 'Free some space'],
    ['whose files are too large', 'kill -XFSZ $$', 'Allow larger files'],
  ])('%s is quoted, and builds anew once it is well', async (_, fault, said) => {
    const { at, path } = faulty(fault)
    const options = { compiler: path, cacheFolder: join(at, 'cache') }
    const error = await twice(options)
    expect(error).toBeInstanceOf(PullbackError)
    expect(String(error)).toContain(said)
    expect(partial(options.cacheFolder)).toEqual([])
    unlinkSync(join(at, 'fault'))
    expect(await twice(options)).toEqual([2, 4])
    expect(partial(options.cacheFolder)).toEqual([])
  })

  it('and its process, killed half-way, leave nothing to the next one', async () => {
    const { at, path } = faulty(`${half}; echo $$ > ${'$(dirname "$0")'}/id; exec sleep 60`)
    const options = { compiler: path, cacheFolder: join(at, 'cache') }
    const child: ChildProcess = spawn(process.execPath, scriptFor(options), { stdio: 'ignore' })
    const ended = new Promise((resolve) => child.on('exit', resolve))
    const id = join(at, 'id')
    while (!existsSync(id) || readFileSync(id, 'utf8') === '') await setTimeout(20)
    child.kill('SIGKILL')
    await ended
    process.kill(Number(readFileSync(id, 'utf8')), 'SIGKILL')
    expect(readdirSync(options.cacheFolder).filter((name) => name.startsWith('.'))).toHaveLength(1)
    unlinkSync(join(at, 'fault'))
    expect(await twice(options)).toEqual([2, 4])
    expect(partial(options.cacheFolder)).toEqual([])
  })

  it('and a cache that may not write large files are errors that say so', async () => {
    const options = { cacheFolder: folder() }
    const limited = async (): Promise<string> => {
      const words = ['-c', 'ulimit -f 1; exec "$0" "$@"', process.execPath, ...scriptFor(options)]
      return (await promisify(execFile)('sh', words)).stdout
    }
    expect(await limited()).toMatch(/cannot be written: EFBIG. Allow larger files/)
    expect(await twice(options)).toEqual([2, 4])
    for (const name of readdirSync(options.cacheFolder)) {
      if (name.endsWith('.so')) unlinkSync(join(options.cacheFolder, name))
    }
    expect(await limited()).toMatch(/the runtime: .* failed: .*Allow larger files/)
    expect(partial(options.cacheFolder)).toEqual([])
    expect(await twice(options)).toEqual([2, 4])
  })
})

describe('without native code', () => {
  const failing = (): string => {
    const at = folder()
    writeFileSync(join(at, 'cc'), '#!/bin/sh\necho no luck >&2\nexit 1\n', { mode: 0o700 })
    return at
  }
  const nowhere = join(import.meta.filename, 'cache')

  it.each([
    ['there is no compiler', () => ({ PATH: '' }), 'there is no C compiler'],
    ['the compiler fails', () => ({ PATH: failing(), XDG_CACHE_HOME: folder() }), 'no luck'],
    ['no folder is to be had', () => ({ PATH: failing(), XDG_CACHE_HOME: nowhere }), 'ENOTDIR'],
  ])('auto takes wasm where %s, and says so', async (_, env, why) => {
    const { PATH, XDG_CACHE_HOME } = process.env
    const said: string[] = []
    Object.assign(process.env, env())
    try {
      const backend = await makeAuto({ threads: 1, say: (line) => said.push(line) })
      expect(backend.name).toBe('wasm')
      backend.close()
    } finally {
      Object.assign(process.env, { PATH })
      if (XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME
      else Object.assign(process.env, { XDG_CACHE_HOME })
    }
    expect(said).toEqual([expect.stringContaining('on wasm instead of native')])
    expect(said[0]).toContain(why)
  })

  it('tests of native code are skipped, and say why', async () => {
    const root = fileURLToPath(new URL('../../', import.meta.url))
    const words = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=verbose', '--no-color']
    const file = 'backends/native/compilers.test.ts'
    const options = { cwd: root, env: { PATH: '' } }
    const { stdout } = await promisify(execFile)(process.execPath, [...words, file], options)
    expect(stdout).toMatch(/↓.*compiled by .*\(skipped: there is no C compiler on the path\)/)
    expect(stdout).toMatch(/Test Files +1 skipped/)
  })
})
