/**
 * Switch: one of several branches, chosen when the program runs; the others do not run.
 *
 *   (index, x…) → results…      branches: (x…) → results…, all of the same types
 *
 * cond is a switch on a bool: branches [else, then]. Only a batch of indices that differ runs all
 * branches, and selects. Residuals of reverse mode: for each type as many as the greediest branch.
 */
import { type Dim, dimAdd, fail } from '../../data/index.js'
import {
  apply,
  type Func,
  type Op,
  type Sample,
  showType,
  type TensorType,
  type Term,
} from '../../term/index.js'
import { mul, neg } from '../arithmetic.js'
import { closeTogether, define, named, trace } from './body.js'
import { batchSwitch, jvpSwitch, splitSwitch, transposeSwitch } from './switchRules.js'
import { branchesOf, checkAlike, nameBranch, switchType } from './switchType.js'

export const switchOp: Op = {
  name: 'switch',
  doc: 'Runs the branch that the index names, a bool (then last), i32 or u32; it is clamped.',
  grade: ['jump', 'smooth'],
  type: (args, attrs) => switchType(args, branchesOf(attrs)),
  evaluate: ({ args, attrs, sizes, interpret }) => {
    const branches = branchesOf(attrs)
    const at = Math.min(Math.max(args[0].data[0], 0), branches.length - 1)
    return interpret.evaluate(branches[at], args.slice(1), sizes)
  },
  jvp: jvpSwitch,
  split: splitSwitch,
  transpose: transposeSwitch,
  batch: batchSwitch,
  cost: ({ attrs, interpret }) => ({
    flops: branchesOf(attrs)
      .map((b) => interpret.cost(b).flops)
      .reduce(larger),
  }),
  get samples(): readonly Sample[] {
    const x: TensorType = { dtype: 'f64', shape: [3] }
    const branches = [
      define('twice', [x], ([v]) => [mul(v, 2)]),
      define('squared', [x], ([v]) => [mul(v, v)]),
      define('negated', [x], ([v]) => [neg(v)]),
    ]
    const operand = { kind: 'float' as const, shape: [3] }
    return [
      { args: [{ kind: 'int', shape: [], range: [-1, 3] }, operand], attrs: { branches } },
      { args: [{ kind: 'bool', shape: [] }, operand], attrs: { branches: branches.slice(1) } },
    ]
  },
}

/** The cost of the dearest branch; of all where named sizes make that unknowable. */
const larger = (a: Dim, b: Dim): Dim => {
  if (typeof a === 'number' && typeof b === 'number') return Math.max(a, b)
  return a === b ? a : dimAdd(a, b)
}

/**
 * The results of branch `index` (clamped) on the operands. Branches may use outer tensors.
 * Errors: branches whose results differ in number or type, an index that is not a whole scalar.
 */
export function switchCase(
  index: Term,
  branches: readonly ((operands: readonly Term[]) => readonly Term[])[],
  operands: readonly Term[] = [],
  { where, nameOf } = { where: 'switchCase', nameOf: nameBranch },
): readonly Term[] {
  const traced = branches.map((branch) => trace('switch', named('x', operands), branch))
  if (traced.length > 0) checkAlike(where, nameOf, traced)
  const { funcs, captures } = closeTogether('switch', traced)
  return switchFunc(funcs, index, [...captures, ...operands])
}

/** `then` where the predicate holds, else `otherwise`; only one of them runs. */
export const cond = (
  predicate: Term,
  then: (operands: readonly Term[]) => readonly Term[],
  otherwise: (operands: readonly Term[]) => readonly Term[],
  operands: readonly Term[] = [],
): readonly Term[] => {
  if (predicate.dtype !== 'bool') {
    const what = `the predicate is ${showType(predicate)}`
    fail({ code: 'dtype', where: 'cond', what, expected: 'bool[]', fix: 'Compare: gt(x, 0)' })
  }
  const nameOf = (b: number): string => (b === 0 ? 'otherwise' : 'then')
  return switchCase(predicate, [otherwise, then], operands, { where: 'cond', nameOf })
}

/** The switch over ready branches, each `(x…) → results…`. */
export const switchFunc = (
  branches: readonly Func[],
  index: Term,
  args: readonly Term[],
): readonly Term[] => apply(switchOp, [index, ...args], { branches })
