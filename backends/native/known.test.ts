import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { serialize } from 'node:v8'
import { describe, expect, it } from 'vitest'
import {
  add,
  argmax,
  constant,
  f32,
  f64,
  fn,
  grad,
  lt,
  matmul,
  mul,
  scan,
  sum,
  tanh,
  whileLoop,
} from '../../index.js'
import { closedOf } from '../../lib/lang/index.js'
import { compile } from '../index.js'
import { keyOf, openCache } from './cache.js'
import { openFolders } from './folders.fixture.js'
import { openHost } from './host.js'
import { makeNative, type NativeBackend } from './index.js'
import { keyOfFunc } from './known.js'
import { compiler } from './run.fixture.js'
import { compilerVersion } from './version.js'

const folder = openFolders('known')

const zero = constant(0, { dtype: 'f64' })
const table = constant(Float32Array.from({ length: 100 }, (_, i) => Math.sin(i)))
const rows = (m: number, n: number) => ({
  data: Float32Array.from({ length: m * n }, (_, i) => Math.cos(7 * i)),
  shape: [m, n],
})

interface Answer {
  /** How the backend came by the program. */
  readonly how: string
  readonly values: readonly number[]
}
interface Compiled {
  readonly describe: () => { readonly compilations: readonly string[] }
}
const answer = (program: Compiled, arrays: readonly { readonly data: ArrayLike<number> }[]) => ({
  how: program.describe().compilations.join(),
  values: arrays.flatMap(({ data }) => [...Array.from(data)]),
})

const scaled = (factor: number) =>
  fn({ w: f32(5, 7), x: f32('n', 5) }, ({ w, x }) => sum(mul(tanh(matmul(x, w)), factor)))

/** Each traced anew: sizes by name and by number, loops, constants, several dtypes. */
const programs: Readonly<Record<string, (backend: NativeBackend) => Promise<Answer>>> = {
  gradient: async (backend) => {
    const program = await compile(grad(scaled(2), ['w', 'x']), { backend })
    const { w, x } = program.sync({ w: rows(5, 7), x: rows(3, 5) })
    return answer(program, [w, x])
  },
  'the same but for a number': async (backend) => {
    const program = await compile(grad(scaled(3), ['w', 'x']), { backend })
    const { w, x } = program.sync({ w: rows(5, 7), x: rows(3, 5) })
    return answer(program, [w, x])
  },
  scan: async (backend) => {
    const f = fn({ xs: f64('t') }, ({ xs }) => scan(zero, xs, (y, x) => [add(y, x), y])[1])
    const program = await compile(f, { backend })
    return answer(program, [program.sync({ xs: [1, 2, 3] }), program.sync({ xs: [4, 5] })])
  },
  while: async (backend) => {
    const f = fn({ x: f64() }, ({ x }) =>
      whileLoop(
        x,
        (y) => lt(y, 100),
        (y) => mul(y, 2),
      ),
    )
    const program = await compile(f, { backend })
    return answer(program, [program.sync({ x: 3 })])
  },
  constants: async (backend) => {
    const program = await compile(
      fn({ x: f32(100) }, ({ x }) => argmax(mul(x, table))),
      { backend },
    )
    return answer(program, [program.sync({ x: rows(1, 100).data })])
  },
}

const open = (cacheFolder: string): Promise<NativeBackend> =>
  makeNative({ threads: 1, cacheFolder })

async function askAll(cacheFolder: string): Promise<readonly Answer[]> {
  const backend = await open(cacheFolder)
  const answers: Answer[] = []
  for (const ask of Object.values(programs)) answers.push(await ask(backend))
  backend.close()
  return answers
}

const valuesOf = (answers: readonly Answer[]) => answers.map(({ values }) => values)
const isKnown = ({ how }: Answer): boolean => how.includes('known from before')

