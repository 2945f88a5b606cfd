/** Every module that the emitter writes is one that Dawn accepts: compiled on its null device. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Kernel } from '../../../lib/loop/index.js'
import {
  chainKernel,
  convKernel,
  matmulKernel,
  rowsKernel,
  shareKernel,
  sumsKernel,
  totalKernel,
  transposeKernel,
} from '../../../lib/loop/schedule/index.js'
import { openDevice, type TestDevice } from './device.fixture.js'
import { emitKernel } from './index.js'

let dawn: TestDevice

beforeAll(async () => {
  const device = await openDevice(['backend=null'])
  if (device === undefined) throw new Error('Dawn has no null device')
  dawn = device
})
afterAll(() => dawn.device.destroy())

const kernels: readonly Kernel[] = [
  matmulKernel('M', 'K', 'N'),
  matmulKernel(64, 32, 96),
  convKernel('B', 3, 8, 8, 4),
  rowsKernel('M', 'N'),
  shareKernel(8, 1024),
  sumsKernel('M', 'N', 0),
  sumsKernel('M', 'N', 1),
  totalKernel('N'),
  chainKernel('M', 'N'),
  transposeKernel('M', 'N'),
]

describe('a kernel without a schedule', () => {
  for (const k of kernels) {
    it(`compiles: ${k.name} ${k.buffers.map((b) => `[${b.shape}]`).join(' ')}`, async () => {
      expect(await dawn.check(emitKernel(k, dawn.limits))).toEqual([])
    })
  }
})
