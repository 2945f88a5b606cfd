/**
 * The dtypes of a backend, asked of a function before it is compiled.
 */
import { type DType, fail } from '../lib/data/index.js'
import { type Func, showType } from '../lib/term/index.js'

/** Fails, with its line, for the first value of a dtype that the backend has not. */
export function needDTypes(backend: string, dtypes: readonly DType[], func: Func): void {
  const values = [...func.params, ...func.nodes.flatMap((n) => n.outs)]
  const other = values.find((t) => !dtypes.includes(t.dtype))
  if (other === undefined) return
  fail({
    code: 'backend',
    where: other.node.source?.line() ?? `'${other.node.op.name}'`,
    what: `${backend} has no ${showType(other)}`,
    expected: dtypes.join(', '),
    fix: "Convert to 'f32'",
  })
}
