/**
 * What the compiler made of a program, stage by stage, as text: for `explain`.
 *
 *   the stages that all backends share · the WGSL of each dispatch
 */
import { dimProduct, dimValue, type Sizes } from '../../lib/data/index.js'
import type { Compilation } from '../../lib/loop/compile.js'
import type { Func } from '../../lib/term/index.js'
import type { Description, Stage } from '../backend.js'
import { compilationStages } from '../stages.js'
import type { GpuDispatch } from './emit/index.js'
import { arrayBytes, constantBytes, slotBytes } from './memory.js'
import { classOf } from './pool.js'
import type { Compiled } from './record.js'
import { isPlain, walk } from './walk.js'

export function describe(
  compilation: Compilation,
  compiled: Compiled,
  compilations: readonly string[],
  sizes: Sizes | undefined,
): Description {
  return {
    stages: [...compilationStages(compilation), shaderStage(compiled)],
    peakBytes: sizes && peakBytes(compilation.source, compiled, sizes),
    compilations: [...compilations],
  }
}

/** The dispatches and their workgroups, with the text of each as a part. */
function shaderStage({ dispatches }: Compiled): Stage {
  const all = [...dispatches.values()].flat()
  const lines = all.map((each) => `  ${headOf(each)}`)
  return {
    name: 'WGSL',
    text: [`${all.length} dispatches`, ...lines].join('\n'),
    parts: all.map((each) => ({
      name: each.label,
      text: `// ${headOf(each)}\n${each.wgsl.trimEnd()}`,
    })),
  }
}

const headOf = ({ label, groups, scratch }: GpuDispatch): string => {
  const held = scratch.map(({ name, dtype, shape }) => `${name}: ${dtype}[${shape.join(', ')}]`)
  const memory = held.length === 0 ? '' : `, scratch ${held.join(', ')}`
  return `${label}: ${groups.join(' × ')} workgroups${memory}`
}

/**
 * Bytes of one call: arguments, results, arena, constants, and what its recording needs, as the
 * pool hands them out. Where the host answers questions on the way, the recordings are left out.
 */
function peakBytes(func: Func, compiled: Compiled, sizes: Sizes): number {
  const { program, limits } = compiled
  const arrays = [...func.params, ...func.results].map((t) =>
    arrayBytes(t.dtype, dimValue(dimProduct(t.shape), sizes), limits),
  )
  const held = [...arrays, ...slotBytes(program, sizes, limits), ...constantBytes(program, limits)]
  const total = held.reduce((sum, bytes) => sum + classOf(bytes), 0)
  return total + recordedBytes(compiled, sizes)
}

function recordedBytes(compiled: Compiled, sizes: Sizes): number {
  const names = new Map(compiled.program.buffers.map((b, i) => [b.name, i]))
  if (!compiled.program.steps.every(isPlain)) return 0
  const each = Array.from(walk(compiled, sizes, names), ({ recording }) => {
    const { words, table, cells, scratch } = recording
    const gates = table.length + cells === 0 ? [] : [4 * table.length, 4 * table.length, 4 * cells]
    const bytes = [...(words.length === 0 ? [] : [4 * words.length]), ...gates, ...scratch]
    return bytes.reduce((sum, n) => sum + classOf(n), 0)
  })
  return Math.max(0, ...each)
}
