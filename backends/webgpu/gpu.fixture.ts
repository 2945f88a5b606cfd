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
