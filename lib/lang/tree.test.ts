import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { flatten, flattenAs, type LeafKind, leafCount, showStructure, unflatten } from './tree.js'

const numberKind: LeafKind<number> = {
  noun: 'a number',
  isLeaf: (x): x is number => typeof x === 'number',
}

const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.integer(),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), tie('tree'), { maxKeys: 3 }),
  ),
}))

describe('trees', () => {
  it('unflatten is the inverse of flatten', () => {
    fc.assert(
      fc.property(tree, (t) => {
        const { leaves, structure } = flatten(t, numberKind, 'tree')
        expect(unflatten(structure, leaves)).toEqual(t)
        expect(leafCount(structure)).toBe(leaves.length)
      }),
    )
  })

  it('flattenAs is flatten, for a tree of that structure', () => {
    fc.assert(
      fc.property(tree, (t) => {
        const { leaves, structure } = flatten(t, numberKind, 'tree')
        expect(flattenAs(structure, t, numberKind, 'tree')).toEqual(leaves)
      }),
    )
  })

  it('a path leads to its leaf', () => {
    fc.assert(
      fc.property(tree, (t) => {
        const { leaves, paths } = flatten(t, numberKind, 'tree')
        const at = (path: string) =>
          path === ''
            ? t
            : path.split('.').reduce<never>((part, key) => part[key] as never, t as never)
        expect(paths.map(at)).toEqual(leaves)
      }),
    )
  })

  it('the order of keys does not matter to flattenAs', () => {
    const { structure } = flatten({ a: 1, b: 2 }, numberKind, 'tree')
    expect(flattenAs(structure, { b: 20, a: 10 }, numberKind, 'tree')).toEqual([10, 20])
    expect(showStructure(structure, ['x', 'y'])).toBe('{ a: x, b: y }')
  })
})
