/**
 * Wrong passes and wrong backends: miscompilations, each of one kind.
 */
import * as Effect from 'effect/Effect'
import type { BackendService } from '../../backends/backend.js'
import { makeReference } from '../../backends/reference/index.js'
import type { NDArray, Sizes } from '../../lib/data/index.js'
import { interpreters } from '../../lib/interpret/index.js'
import { zeros } from '../../lib/ops/index.js'
import type { Pass } from '../../lib/pass/index.js'
import {
  apply,
  closeStrict,
  type Func,
  fold,
  isFunc,
  type Node,
  rebuild,
  type Term,
} from '../../lib/term/index.js'

type Rewrite = (node: Node, args: readonly Term[]) => readonly Term[] | undefined

const rewriting = (name: string, rewrite: Rewrite): Pass => ({
  name,
  sentence: name,
  run: (func) =>
    closeStrict(
      func.name,
      func.params,
      fold<Term>(func, func.params, (node, args) => rewrite(node, args) ?? rebuild(node, args)),
    ),
})

const of =
  (op: string, rewrite: (args: readonly Term[], node: Node) => Term | undefined): Rewrite =>
  (node, args) => {
    const term = node.op.name === op ? rewrite(args, node) : undefined
    return term && [term]
  }

const same = (a: Term, b: Term) => a.dtype === b.dtype && String(a.shape) === String(b.shape)

const withAttrs = (name: string, op: string, change: (node: Node) => Node['attrs']): Pass =>
  rewriting(name, (node, args) =>
    node.op.name === op ? apply(node.op, args, change(node)) : undefined,
  )

/** Passes that some program shows to be wrong. */
export const wrongPasses: readonly Pass[] = [
  rewriting(
    'x − x is 0 (NaN, ∞)',
    of('sub', ([x, y]) => (x === y ? zeros(x) : undefined)),
  ),
  rewriting('operands of sub swapped', (node, [x, y]) =>
    node.op.name === 'sub' ? apply(node.op, [y, x]) : undefined,
  ),
  rewriting(
    '−x is x',
    of('neg', ([x]) => x),
  ),
  rewriting(
    'tanh x is x',
    of('tanh', ([x]) => x),
  ),
  rewriting(
    'max(x, y) is x',
    of('max', ([x]) => x),
  ),
  rewriting(
    'x + y is y',
    of('add', ([, y]) => y),
  ),
  rewriting(
    'x · y is x',
    of('mul', ([x]) => x),
  ),
  rewriting(
    'stopGradient erased',
    of('stopGradient', ([x]) => x),
  ),
  rewriting(
    'a reverse forgotten',
    of('reverse', ([x]) => x),
  ),
  rewriting(
    'a square transpose forgotten',
    of('transpose', ([x], node) => {
      return same(x, node.outs[0]) ? x : undefined
    }),
  ),
  rewriting('branches of select swapped', (node, [c, x, y]) =>
    node.op.name === 'select' ? apply(node.op, [c, y, x]) : undefined,
  ),
  rewriting('operands of concat swapped', (node, args) =>
    node.op.name === 'concat' ? apply(node.op, [...args].reverse(), node.attrs) : undefined,
  ),
  withAttrs('scans run the other way', 'scan', ({ attrs }) => ({
    ...attrs,
    reverse: attrs.reverse !== true,
  })),
  rewriting('branches of switch swapped', (node, args) => {
    const { branches } = node.attrs
    if (node.op.name !== 'switch' || !Array.isArray(branches) || !branches.every(isFunc)) return
    return apply(node.op, args, { ...node.attrs, branches: [...branches].reverse() })
  }),
  {
    name: 'the first result for all of its type',
    sentence: 'shares what is not equal',
    run: (func) => {
      const results = func.results.map((r) => func.results.find((s) => same(r, s)) ?? r)
      return closeStrict(func.name, func.params, results)
    },
  },
  {
    name: 'the last result left out',
    sentence: 'drops what is used',
    run: (func) => closeStrict(func.name, func.params, func.results.slice(0, -1)),
  },
]

type Call = (args: readonly NDArray[], sizes: Sizes) => readonly NDArray[]

/** The reference, with programs that are called in another way. */
function wrongBackend(name: string, load: (func: Func) => Call): BackendService {
  const reference = makeReference()
  return {
    ...reference,
    name,
    load: (func) =>
      Effect.sync(() => {
        const call = load(func)
        const describe = () => ({ stages: [], peakBytes: undefined, compilations: [] })
        const read = (values: readonly object[]) => values as readonly NDArray[] // the laws pass host arrays
        return {
          func,
          describe,
          call: (args, sizes) => call(read(args), sizes).map(reference.place),
        }
      }),
  }
}

const right =
  (func: Func): Call =>
  (args, sizes) =>
    interpreters.evaluate(func, args, sizes)

const changed =
  (f: (x: NDArray) => NDArray) =>
  (func: Func): Call =>
  (args, sizes) =>
    right(func)(args, sizes).map(f)

/** Called in the same roundabout way, but unchanged. */
export const rightBackend = wrongBackend('unchanged', right)

/** Backends that some program shows to be wrong. */
export const wrongBackends: readonly BackendService[] = [
  wrongBackend('the buffer of the first call', (func) => {
    let first: readonly NDArray[] | undefined
    return (args, sizes) => {
      first ??= right(func)(args, sizes)
      return first
    }
  }),
  wrongBackend('an accumulator not cleared', (func) => {
    const sums: NDArray[] = []
    return (args, sizes) =>
      right(func)(args, sizes).map((x, i) => {
        const data = x.data.map((value, k) => value + (sums[i]?.data[k] ?? 0))
        sums[i] = { ...x, data }
        return sums[i]
      })
  }),
  wrongBackend('an argument written over', (func) => (args, sizes) => {
    const results = right(func)(args, sizes)
    for (const { data } of args) data.fill(0)
    return results
  }),
  wrongBackend(
    'a loop that ends one early',
    changed((x) => {
      const data = x.data.slice()
      data[data.length - 1] = 0
      return { ...x, data }
    }),
  ),
  wrongBackend(
    'rows in the order of columns',
    changed((x) => {
      const [rows, columns] = x.shape
      if (x.shape.length !== 2) return x
      const data = x.data.map((_, i) => x.data[(i % rows) * columns + Math.floor(i / rows)])
      return { ...x, data }
    }),
  ),
  wrongBackend(
    'f64 rounded to f32',
    changed((x) => (x.dtype === 'f64' ? { ...x, data: x.data.map(Math.fround) } : x)),
  ),
]
