/**
 * Layouts and bind groups of a device, made once for each form and each choice of buffers.
 *
 *   'read write' + uniform    →  a layout, shared by every pipeline of that form
 *   layout, buffers 3, 7, u5  →  a bind group, kept until one of the buffers is destroyed
 */
import type { DeviceBuffer } from './pool.js'
import { compute } from './usage.js'

/** The form of a dispatch's bindings: what each buffer is, and whether sizes follow. */
export interface Form {
  readonly access: readonly ('read' | 'read_write')[]
  /** Bytes of the uniform behind the buffers; 0 where there is none. */
  readonly uniformBytes: number
}

export interface Layout {
  readonly key: string
  readonly form: Form
  readonly group: GPUBindGroupLayout
  readonly pipeline: GPUPipelineLayout
}

export interface Groups {
  readonly layout: (form: Form) => Layout
  /** The last buffer is the uniform's, where the form has one. */
  readonly bind: (layout: Layout, buffers: readonly DeviceBuffer[]) => GPUBindGroup
  /** Drops the groups with the buffer. */
  readonly forget: (buffer: number) => void
}

/** Groups beyond this many are dropped, all at once. */
const most = 4096

export function groupCache(gpu: GPUDevice): Groups {
  const layouts = new Map<string, Layout>()
  const groups = new Map<string, GPUBindGroup>()
  const users = new Map<number, string[]>()

  const makeLayout = (key: string, form: Form): Layout => {
    const entries = form.access.map(
      (access, binding): GPUBindGroupLayoutEntry => ({
        binding,
        visibility: compute,
        buffer: { type: access === 'read' ? 'read-only-storage' : 'storage' },
      }),
    )
    if (form.uniformBytes > 0) {
      const buffer = { type: 'uniform', hasDynamicOffset: true } as const
      entries.push({ binding: entries.length, visibility: compute, buffer })
    }
    const group = gpu.createBindGroupLayout({ entries })
    const pipeline = gpu.createPipelineLayout({ bindGroupLayouts: [group] })
    return { key, form, group, pipeline }
  }
  const makeGroup = ({ group, form }: Layout, buffers: readonly DeviceBuffer[]): GPUBindGroup =>
    gpu.createBindGroup({
      layout: group,
      entries: buffers.map(({ buffer }, binding) => ({
        binding,
        resource: binding < form.access.length ? { buffer } : { buffer, size: form.uniformBytes },
      })),
    })

  return {
    layout: (form) => {
      const key = `${form.access.map((a) => (a === 'read' ? 'r' : 'w')).join('')}${form.uniformBytes}`
      const known = layouts.get(key) ?? makeLayout(key, form)
      layouts.set(key, known)
      return known
    },
    bind: (layout, buffers) => {
      let key = layout.key
      for (const { id } of buffers) key += ` ${id}`
      const known = groups.get(key)
      if (known !== undefined) return known
      if (groups.size >= most) {
        groups.clear()
        users.clear()
      }
      const made = makeGroup(layout, buffers)
      groups.set(key, made)
      for (const { id } of buffers) {
        const keys = users.get(id)
        if (keys === undefined) users.set(id, [key])
        else keys.push(key)
      }
      return made
    },
    forget: (buffer) => {
      for (const key of users.get(buffer) ?? []) groups.delete(key)
      users.delete(buffer)
    },
  }
}
