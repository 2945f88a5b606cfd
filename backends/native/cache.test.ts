import {
  chmodSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { f32, fn, mul } from '../../index.js'
import { makeAuto } from '../auto.js'
import { compile } from '../index.js'
import { contentOf, openCache } from './cache.js'
import { openFolders } from './folders.fixture.js'
import { makeNative } from './index.js'
import { compiler } from './run.fixture.js'

const folder = openFolders('native')

/** A compiler that writes down that it was started. */
function script(text: string): { readonly path: string; readonly starts: () => number } {
  const at = folder()
  const [path, log] = [join(at, 'compiler'), join(at, 'log')]
  writeFileSync(log, '')
  writeFileSync(path, `#!/bin/sh\necho start >> ${log}\n${text}\n`)
  chmodSync(path, 0o700)
  return { path, starts: () => readFileSync(log, 'utf8').split('\n').length - 1 }
}

const twice = fn({ x: f32('n') }, ({ x }) => mul(x, 2))

async function twiceOf(options: Parameters<typeof makeNative>[0]): Promise<readonly number[]> {
  const backend = await makeNative({ threads: 1, ...options })
  const program = await compile(twice, { backend })
  return [...program.sync({ x: Float32Array.from([1, 2]) }).data]
}

describe('kept objects', () => {
  const write = (text: string) => (path: string) => writeFileSync(path, text)

  it('are built once, for the user alone', () => {
    const at = join(folder(), 'new', 'cache')
    const cache = openCache(at, 1e6)
    expect(statSync(at).mode & 0o777).toBe(0o700)
    const first = cache.take('a', '.so', write('one'))
    expect(first.fresh).toBe(true)
    expect(cache.take('a', '.so', write('two'))).toEqual({ path: first.path, fresh: false })
    expect(contentOf(first.path).toString()).toBe('one')
    expect(readdirSync(at)).toEqual(['a.so'])
  })

  it('are built anew where they were cut short or changed', () => {
    const cache = openCache(folder(), 1e6)
    const { path } = cache.take('a', '.so', write('one'))
    truncateSync(path, 20)
    expect(cache.take('a', '.so', write('two')).fresh).toBe(true)
    writeFileSync(path, 'x'.repeat(100))
    expect(cache.take('a', '.so', write('three')).fresh).toBe(true)
    expect(contentOf(path).toString()).toBe('three')
  })

  it('go when they are too many, what was used longest ago first', () => {
    const cache = openCache(folder(), 2600)
    const build = write('x'.repeat(1000))
    const [a, b] = ['a', 'b'].map((key) => cache.take(key, '.so', build).path)
    utimesSync(a, 1000, 1000)
    utimesSync(b, 2000, 2000)
    cache.take('a', '.so', build)
    cache.take('c', '.so', build)
    expect(readdirSync(cache.folder).sort()).toEqual(['a.so', 'c.so'])
  })

  it('leave nothing behind where building fails', () => {
    const cache = openCache(folder(), 1e6)
    expect(() =>
      cache.take('a', '.so', (path) => {
        writeFileSync(path, 'half')
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(readdirSync(cache.folder)).toEqual([])
  })

  it('need a folder that can be made', () => {
    const file = join(folder(), 'file')
    writeFileSync(file, '')
    expect(() => openCache(join(file, 'cache'), 1e6)).toThrow(/cannot be written: ENOTDIR/)
  })
})

describe.skipIf(compiler.absent)(`the compiler${compiler.why}`, () => {
  it('is not started for what it has compiled before', async () => {
    const cc = script(`exec ${compiler.path} "$@"`)
    const options = { compiler: cc.path, cacheFolder: folder() }
    expect(await twiceOf(options)).toEqual([2, 4])
    const starts = cc.starts()
    expect(starts).toBeGreaterThan(1)
    expect(await twiceOf(options)).toEqual([2, 4])
    expect(cc.starts()).toBe(starts)
  })

  it('is started again where a library was cut short', async () => {
    const options = { cacheFolder: folder() }
    await twiceOf(options)
    for (const name of readdirSync(options.cacheFolder)) {
      if (!name.endsWith('.so')) continue
      // A file of its own: the old one is in use by this process.
      const path = join(options.cacheFolder, name)
      writeFileSync(`${path}.cut`, readFileSync(path).subarray(0, 5000))
      renameSync(`${path}.cut`, path)
    }
    expect(await twiceOf(options)).toEqual([2, 4])
  })

  it('is quoted where it fails', async () => {
    const cc = script('echo "broken: no luck" >&2; exit 1')
    const options = { compiler: cc.path, cacheFolder: folder() }
    await expect(makeNative(options)).rejects.toThrow('broken: no luck')
    const full = script('echo "cannot write: No space left on device" >&2; exit 1')
    await expect(makeNative({ ...options, compiler: full.path })).rejects.toThrow('Free some space')
  })
})

describe('auto', () => {
  it.skipIf(compiler.absent)(`takes native where it is usable${compiler.why}`, async () => {
    const backend = await makeAuto({ threads: 1, say: () => {} })
    expect(backend.name).toBe('native')
    backend.close()
  })

  it('takes wasm where it is not, and says why', async () => {
    const said: string[] = []
    const path = process.env.PATH
    process.env.PATH = ''
    try {
      const backend = await makeAuto({ threads: 1, say: (line) => said.push(line) })
      expect(backend.name).toBe('wasm')
      backend.close()
    } finally {
      process.env.PATH = path
    }
    expect(said.join()).toMatch(/on wasm instead of native.*there is no C compiler/)
  })
})
