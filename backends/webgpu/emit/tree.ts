/**
 * Trees: what the invocations of a workgroup added up, each a part, becomes one value for all.
 *
 *   parts p of 256 invocations, no subgroups    →    halves joined in workgroup memory: 8 steps
 *   in subgroups of 32                          →    p joined by shuffles: 5 steps, no barrier;
 *                                                    8 sums to memory; joined by shuffles again
 *
 * The order is fixed by the width and the size of a subgroup, so that a device always gives the
 * same. Only shuffles are asked of subgroups: their own maxima and sums have no rule for NaN and no
 * order. A subgroup holds neighbours, all of them there: a width below the largest size of one
 * takes the first form.
 */
import { identityOf } from '../../../lib/loop/index.js'
import { type Accumulator, type Emission, within, write } from './emission.js'
import { combination } from './expression.js'
import { literal } from './literal.js'

/** The invocation's number in its workgroup. */
export const lane = 'lane'
/** The size of its subgroup, and its number there. */
export const subgroupSize = 'size'
export const member = 'member'

/** An accumulator, and the variable of each invocation's part. */
export interface PartialSum {
  readonly sum: Accumulator
  readonly part: string
}

export interface TreeShape {
  /** Invocations of the workgroup. */
  readonly width: number
  /** Whether they come in whole subgroups. */
  readonly subgroups: boolean
}

export function emitTrees(e: Emission, shape: TreeShape, sums: readonly PartialSum[]): void {
  if (!shape.subgroups) {
    for (const each of sums) emitTree(e, shape.width, each)
    return
  }
  for (let from = 0; from < sums.length; from += together) {
    emitShuffles(e, shape.width, sums.slice(from, from + together))
  }
}

/** The least size of a subgroup in WGSL. */
const leastSize = 4
/** Sums between two barriers: of each type, no more memory than one tree takes. */
const together = 4

const typeOf = ({ dtype }: Accumulator): string => (dtype === 'bool' ? 'u32' : dtype)

const joined = (e: Emission, sum: Accumulator, a: string, b: string): string =>
  combination(e, sum.combine, sum.dtype === 'bool' ? 'u32' : sum.dtype, a, b)

const asWord = ({ dtype }: Accumulator, x: string): string => (dtype === 'bool' ? `u32(${x})` : x)

/** The accumulator takes the total in. */
function accept(e: Emission, sum: Accumulator, total: string): void {
  const value = sum.dtype === 'bool' ? `(${total} != 0u)` : total
  write(e, `${sum.text} = ${combination(e, sum.combine, sum.dtype, sum.text, value)};`)
}

/** Parts joined pairwise, halves apart, in workgroup memory. */
function emitTree(e: Emission, width: number, { sum, part }: PartialSum): void {
  const tree = `tree_${typeOf(sum)}`
  e.shared.set(tree, `array<${typeOf(sum)}, ${width}>`)
  const element = (index: string): string => `${tree}[${index}]`
  write(e, `${element(lane)} = ${asWord(sum, part)};`)
  write(e, 'workgroupBarrier();')
  within(e, `for (var half = ${width / 2}u; half > 0u; half >>= 1u)`, () => {
    const pair = joined(e, sum, element(lane), element(`${lane} + half`))
    write(e, `if (${lane} < half) { ${element(lane)} = ${pair}; }`)
    write(e, 'workgroupBarrier();')
  })
  const total = e.fresh('total')
  write(e, `let ${total} = workgroupUniformLoad(&${element('0')});`)
  accept(e, sum, total)
}

/** Several sums: in each subgroup, between subgroups through memory, in each subgroup again. */
function emitShuffles(e: Emission, width: number, sums: readonly PartialSum[]): void {
  e.used.features.add('subgroups')
  const trees = sums.map(({ sum, part }, n) => {
    const type = typeOf(sum)
    const [tree, value] = [`tree_${type}_${n}`, e.fresh('sum')]
    e.shared.set(tree, `array<${type}, ${width / leastSize}>`)
    write(e, `var ${value} = ${asWord(sum, part)};`)
    shuffle(e, sum, value)
    return { sum, tree, value }
  })
  within(e, `if (${member} == 0u)`, () => {
    for (const { tree, value } of trees) write(e, `${tree}[${lane} / ${subgroupSize}] = ${value};`)
  })
  write(e, 'workgroupBarrier();')
  for (const { sum, value } of trees) {
    const start = literal(e, sum.dtype, identityOf(sum.combine, sum.dtype))
    write(e, `${value} = ${asWord(sum, start)};`)
  }
  const count = `${width}u / ${subgroupSize}`
  within(e, `for (var i = ${member}; i < ${count}; i += ${subgroupSize})`, () => {
    for (const { sum, tree, value } of trees) {
      write(e, `${value} = ${joined(e, sum, value, `${tree}[i]`)};`)
    }
  })
  for (const { sum, value } of trees) {
    shuffle(e, sum, value)
    accept(e, sum, value)
  }
  // The next ones may be written at once.
  write(e, 'workgroupBarrier();')
}

/** A variable becomes the join of those of all members: neighbours first. */
function shuffle(e: Emission, sum: Accumulator, value: string): void {
  within(e, `for (var apart = 1u; apart < ${subgroupSize}; apart <<= 1u)`, () => {
    write(e, `${value} = ${joined(e, sum, value, `subgroupShuffleXor(${value}, apart)`)};`)
  })
}
