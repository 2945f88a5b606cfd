/**
 * What the compiler made of a program, stage by stage, as text: for `explain`.
 *
 *   the stages that all backends share · the C of the program
 */
import { byteSize, dimProduct, dimValue, type Sizes } from '../../lib/data/index.js'
import type { Compilation } from '../../lib/loop/compile.js'
import type { Func } from '../../lib/term/index.js'
import type { Description } from '../backend.js'
import { compilationStages } from '../stages.js'
import type { Executable } from './executable.js'

export function describe(
  compilation: Compilation,
  text: string,
  workingBytes: Executable['workingBytes'],
  compilations: readonly string[],
  sizes: Sizes | undefined,
): Description {
  return {
    stages: [...compilationStages(compilation), { name: 'C', text }],
    peakBytes: sizes && arrayBytes(compilation.source, sizes) + workingBytes(sizes),
    compilations,
  }
}

/** Bytes of arguments and results at the given sizes. */
const arrayBytes = (func: Func, sizes: Sizes): number =>
  [...func.params, ...func.results].reduce(
    (sum, t) => sum + byteSize[t.dtype] * dimValue(dimProduct(t.shape), sizes),
    0,
  )
