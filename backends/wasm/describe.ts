/**
 * What the compiler made of a program, stage by stage, as text: for `explain`.
 *
 *   the stages that all backends share · the WebAssembly of each kernel
 */
import { byteSize, dimProduct, dimValue, type Sizes } from '../../lib/data/index.js'
import type { Compilation } from '../../lib/loop/compile.js'
import type { Description, Stage } from '../backend.js'
import { compilationStages } from '../stages.js'
import type { Executable } from './executable.js'
import { showFunction } from './text.js'

export function describe(
  compilation: Compilation,
  loaded: Executable,
  compilations: readonly string[],
  sizes: Sizes | undefined,
): Description {
  return {
    stages: [...compilationStages(compilation), moduleStage(loaded)],
    peakBytes: sizes && arrayBytes(compilation, sizes) + loaded.workingBytes(sizes),
    compilations,
  }
}

/** The functions of the module and how long each is, with their texts as parts. */
function moduleStage({ compiled }: Executable): Stage {
  const { functions } = compiled.module
  const lines = functions.map((f) => `  ${f.name}: ${f.body.length} instructions`)
  return {
    name: 'WebAssembly',
    text: [`module of ${compiled.binary.length} bytes`, ...lines].join('\n'),
    parts: functions.map((f) => ({ name: f.name, text: showFunction(f) })),
  }
}

/** Bytes of arguments and results at the given sizes; a donated argument's serve its result too. */
const arrayBytes = ({ source, reuse }: Compilation, sizes: Sizes): number =>
  [...source.params, ...source.results.filter((_, i) => !reuse.has(i))].reduce(
    (sum, t) => sum + byteSize[t.dtype] * dimValue(dimProduct(t.shape), sizes),
    0,
  )
