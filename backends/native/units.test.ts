import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { f32, fn, grad, matmul, sum, tanh } from '../../index.js'
import { closedOf } from '../../lib/lang/index.js'
import { compile } from '../../lib/loop/compile.js'
import { buildProgram, executableOf, textOf } from './executable.js'
import { openFolders } from './folders.fixture.js'
import { type Host, openHost } from './host.js'
import { compiler } from './run.fixture.js'
import { buildInParts } from './units.js'

const folder = openFolders('parts')

const inputs = { x: f32(5, 7), v: f32(7, 33), w: f32(33, 50) }
const network = fn(inputs, ({ x, v, w }) => sum(tanh(matmul(tanh(matmul(x, v)), w))))

function programFor(host: Host) {
  const { func } = closedOf(grad(network, ['v', 'w']), 'test')
  const hardware = { ...host.builder.machine.hardware, threads: 1 }
  return compile(func, { hardware }).program
}

/** The results of the gradient, by its one program built so. */
function resultsOf(host: Host): readonly number[] {
  const program = programFor(host)
  const executable = executableOf(buildProgram(program, host), host)
  const arrays = program.buffers
    .filter((b) => b.place.tag === 'external')
    .map((b) => {
      const length = b.shape.reduce<number>((n, d) => n * Number(d), 1)
      return Float32Array.from({ length }, (_, i) => Math.sin(i))
    })
  executable.run({}, arrays.map(host.runtime.addressOf))
  executable.release()
  return arrays.flatMap((a) => [...a])
}

/** The compiler, which writes down what it is started with, and fails where `fault` says so. */
function watched(fault = ''): { readonly path: string; readonly starts: () => readonly string[] } {
  const at = folder()
  const [path, log] = [join(at, 'compiler'), join(at, 'log')]
  writeFileSync(log, '')
  writeFileSync(path, `#!/bin/sh\necho "$@" >> ${log}\n${fault}\nexec ${compiler.path} "$@"\n`)
  chmodSync(path, 0o700)
  return { path, starts: () => readFileSync(log, 'utf8').trim().split('\n') }
}

const numbered = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `int part${i};\n`)

/** As long as needs to be cut in so many parts. */
const text = 'int whole;\n'.repeat(10_000)

describe.skipIf(compiler.absent)(`a long program${compiler.why}`, () => {
  it('compiled in parts computes the same as in one', async () => {
    const one = { ...(await openHost({ threads: 1, cacheFolder: folder() })), compilers: 1 }
    const cc = watched()
    const options = { threads: 1, cacheFolder: folder(), compiler: cc.path }
    const several = { ...(await openHost(options)), compilers: 3 }
    const before = cc.starts().length
    expect(resultsOf(several)).toEqual(resultsOf(one))
    const words = cc.starts().slice(before)
    expect(words.filter((w) => w.includes(' -c '))).toHaveLength(3)
    expect(words.filter((w) => w.includes('-shared'))).toHaveLength(1)
  })

  it('is cut so that each kernel is in one part and each part knows what it calls', async () => {
    const host = await openHost({ threads: 1, cacheFolder: folder() })
    const { kernels, units } = textOf(programFor(host), host)
    expect(kernels.length).toBeGreaterThan(2)
    for (const count of [1, 2, 100]) {
      const parts = units(count)
      expect(parts.length).toBe(Math.min(count, kernels.length))
      for (const { text: body } of kernels) {
        expect(parts.filter((part) => part.includes(body))).toHaveLength(1)
      }
    }
  })

  it('is found by its whole text, into however many parts it was cut', async () => {
    const { builder, runtime } = await openHost({ threads: 1, cacheFolder: folder() })
    const cut = (count: number) =>
      buildInParts(builder, runtime, { text, units: numbered }, 'program test', count)
    const first = cut(3)
    expect(first.compiled).toBe(true)
    expect(cut(2)).toEqual({ ...first, compiled: false })
    expect(readdirSync(builder.cache.folder).filter((name) => name.startsWith('.'))).toEqual([])
  })

  it('says what the compiler says of a part, and leaves nothing behind', async () => {
    const { builder, runtime } = await openHost({ threads: 1, cacheFolder: folder() })
    const units = (): readonly string[] => ['int fine;\n', 'this is no C\n']
    expect(() => buildInParts(builder, runtime, { text, units }, 'program test', 2)).toThrow(
      /program test.*failed.*error/s,
    )
    expect(readdirSync(builder.cache.folder).filter((name) => name.startsWith('.'))).toEqual([])
  })

  it('is compiled part by part where a compiler cannot be started beside this process', async () => {
    const { builder, runtime } = await openHost({ threads: 1, cacheFolder: folder() })
    const refusing = { ...runtime, start: () => -11 }
    const parts = { text, units: numbered }
    expect(buildInParts(builder, refusing, parts, 'program test', 2).compiled).toBe(true)
  })
})

describe.skipIf(compiler.absent)(`a program started beside this one${compiler.why}`, () => {
  it('ends with its own status, or that of the signal that ends it', async () => {
    const { runtime } = await openHost({ threads: 1, cacheFolder: folder() })
    const script = (body: string): string => {
      const path = join(folder(), 'script')
      writeFileSync(path, `#!/bin/sh\n${body}\n`)
      chmodSync(path, 0o700)
      return path
    }
    const input = join(folder(), 'input')
    writeFileSync(input, 'read')
    const end = (words: readonly string[], seconds = 60): number =>
      runtime.wait(runtime.start(words, input), seconds)
    expect(end([script('exit 7')])).toBe(7)
    expect(end([script('test "$1" = "a b" && test "$(cat)" = read'), 'a b'])).toBe(0)
    expect(end([script('kill -9 $$')])).toBe(128 + 9)
    expect(end([script('exec sleep 600')], 0.01)).toBe(128 + 9)
    expect(runtime.start(['/no/such/program'], input)).toBeLessThan(0)
  })
})