describe.skipIf(compiler.absent)(`a program compiled before${compiler.why}`, () => {
  it('is neither lowered nor compiled, and computes the same', async () => {
    const at = folder()
    const first = await askAll(at)
    expect(first.filter(isKnown)).toEqual([])
    const second = await askAll(at)
    expect(second.every(isKnown)).toBe(true)
    expect(valuesOf(second)).toEqual(valuesOf(first))
  })

  it.each([
    ['cut short', (bytes: Buffer) => bytes.subarray(0, -100)],
    ['of another shape', () => whole(serialize({ program: 1 }))],
    ['null', () => whole(serialize(null))],
    ['no serialisation', () => whole(Buffer.from('nothing of the kind'))],
  ])('is compiled anew where what was kept is %s', async (_, damage) => {
    const at = folder()
    const ask = programs.scan
    const first = await ask?.(await open(at))
    replaceAll(at, '.program', damage)
    const second = await ask?.(await open(at))
    expect(second?.values).toEqual(first?.values)
    expect(second && isKnown(second)).toBe(false)
    const third = await ask?.(await open(at))
    expect(third && isKnown(third)).toBe(true)
  })

  it.each([
    ['gone', (path: string) => rmSync(path)],
    ['cut short', (path: string) => replace(path, (bytes) => bytes.subarray(0, 5000))],
  ])('is compiled anew where its library is %s', async (_, damage) => {
    const at = folder()
    const first = await programs.while?.(await open(at))
    for (const name of readdirSync(at)) if (name.endsWith('.so')) damage(join(at, name))
    const second = await programs.while?.(await open(at))
    expect(second?.values).toEqual(first?.values)
    expect(second && isKnown(second)).toBe(false)
  })

  it('is another one for other threads, roundings or versions of Pullback', async () => {
    const { func } = closedOf(scaled(2), 'test')
    const host = await openHost({ threads: 1, cacheFolder: folder() })
    const keys = [
      keyOfFunc(func, host),
      keyOfFunc(func, { ...host, threads: 2 }),
      keyOfFunc(func, { ...host, contract: false }),
      keyOfFunc(func, { ...host, version: 'another' }),
      keyOfFunc(func, { ...host, builder: { ...host.builder, identity: 'another compiler' } }),
    ]
    expect(keys).not.toContain(undefined)
    expect(new Set(keys).size).toBe(keys.length)
    expect(keyOfFunc(func, { ...host, version: undefined })).toBeUndefined()
  })

  it('of which many processes ask at once is right in all of them', async () => {
    const at = folder()
    const script = `
      import { makeNative } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)}
      import { compile } from ${JSON.stringify(new URL('../index.ts', import.meta.url).href)}
      import { f32, fn, mul } from ${JSON.stringify(new URL('../../index.ts', import.meta.url).href)}
      const backend = await makeNative({ threads: 1, cacheFolder: ${JSON.stringify(at)} })
      const program = await compile(fn({ x: f32('n') }, ({ x }) => mul(x, 2)), { backend })
      process.stdout.write(String(program.sync({ x: [1, 2] }).data))`
    const args = ['--import', 'tsx', '--input-type=module', '-e', script]
    const runs = Array.from({ length: 4 }, () => promisify(execFile)(process.execPath, args))
    expect((await Promise.all(runs)).map(({ stdout }) => stdout)).toEqual(Array(4).fill('2,4'))
    expect(readdirSync(at).filter((name) => name.startsWith('.'))).toEqual([])
  })
})

/** What the cache would write: the content with its digest. */
function whole(content: Buffer): Buffer {
  const { path } = openCache(folder(), 1e6).take(keyOf('any'), '.x', (to) =>
    writeFileSync(to, content),
  )
  return readFileSync(path)
}

/** By a file of its own: the old one may be in use. */
function replace(path: string, change: (bytes: Buffer) => Buffer): void {
  writeFileSync(`${path}.new`, change(readFileSync(path)))
  renameSync(`${path}.new`, path)
}

function replaceAll(at: string, suffix: string, change: (bytes: Buffer) => Buffer): void {
  const names = readdirSync(at).filter((name) => name.endsWith(suffix))
  expect(names.length).toBeGreaterThan(0)
  for (const name of names) replace(join(at, name), change)
}

describe('the version of the compiler', () => {
  /** A compiler of one file, at its place beside the module that asks. */
  const made = (): { readonly lib: string; readonly module: string } => {
    const at = folder()
    const [lib, native] = [join(at, 'lib'), join(at, 'backends', 'native')]
    for (const path of [lib, native]) mkdirSync(path, { recursive: true })
    writeFileSync(join(lib, 'fuse.js'), 'one')
    writeFileSync(join(lib, 'fuse.test.ts'), 'one')
    const module = join(native, 'version.js')
    writeFileSync(module, '')
    return { lib, module: pathToFileURL(module).href }
  }

  it('changes with its files and with the package, not with tests', () => {
    const { lib, module } = made()
    const first = compilerVersion(module)
    expect(compilerVersion(module)).toBe(first)
    writeFileSync(join(lib, 'fuse.test.ts'), 'another one')
    expect(compilerVersion(module)).toBe(first)
    writeFileSync(join(lib, 'fuse.js'), 'another')
    const second = compilerVersion(module)
    expect(second).not.toBe(first)
    writeFileSync(join(lib, '..', 'package.json'), '{"version":"2"}')
    expect(compilerVersion(module)).not.toBe(second)
  })

  it('is unknown where the files are not at their places, as in a bundle', () => {
    expect(compilerVersion()).toBeDefined()
    expect(compilerVersion('file:///app/dist/bundle.js')).toBeUndefined()
    expect(compilerVersion('file:///no/such/backends/native/version.js')).toBeUndefined()
  })
})
