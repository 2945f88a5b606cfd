/**
 * Every kernel of the shared case files becomes modules that Dawn accepts, on its null device.
 *
 * The case files lie beside the project; where they do not, nothing is tested and the name says so.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as Effect from 'effect/Effect'
import { describe, expect, it } from 'vitest'
import { Backend, type BackendService } from '../../backends/backend.js'
import { nullDevice } from '../../backends/webgpu/emit/device.fixture.js'
import { emitKernel, gpuHardware } from '../../backends/webgpu/emit/index.js'
import { PullbackError } from '../../lib/data/index.js'
import { compile } from '../../lib/loop/compile.js'
import { type Kernel, showKernel } from '../../lib/loop/index.js'
import type { Func } from '../../lib/term/index.js'
import { readCases } from './form.js'
import { judge } from './judge.js'

const folder = fileURLToPath(new URL('../../../shared/cases/', import.meta.url))
const absent = !existsSync(folder)
const dawn = await nullDevice()

/** A backend that takes programs and runs none. */
function collector(take: (func: Func) => void): BackendService {
  const stop = new PullbackError({ code: 'backend', what: 'nothing runs here' })
  const refuse = () => {
    throw stop
  }
  return {
    name: 'collector',
    capabilities: { dtypes: ['f32', 'i32', 'u32', 'bool'], synchronous: false },
    load: (func) => {
      take(func)
      return Effect.fail(stop)
    },
    place: refuse,
    read: () => Effect.fail(stop),
    readSync: refuse,
  }
}

describe.skipIf(absent)(`the case files${absent ? ' (skipped: they are not here)' : ''}`, () => {
  const files = absent ? [] : readdirSync(folder).filter((name) => name.endsWith('.json'))
  it.each(files)('%s', async (file) => {
    const kernels = new Map<string, Kernel>()
    const backend = collector((func) => {
      const { program } = compile(func, { hardware: gpuHardware(dawn.limits) })
      for (const k of program.kernels) kernels.set(showKernel({ ...k, name: 'k' }), k)
    })
    for (const form of readCases(file, readFileSync(`${folder}${file}`, 'utf8'))) {
      for (const check of form.checks) {
        await Effect.runPromise(
          judge(form, check, 'f32').pipe(Effect.provideService(Backend, backend)),
        )
      }
    }
    for (const [text, kernel] of kernels) {
      expect(await dawn.check(emitKernel(kernel, dawn.limits)), text).toEqual([])
    }
  })
})
