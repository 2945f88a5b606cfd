/**
 * Unification: what the named sizes of a function's inputs stand for in one call.
 *
 *   { x: [b, i], w: [i, 10] }  meets  { x: [32, 784], w: [784, 10] }    →    b = 32, i = 784
 *
 * Captured terms take part: their names are the caller's, so they stand for themselves. The
 * messages are those that the type checker gives for the same faults.
 */
import { type Dim, dimSubstitute, fail, isDimName } from '../data/index.js'
import type { TensorType } from '../term/index.js'
import type { Renaming } from './substitute.js'

/** One input and what it is called with. */
export interface Meeting {
  readonly path: string
  readonly spec: TensorType
  readonly given: TensorType
}

/** The size that each name stands for; fails at the argument at fault. */
export function unifySizes(where: string, meetings: readonly Meeting[]): Renaming {
  const sizes = new Map<string, Dim>()
  for (const meeting of meetings) {
    checkType(where, meeting)
    meeting.spec.shape.forEach((dim, axis) => {
      if (typeof dim === 'number' || !isDimName(dim)) return
      bind(where, sizes, dim, meeting.given.shape[axis], meeting.path)
    })
  }
  const renaming = Object.fromEntries(sizes)
  for (const { path, spec, given } of meetings) {
    const wanted = spec.shape.map((dim) => dimSubstitute(dim, renaming))
    if (wanted.some((dim, axis) => dim !== given.shape[axis])) mismatch(where, path, wanted, given)
  }
  return renaming
}

function checkType(where: string, { path, spec, given }: Meeting): void {
  if (spec.dtype !== given.dtype) {
    fail({
      code: 'dtype',
      where,
      what: `'${path}' is ${spec.dtype}, got ${given.dtype}`,
      fix: `Cast it: convert(x, '${spec.dtype}')`,
    })
  }
  if (spec.shape.length !== given.shape.length) mismatch(where, path, spec.shape, given)
}

function bind(where: string, sizes: Map<string, Dim>, name: string, size: Dim, path: string): void {
  const before = sizes.get(name)
  if (before !== undefined && before !== size) {
    fail({
      code: 'shape',
      where,
      what: `'${name}' is both ${before} and ${size} in '${path}'`,
      fix: 'Sizes of one name must be equal in one call',
    })
  }
  sizes.set(name, size)
}

function mismatch(where: string, path: string, wanted: readonly Dim[], given: TensorType): never {
  return fail({
    code: 'shape',
    where,
    what: `'${path}' needs [${wanted.join(', ')}], got [${given.shape.join(', ')}]`,
  })
}
