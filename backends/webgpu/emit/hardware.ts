/** A device as schedules see it. */
import {
  type GpuLeast,
  type Hardware,
  usualLeast,
  wasmHardware,
} from '../../../lib/loop/schedule/index.js'
import type { GpuLimits } from './dispatch.js'

/** Invocations of a workgroup beyond this leave the registers of each too few. */
const mostInvocations = 256
/** Bytes of workgroup memory that the trees of reductions take. */
const reserved = 4352

export const gpuHardware = (limits: GpuLimits, least: GpuLeast = usualLeast): Hardware => ({
  ...wasmHardware,
  gpu: {
    invocations: Math.min(mostInvocations, limits.workgroupInvocations, limits.workgroupSizeX),
    sharedBytes: limits.workgroupBytes - reserved,
    least,
  },
})
