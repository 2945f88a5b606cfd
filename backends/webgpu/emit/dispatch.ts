/**
 * What a kernel becomes on a GPU: dispatches of WGSL modules, in order.
 *
 *   kernel of two nests, the second reading the first    →    two dispatches
 *
 * Plain data: nothing here holds a device. Buffers keep the kernel's names; `bool` elements are
 * u32; f16 elements are f16 where shaders have it, else f32 rounded to half precision. A dispatch
 * may be given more workgroups than it asks for: its shader counts them by `num_workgroups` and
 * leaves the rest idle, so a count beyond a limit folds into y and z.
 */
import { type Dim, dimValue, type Sizes } from '../../../lib/data/dim.js'
import type { DType } from '../../../lib/data/dtype.js'
import { fail } from '../../../lib/data/error.js'

/** What an emitter must know of a device. */
export interface GpuLimits {
  readonly workgroupInvocations: number
  readonly workgroupSizeX: number
  readonly workgroupBytes: number
  readonly storageBuffers: number
  readonly groupsPerDimension: number
  /** The largest size of a subgroup, where shaders have them. */
  readonly subgroupSize?: number
  readonly features: ReadonlySet<GpuFeature>
}

export type GpuFeature = 'shader-f16' | 'subgroups'

/** Whether shaders have f16, so that a half takes two bytes. */
export const hasHalves = ({ features }: GpuLimits): boolean => features.has('shader-f16')

/** What every WebGPU device offers. */
export const defaultLimits: GpuLimits = {
  workgroupInvocations: 256,
  workgroupSizeX: 256,
  workgroupBytes: 16384,
  storageBuffers: 8,
  groupsPerDimension: 65535,
  features: new Set(),
}

export interface GpuKernel {
  readonly name: string
  readonly dispatches: readonly GpuDispatch[]
}

export interface GpuDispatch {
  /** The kernel's name and the part. */
  readonly label: string
  /** A whole module; its entry point is `main`. */
  readonly wgsl: string
  /** At `@group(0) @binding(i)`: a buffer of the kernel or a scratch buffer, each once. */
  readonly bindings: readonly GpuBinding[]
  /**
   * The i32 fields, in order, of the uniform at `@group(0) @binding(bindings.length)`: counters
   * and size names of the kernel. No such binding where there are none.
   */
  readonly sizes: readonly string[]
  readonly groups: readonly [Dim, Dim, Dim]
  /** Device memory that lives from the first dispatch of the kernel that names it to the last. */
  readonly scratch: readonly GpuScratch[]
}

export interface GpuBinding {
  readonly buffer: string
  readonly access: 'read' | 'read_write'
}

export interface GpuScratch {
  readonly name: string
  readonly dtype: DType
  readonly shape: readonly Dim[]
}

/**
 * The workgroups to ask for at given sizes (counters included): those of the dispatch, folded into
 * y and z where x goes beyond the limit. A zero stays: there is nothing to run.
 */
export function workgroupsOf(
  dispatch: GpuDispatch,
  sizes: Sizes,
  limits: GpuLimits,
): readonly [number, number, number] {
  const total = dispatch.groups.reduce<number>((n, dim) => n * Math.max(0, dimValue(dim, sizes)), 1)
  const most = limits.groupsPerDimension
  if (total <= most) return [total, Math.min(total, 1), Math.min(total, 1)]
  const y = Math.ceil(total / most)
  const z = Math.ceil(y / most)
  if (z > most) {
    fail({
      code: 'limit',
      where: `dispatch ${dispatch.label}`,
      what: `${total} workgroups`,
      expected: `at most ${most} in each of three dimensions`,
      fix: 'Use smaller arrays',
    })
  }
  return [most, Math.ceil(y / z), z]
}
