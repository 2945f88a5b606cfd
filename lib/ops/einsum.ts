/**
 * einsum: sums of products named by letters, as dots of pairs.
 *
 *   'ij,jk->ik'   'bi,bi->b'   'ii->i' (diagonal)   'ij->' (sum)   'ij,jk' (implicit)   '...ij,jk'
 *
 * A letter twice in one operand takes its diagonal; a letter in no other operand and not in the
 * result is summed at once; the rest contract in pairs, cheapest first. Without `->` the result
 * has the letters that occur once, in alphabetical order, behind the axes of `...`.
 */
import { type Dim, fail } from '../data/index.js'
import { showType, type Term } from '../term/index.js'
import { needTerm, needText } from './attributes.js'
import { range } from './axes.js'
import { reshape, sumAxes } from './broadcast.js'
import { iota } from './constant.js'
import { dot } from './dot.js'
import { gather } from './gather.js'
import { moveAxis, transpose } from './transpose.js'
import type { Word } from './vocabulary.js'

interface Labelled {
  readonly term: Term
  /** One label an axis. */
  readonly labels: readonly string[]
}

/** The sum of products that the spec names. */
export function einsum(spec: string, operands: readonly Term[]): Term {
  const plan = parse(spec, operands)
  let parts = plan.operands.map(withoutRepeats)
  while (parts.length > 1) {
    parts = parts.map((part, i) => summedOut(part, neededBeside(parts, [i], plan.result)))
    const [i, j] = cheapestPair(parts, plan.result)
    const needed = neededBeside(parts, [i, j], plan.result)
    const joined = contract(parts[i], parts[j], needed)
    parts = [...parts.filter((_, k) => k !== i && k !== j), joined]
  }
  const last = summedOut(parts[0], new Set(plan.result))
  return transpose(
    last.term,
    plan.result.map((label) => last.labels.indexOf(label)),
  )
}

interface Plan {
  readonly operands: readonly Labelled[]
  readonly result: readonly string[]
}

function parse(spec: string, terms: readonly Term[]): Plan {
  const [left, right, ...more] = spec.replaceAll(' ', '').split('->')
  const groups = left.split(',')
  const legal = /^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/
  if (more.length > 0 || ![...groups, right ?? ''].every((g) => legal.test(g))) {
    return wrong(spec, terms, 'letters, commas, one -> and ... at most once in each operand')
  }
  if (groups.length !== terms.length) {
    return wrong(spec, terms, `${groups.length} operands, as the spec has`)
  }
  const letters = (group: string) => [...group.replace('...', '')]
  const extra = groups.map((group, k) => {
    const count = terms[k].shape.length - letters(group).length
    const fits = group.includes('...') ? count >= 0 : count === 0
    if (!fits)
      return wrong(spec, terms, `one letter an axis: '${group}' names ${letters(group).length}`)
    return count
  })
  const widest = Math.max(0, ...extra)
  const dots = range(0, widest).map((i) => `.${i}`)
  if (right !== undefined && widest > 0 && !right.includes('...')) {
    return wrong(spec, terms, '... in the result too')
  }
  const expand = (group: string, count: number): readonly string[] => {
    const [before, after] = group.split('...')
    if (after === undefined) return [...before]
    return [...before, ...dots.slice(widest - count), ...after]
  }
  const labels = groups.map((group, k) => expand(group, extra[k]))
  const sizes = sizesOf(spec, terms, labels)
  const result = right === undefined ? implicit(labels, dots) : expand(right, widest)
  const known = result.every((label) => sizes.has(label))
  if (!known || new Set(result).size !== result.length) {
    return wrong(spec, terms, 'each letter of the result once, from the operands')
  }
  return { operands: terms.map((term, k) => fitted(term, labels[k], sizes)), result }
}

/** The letters that occur once, in order, behind the axes of `...`. */
function implicit(labels: readonly (readonly string[])[], dots: readonly string[]) {
  const all = labels.flat()
  const once = all.filter((l) => !l.startsWith('.') && all.indexOf(l) === all.lastIndexOf(l))
  return [...dots, ...once.sort()]
}

/** The size of each label; axes of `...` broadcast. */
function sizesOf(spec: string, terms: readonly Term[], labels: readonly (readonly string[])[]) {
  const sizes = new Map<string, Dim>()
  terms.forEach((term, k) => {
    labels[k].forEach((label, axis) => {
      const size = term.shape[axis]
      const before = sizes.get(label)
      const stretches = label.startsWith('.') && (size === 1 || before === 1)
      if (before !== undefined && before !== size && !stretches) {
        wrong(spec, terms, `one size for '${label}', which is both ${before} and ${size}`)
      }
      if (before === undefined || before === 1) sizes.set(label, size)
    })
  })
  return sizes
}

