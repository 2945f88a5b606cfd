/** The module around the text of a part: bindings, sizes, workgroup memory, the entry point. */
import { type Dim, dimProduct } from '../../../lib/data/dim.js'
import { fail } from '../../../lib/data/error.js'
import { type Kernel, kernelNames } from '../../../lib/loop/index.js'
import type { GpuBinding, GpuDispatch, GpuScratch } from './dispatch.js'
import { type Emission, elementType, type Memory, memoryOf } from './emission.js'
import { sizeField } from './literal.js'
import { preludeOf } from './prelude.js'

export interface Frame {
  readonly kernel: Kernel
  readonly width: number
  readonly groups: Dim
  readonly scratch: readonly GpuScratch[]
  /** Whether the device has f16. */
  readonly halves: boolean
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
  const halves = memories.some((m) => m.dtype === 'f16')
  if (halves && !frame.halves) refuse(e, 'f16', "a device with the feature 'shader-f16'")
  const lines = [
    ...(halves ? ['enable f16;', ''] : []),
    ...bindings.map(({ access }, i) => bindingText(e, memories[i], access, i)),
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

function bindingText(
  e: Emission,
  memory: Memory | undefined,
  access: GpuBinding['access'],
  binding: number,
): string {
  if (memory === undefined || memory.dtype === 'f64') {
    return refuse(e, 'f64', 'f32, f16, i32, u32 or bool')
  }
  const type = `array<${elementType(memory.dtype)}>`
  return `@group(0) @binding(${binding}) var<storage, ${access}> ${memory.text}: ${type};`
}

const refuse = (e: Emission, dtype: string, expected: string): never =>
  fail({
    code: 'dtype',
    where: e.label,
    what: `the GPU has no ${dtype}`,
    expected,
    fix: "Convert to 'f32', or use another backend",
  })

const sizesText = (sizes: readonly string[], binding: number): readonly string[] => [
  `struct Sizes { ${sizes.map((name) => `${sizeField(name)}: i32`).join(', ')} }`,
  `@group(0) @binding(${binding}) var<uniform> sizes: Sizes;`,
]

function workgroupText(memory: Memory): readonly string[] {
  if (memory.space !== 'workgroup') return []
  const count = Math.max(1, Number(dimProduct(memory.shape)))
  return [`var<workgroup> ${memory.text}: array<${elementType(memory.dtype)}, ${count}>;`]
}
