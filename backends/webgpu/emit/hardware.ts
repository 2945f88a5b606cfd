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
/** No device says how many it runs at once: these keep a large one of today busy. */
const busyGroups = 96

export const gpuHardware = (limits: GpuLimits, least: GpuLeast = usualLeast): Hardware => ({
  ...wasmHardware,
  gpu: {
    invocations: Math.min(mostInvocations, limits.workgroupInvocations, limits.workgroupSizeX),
    sharedBytes: limits.workgroupBytes - reserved,
    groups: busyGroups,
    least,
  },
})
