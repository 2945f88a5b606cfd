/**
 * The form of a switch: its branches and its type rule, with errors in words.
 */
import { fail } from '../../data/index.js'
import { type Attrs, type Func, isFunc, showType, type TensorType } from '../../term/index.js'
import { sameType } from './body.js'
import { checkArguments } from './scanType.js'

/** The branches, checked: a printed program may hold something else. */
export function branchesOf(attrs: Attrs): readonly Func[] {
  const { branches } = attrs
  return Array.isArray(branches) && branches.length > 0 && branches.every(isFunc)
    ? branches
    : fail({ code: 'attribute', where: 'switch', what: 'there are no branches' })
}

export function switchType(
  [index, ...operands]: readonly TensorType[],
  branches: readonly Func[],
): readonly TensorType[] {
  const indexes = index.dtype === 'bool' || index.dtype === 'i32' || index.dtype === 'u32'
  if (index.shape.length > 0 || !indexes) {
    const what = `the index is ${showType(index)}`
    fail({ code: 'dtype', where: 'switch', what, expected: 'a scalar of bool, i32 or u32' })
  }
  const first = branches[0].results
  branches.forEach((branch, b) => {
    checkArguments('switch', operands.length, branch)
    const wrong = operands.findIndex((x, i) => !sameType(x, branch.params[i]))
    if (wrong >= 0) {
      const what = `operand ${wrong} is ${showType(operands[wrong])}`
      const expected = `${showType(branch.params[wrong])}, as branch ${b} takes`
      fail({ code: 'shape', where: 'switch', what, expected })
    }
    if (branch.results.length !== first.length) {
      const what = `branch ${b} gives ${branch.results.length} results, branch 0 ${first.length}`
      fail({ code: 'input', where: 'switch', what, expected: 'as many from each branch' })
    }
    const other = branch.results.findIndex((r, i) => !sameType(r, first[i]))
    if (other >= 0) {
      fail({
        code: branch.results[other].dtype === first[other].dtype ? 'shape' : 'dtype',
        where: 'switch',
        what: `branch 0 gives ${showType(first[other])} and branch ${b} ${showType(branch.results[other])} as result ${other}`,
        expected: 'one type from every branch',
        fix: 'Convert, reshape or broadcast one of them',
      })
    }
  })
  return first.map(({ dtype, shape }) => ({ dtype, shape }))
}