/** The operand without the axes of size 1 that broadcast: they stand for any index. */
function fitted(term: Term, labels: readonly string[], sizes: ReadonlyMap<string, Dim>): Labelled {
  const kept = range(0, labels.length).filter((i) => term.shape[i] === sizes.get(labels[i]))
  const shape = kept.map((i) => term.shape[i])
  return { term: reshape(term, shape), labels: kept.map((i) => labels[i]) }
}

/** Takes the diagonal of labels that occur twice in one operand. */
function withoutRepeats({ term, labels }: Labelled): Labelled {
  const second = labels.findIndex((label, i) => labels.indexOf(label) < i)
  if (second < 0) return { term, labels }
  const first = labels.indexOf(labels[second])
  const size = term.shape[first]
  // [i, …, i] at indices [i, 1] of the last axis, one list for each i in front.
  const pair = moveAxis(moveAxis(term, second, -1), first, 0)
  const index = reshape(iota(size), [size, 1])
  const axis = labels.length - 1
  const diagonal = gather(pair, index, { axis, batch: 1 })
  const rest = labels.filter((_, i) => i !== first && i !== second)
  const dropped = reshape(diagonal, diagonal.shape.slice(0, -1))
  return withoutRepeats({ term: dropped, labels: [labels[first], ...rest] })
}

/** The labels that the result or operands other than those at the places need. */
function neededBeside(
  parts: readonly Labelled[],
  places: readonly number[],
  result: readonly string[],
): ReadonlySet<string> {
  const others = parts.filter((_, k) => !places.includes(k))
  return new Set([...result, ...others.flatMap((p) => p.labels)])
}

/** Sums over the axes that nothing else needs. */
function summedOut({ term, labels }: Labelled, needed: ReadonlySet<string>): Labelled {
  const axes = range(0, labels.length).filter((i) => !needed.has(labels[i]))
  return { term: sumAxes(term, axes), labels: labels.filter((l) => needed.has(l)) }
}

/** The pair whose product costs least: what it multiplies, then what it leaves. */
function cheapestPair(parts: readonly Labelled[], result: readonly string[]): [number, number] {
  let best: [number, number] = [0, 1]
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < parts.length; i++) {
    for (let j = i + 1; j < parts.length; j++) {
      const needed = neededBeside(parts, [i, j], result)
      const sizes = new Map([...labelSizes(parts[i]), ...labelSizes(parts[j])])
      const volume = [...sizes].reduce((acc, [, n]) => acc * n, 1)
      const left = [...sizes].reduce((acc, [l, n]) => (needed.has(l) ? acc * n : acc), 1)
      const cost = volume + left
      if (cost < least) {
        least = cost
        best = [i, j]
      }
    }
  }
  return best
}

/** A size that is only named counts as this many when costs are compared. */
const typicalSize = 128

const labelSizes = ({ term, labels }: Labelled): readonly (readonly [string, number])[] =>
  labels.map((label, i) => {
    const size = term.shape[i]
    return [label, typeof size === 'number' ? size : typicalSize]
  })

/** The product of two operands, summed over the shared labels that nothing else needs. */
function contract(a: Labelled, b: Labelled, needed: ReadonlySet<string>): Labelled {
  const shared = a.labels.filter((label) => b.labels.includes(label))
  const batch = shared.filter((label) => needed.has(label))
  const summed = shared.filter((label) => !needed.has(label))
  const at = (part: Labelled, labels: readonly string[]) =>
    labels.map((label) => part.labels.indexOf(label))
  const term = dot(a.term, b.term, {
    lhsBatch: at(a, batch),
    rhsBatch: at(b, batch),
    lhsContract: at(a, summed),
    rhsContract: at(b, summed),
  })
  const free = (part: Labelled) => part.labels.filter((label) => !shared.includes(label))
  return { term, labels: [...batch, ...free(a), ...free(b)] }
}

function wrong(spec: string, terms: readonly Term[], expected: string): never {
  return fail({
    code: 'shape',
    where: 'einsum',
    what: `'${spec}' does not fit ${terms.map(showType).join(', ') || 'no operands'}`,
    expected,
  })
}

export const einsumWords: Readonly<Record<string, Word>> = {
  einsum: (args, attrs) =>
    einsum(
      needText('einsum', attrs, 'spec'),
      args.map((x) => needTerm('einsum', x)),
    ),
}
