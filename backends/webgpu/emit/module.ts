/** The module around the text of a part: bindings, sizes, workgroup memory, the entry point. */
import { type Dim, dimProduct } from '../../../lib/data/dim.js'
import { type Kernel, kernelNames } from '../../../lib/loop/index.js'
import type { GpuBinding, GpuDispatch, GpuScratch } from './dispatch.js'
import { arrayText, type Emission, type Memory, memoryOf } from './emission.js'
import { sizeField } from './literal.js'
import { preludeOf } from './prelude.js'

export interface Frame {
  readonly kernel: Kernel
  readonly width: number
  readonly groups: Dim
  readonly scratch: readonly GpuScratch[]
}

export function moduleOf(e: Emission, frame: Frame): GpuDispatch {
  const { kernel, width, groups, scratch } = frame
  const order = [...kernel.buffers, ...scratch].map((b) => b.name)
  const bindings = order.flatMap((buffer): readonly GpuBinding[] => {
    const access = e.used.buffers.get(buffer)
    return access === undefined ? [] : [{ buffer, access }]
  })
  const sizes = kernelNames(kernel).filter((name) => e.used.sizes.has(name))
  const memories = bindings.map(({ buffer }) => memoryOf(e, buffer))
  const halves = memories.some((m) => m.element === 'f16')
  const subgroups = e.used.features.has('subgroups')
  const lines = [
    ...(halves ? ['enable f16;', ''] : []),
    ...(subgroups ? ['enable subgroups;', ''] : []),
    ...memories.map((memory, i) => {
      const { access } = bindings[i] as GpuBinding // one for one
      const type = arrayText(memory)
      return `@group(0) @binding(${i}) var<storage, ${access}> ${memory.text}: ${type};`
    }),
    ...(sizes.length === 0 ? [] : sizesText(sizes, bindings.length)),
    ...[...e.shared].map(([name, type]) => `var<workgroup> ${name}: ${type};`),
    ...[...e.memories.values()].flatMap((m) => workgroupText(m)),
    ...preludeOf(e.used.helpers),
    '',
    `@compute @workgroup_size(${width})`,
    'fn main(',
    '  @builtin(workgroup_id) place: vec3<u32>,',
    '  @builtin(num_workgroups) places: vec3<u32>,',
    '  @builtin(local_invocation_index) lane: u32,',
    ...(subgroups
      ? ['  @builtin(subgroup_size) size: u32,', '  @builtin(subgroup_invocation_id) member: u32,']
      : []),
    ') {',
    '  let workgroup = (place.z * places.y + place.y) * places.x + place.x;',
    ...(e.used.helpers.has('exact') ? ['  opaque = u32(places.x == 0u);'] : []),
    ...e.lines,
    '}',
    '',
  ]
  return {
    label: e.label,
    wgsl: lines.join('\n'),
    bindings,
    sizes,
    groups: [groups, 1, 1],
    scratch: scratch.filter((s) => e.used.buffers.has(s.name)),
  }
}

const sizesText = (sizes: readonly string[], binding: number): readonly string[] => [
  `struct Sizes { ${sizes.map((name) => `${sizeField(name)}: i32`).join(', ')} }`,
  `@group(0) @binding(${binding}) var<uniform> sizes: Sizes;`,
]

function workgroupText(memory: Memory): readonly string[] {
  if (memory.space !== 'workgroup') return []
  const count = Math.max(1, Number(dimProduct(memory.shape)))
  return [`var<workgroup> ${memory.text}: ${arrayText(memory, count)};`]
}
