/**
 * The adapter that tests run on: opened once a file, or why there is none.
 *
 *   describe.skipIf(gpu.absent)(`…${gpu.why}`, …)
 *
 * With REQUIRE_WEBGPU=1 in the environment a missing adapter fails the tests instead.
 */
import * as Effect from 'effect/Effect'
import { type NDArray, PullbackError, type Sizes } from '../../lib/data/index.js'
import type { Func } from '../../lib/term/index.js'
import type { BackendService } from '../backend.js'
import { openDevice } from './device.js'
import { closed } from './fault.js'
import { findGpu } from './find.js'

export interface TestGpu {
  readonly absent: boolean
  /** To put behind the name of what is skipped. */
  readonly why: string
}

export async function testGpu(): Promise<TestGpu> {
  try {
    const device = await openDevice({})
    device.lose(closed())
    return { absent: false, why: '' }
  } catch (error) {
    if (!(error instanceof PullbackError) || process.env.REQUIRE_WEBGPU === '1') throw error
    return { absent: true, why: ` (skipped: ${error.detail.what})` }
  }
}

/** Results of one call, read; the program goes. */
export const resultsOn = (
  backend: BackendService,
  func: Func,
  args: readonly NDArray[],
  sizes: Sizes,
): Promise<readonly NDArray[]> =>
  Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const program = yield* backend.load(func)
        return yield* backend.read(program.call(args, sizes))
      }),
    ),
  )

export interface WatchedGpu {
  readonly gpu: GPU
  readonly adapters: GPUAdapter[]
  /** What devices were opened, and what they were asked for with. */
  readonly devices: GPUDevice[]
  readonly asked: (GPUDeviceDescriptor | undefined)[]
}

/** The GPU there is, and what is opened on it from now on. */
export async function watchedGpu(): Promise<WatchedGpu> {
  const real = await findGpu()
  const [adapters, devices, asked]: [GPUAdapter[], GPUDevice[], WatchedGpu['asked']] = [[], [], []]
  const requestAdapter: GPU['requestAdapter'] = async (options) => {
    const adapter = await real.requestAdapter(options)
    if (adapter === null) return null
    adapters.push(adapter)
    const { features, limits, info } = adapter
    const requestDevice: GPUAdapter['requestDevice'] = async (descriptor) => {
      asked.push(descriptor)
      const device = await adapter.requestDevice(descriptor)
      devices.push(device)
      return device
    }
    return { features, limits, info, requestDevice } as unknown as GPUAdapter // all that is used
  }
  return { gpu: { requestAdapter } as GPU, adapters, devices, asked } // all that is used
}
