/**
 * Compute pipelines, cached by the text of their shader: equal kernels of different programs share
 * one. Those that no program uses are kept for a while, the oldest going first.
 */
import { shaderFault } from './fault.js'
import type { Layout } from './groups.js'

export interface Pipelines {
  /** Compiles, or finds what was compiled; fails with the kernel's name and lines. */
  readonly open: (label: string, wgsl: string, layout: Layout) => Promise<GPUComputePipeline>
  /** A program lets go of a shader that it opened. */
  readonly close: (wgsl: string) => void
  /** How many are compiled now. */
  readonly count: () => number
}

interface Entry {
  readonly pipeline: Promise<GPUComputePipeline>
  users: number
}

/** How many are kept that no program uses. */
const spare = 256

export function pipelineCache(gpu: GPUDevice): Pipelines {
  const entries = new Map<string, Entry>()
  const unused = new Set<string>()
  return {
    open: (label, wgsl, layout) => {
      const known = entries.get(wgsl)
      unused.delete(wgsl)
      if (known !== undefined) {
        known.users++
        return known.pipeline
      }
      const pipeline = compilePipeline(gpu, label, wgsl, layout)
      entries.set(wgsl, { pipeline, users: 1 })
      pipeline.catch(() => entries.delete(wgsl)) // the caller hears of it
      return pipeline
    },
    close: (wgsl) => {
      const entry = entries.get(wgsl)
      if (entry === undefined || --entry.users > 0) return
      unused.add(wgsl)
      for (const oldest of unused) {
        if (unused.size <= spare) return
        unused.delete(oldest)
        entries.delete(oldest)
      }
    },
    count: () => entries.size,
  }
}

async function compilePipeline(
  gpu: GPUDevice,
  label: string,
  code: string,
  layout: Layout,
): Promise<GPUComputePipeline> {
  // The scope keeps what is wrong with the module from being reported twice.
  gpu.pushErrorScope('validation')
  const module = gpu.createShaderModule({ label, code })
  const quiet = gpu.popErrorScope().catch(() => null)
  try {
    return await gpu.createComputePipelineAsync({
      label,
      layout: layout.pipeline,
      compute: { module, entryPoint: 'main' },
    })
  } catch (cause) {
    const [info, error] = await Promise.all([module.getCompilationInfo().catch(() => null), quiet])
    const wrong = info?.messages.filter(({ type }) => type === 'error') ?? []
    const messages = wrong.map(({ message, lineNum, linePos }) => ({
      message,
      line: lineNum,
      column: linePos,
    }))
    const said = error?.message ?? (cause instanceof Error ? cause.message : String(cause))
    throw shaderFault(label, code, messages, said)
  }
}
