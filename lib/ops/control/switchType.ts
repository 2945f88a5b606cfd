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
  branches.forEach((branch, b) => {
    checkArguments('switch', operands.length, branch)
    const wrong = operands.findIndex((x, i) => !sameType(x, branch.params[i]))
    if (wrong >= 0) {
      const what = `operand ${wrong} is ${showType(operands[wrong])}`
      const expected = `${showType(branch.params[wrong])}, as branch ${b} takes`
      fail({ code: 'shape', where: 'switch', what, expected })
    }
  })
  checkAlike('switch', nameBranch, branches)
  return branches[0].results.map(({ dtype, shape }) => ({ dtype, shape }))
}

export const nameBranch = (b: number): string => `branch ${b}`

/** Fails unless every branch gives what the first one does; `named` is how the user knows them. */
export function checkAlike(
  where: string,
  named: (branch: number) => string,
  branches: readonly { readonly results: readonly TensorType[] }[],
): void {
  const [{ results: first }] = branches
  branches.forEach(({ results }, b) => {
    if (results.length !== first.length) {
      const what = `${named(b)} gives ${results.length} results, ${named(0)} ${first.length}`
      fail({ code: 'input', where, what, expected: 'as many from each branch' })
    }
    const other = results.findIndex((r, i) => !sameType(r, first[i]))
    if (other < 0) return
    const [one, two] = [first[other], results[other]]
    const which = first.length > 1 ? ` as result ${other}` : ''
    fail({
      code: one.dtype === two.dtype ? 'shape' : 'dtype',
      where,
      what: `${named(0)} gives ${showType(one)} and ${named(b)} ${showType(two)}${which}`,
      expected: 'one type from every branch',
      fix: 'Convert, reshape or broadcast one of them',
    })
  })
}
