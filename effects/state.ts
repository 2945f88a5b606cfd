/**
 * State: references to tensors that a program reads and writes.
 *
 *   functionalized(gen(function* () {
 *     const total = yield* State.make(x)
 *     yield* State.modify(total, (t) => add(t, 1))
 *     yield* State.at(total, i).add(1)
 *     return yield* State.get(total)
 *   }))
 *
 * No op has a side effect: the handler threads the values of all references through the program,
 * and through the carries of its loops and branches. What is made inside one of those ends with it.
 * The grade of what is read is settled when the program is built.
 */
import { fail } from '../lib/data/index.js'
import { signed } from '../lib/lang/face.js'
import { flatMap, later, pure, request } from '../lib/lang/program.js'
import { type Threading, thread } from '../lib/lang/scope.js'
import {
  dynamicSlice,
  dynamicUpdateSlice,
  full,
  mul,
  type ScatterMode,
  sameShape,
  scalar,
  scatter,
  type Operand as TermOperand,
  take,
  where,
} from '../lib/ops/index.js'
import { isTerm, showType, type TensorType, type Term } from '../lib/term/index.js'
import type { DType } from '../lib/types/dtype.js'
import type { MatchFault } from '../lib/types/match.js'
import type { EffectsOf, Program } from '../lib/types/program.js'
import type { Dim, Shape } from '../lib/types/shape.js'
import type { Checked, Operand, Tensor } from '../lib/types/tensor.js'

declare const cell: unique symbol

/** A reference to a tensor of fixed type. It means nothing outside the handler it was made in. */
export interface Ref<S extends Shape = Shape, D extends DType = DType> {
  /** What it holds; it has no value at run time. */
  readonly [cell]?: Tensor<S, D>
}

type Contents<R> = R extends Ref<infer S, infer D> ? Tensor<S, D, string> : never
type Elements<R, I> =
  R extends Ref<infer S, infer D>
    ? S extends readonly [Dim, ...infer Tail extends Shape]
      ? Tensor<I extends Tensor<infer J> ? [...J, ...Tail] : Tail, D, string>
      : never
    : never

/** Reads and writes of some elements; what falls outside is dropped. */
interface Place<X> {
  readonly get: () => Program<X, 'State'>
  readonly set: (x: Tensor | number) => Program<void, 'State'>
}
interface ElementPlace<X> extends Place<X> {
  readonly add: (x: Tensor | number) => Program<void, 'State'>
  readonly min: (x: Tensor | number) => Program<void, 'State'>
  readonly max: (x: Tensor | number) => Program<void, 'State'>
  /** At one index: of several, equal ones would not be multiplied twice. */
  readonly mul: (x: Tensor | number) => Program<void, 'State'>
}

interface StateVocabulary {
  /** A new reference, holding x. */
  readonly make: <S extends Shape, D extends DType>(x: Tensor<S, D>) => Program<Ref<S, D>, 'State'>
  readonly get: <R extends Ref>(ref: R) => Program<Contents<R>, 'State'>
  /** Holds x from now on, a tensor of the same type. */
  readonly set: <R extends Ref, X extends Tensor>(
    ref: R,
    x: Checked<MatchFault<'State.set: the reference and the value differ', Contents<R>, X>, X>,
  ) => Program<void, 'State'>
  /** Holds f of what it held. */
  readonly modify: <R extends Ref, X extends Tensor>(
    ref: R,
    f: (
      x: Contents<R>,
    ) => Checked<MatchFault<'State.modify: the reference and the value differ', Contents<R>, X>, X>,
  ) => Program<void, 'State'>
  /** The rows at an index, or at several, of the first axis. */
  readonly at: <R extends Ref, I extends Operand>(ref: R, index: I) => ElementPlace<Elements<R, I>>
  /** `size` rows from a computed start. */
  readonly range: <R extends Ref>(ref: R, start: Operand, size: Dim) => Place<Tensor>
  /** The elements where a mask of the same shape holds. */
  readonly masked: <R extends Ref>(
    ref: R,
    mask: Tensor<Shape, 'bool'>,
  ) => Pick<Place<Contents<R>>, 'set'>
}

type Asked =
  | { readonly tag: 'make'; readonly value: Term }
  | { readonly tag: 'get'; readonly ref: object }
  | { readonly tag: 'set'; readonly ref: object; readonly value: Term }

const ask = <A>(asked: Asked): Program<A, 'State'> => request('State', asked)
const get = (ref: object): Program<Term, 'State'> => ask({ tag: 'get', ref })
const set = (ref: object, value: Term): Program<void, 'State'> => ask({ tag: 'set', ref, value })
const modify = (ref: object, f: (x: Term) => Term): Program<void, 'State'> =>
  flatMap(get(ref), (x) => set(ref, f(x)))

function at(ref: object, index: TermOperand) {
  const i = typeof index === 'number' ? scalar(index, 'i32') : index
  const rowsOf = (x: Term): TensorType => ({
    dtype: x.dtype,
    shape: [...i.shape, ...x.shape.slice(1)],
  })
  const update = (mode: ScatterMode) => (value: TermOperand) =>
    modify(ref, (x) => scatter(x, i, tensorOf(value, rowsOf(x)), { axis: 0, batch: 0 }, mode))
  return {
    get: () => flatMap(get(ref), (x) => pure(take(x, i, 0))),
    set: update('set'),
    add: update('add'),
    min: update('min'),
    max: update('max'),
    mul: (value: TermOperand) =>
      i.shape.length > 0
        ? fail({
            code: 'effect',
            where: 'State.at',
            what: 'mul at several indices, which may be equal',
            expected: 'one index',
          })
        : flatMap(get(ref), (x) => update('set')(mul(take(x, i, 0), value))),
  }
}

function range(ref: object, start: TermOperand, size: Dim) {
  const startsOf = (x: Term) => x.shape.map((_, axis) => (axis === 0 ? start : 0))
  const sizesOf = (x: Term) => [size, ...x.shape.slice(1)]
  return {
    get: () => flatMap(get(ref), (x) => pure(dynamicSlice(x, startsOf(x), sizesOf(x)))),
    set: (value: TermOperand) =>
      modify(ref, (x) => {
        const rows = tensorOf(value, { dtype: x.dtype, shape: sizesOf(x) })
        return dynamicUpdateSlice(x, rows, startsOf(x))
      }),
  }
}

const masked = (ref: object, mask: Term) => ({
  set: (value: TermOperand) => modify(ref, (x) => where(mask, value, x)),
})

const tensorOf = (value: TermOperand, type: TensorType): Term =>
  isTerm(value) ? value : full(value, type)

// The handler checks what a reference is set to.
export const State = signed<StateVocabulary>({
  make: (value: Term) => ask({ tag: 'make', value }),
  get,
  set,
  modify,
  at,
  range,
  masked,
})

/** The values of all references, in the order of their making. */
type Store = ReadonlyMap<object, Term>

const storing: Threading<Store> = {
  effect: 'State',
  answer: (store, payload) => {
    const asked = payload as Asked // requests of State are made by `ask` alone
    switch (asked.tag) {
      case 'make': {
        const ref = {}
        return { state: new Map([...store, [ref, asked.value]]), answer: ref }
      }
      case 'get':
        return { state: store, answer: held(store, asked.ref) }
      case 'set': {
        needSame(held(store, asked.ref), asked.value)
        return { state: new Map(store).set(asked.ref, asked.value), answer: undefined }
      }
    }
  },
  tensors: (store) => [...store.values()],
  restore: (store, tensors) => new Map([...store.keys()].map((ref, i) => [ref, tensors[i]])),
}

function held(store: Store, ref: object): Term {
  return (
    store.get(ref) ??
    fail({
      code: 'effect',
      where: 'State',
      what: 'a reference is used outside the handler, loop or branch that it was made in',
      fix: 'Make it outside, or return what it holds: State.get(ref)',
    })
  )
}

function needSame(before: Term, after: Term): void {
  if (before.dtype === after.dtype && sameShape(before.shape, after.shape)) return
  fail({
    code: 'effect',
    where: 'State.set',
    what: `a reference to ${showType(before)} is set to ${showType(after)}`,
    expected: 'the same type',
  })
}

/** Threads the values of references; the result may not hold a reference. */
export const functionalized = <P extends Program<unknown, string>>(
  program: Checked<EscapeFault<ValueOf<P>>, P>,
): Program<ValueOf<P>, Exclude<EffectsOf<P>, 'State'>> =>
  later(() => {
    // A program that the check refuses does not get here from typed callers.
    const threaded = thread(program as Program<ValueOf<P>, string>, new Map(), storing)
    return flatMap(threaded, ({ value }) => pure(value))
  }) as Program<ValueOf<P>, Exclude<EffectsOf<P>, 'State'>> // State is answered

type ValueOf<P> = P extends Program<infer A, string> ? A : never

/** Never when a value holds no reference; otherwise the message. */
type EscapeFault<A> = [HoldsRef<A>] extends [never]
  ? never
  : '✗ a reference escapes its handler: return what it holds, State.get(ref)'

type HoldsRef<A> = A extends Tensor
  ? never
  : A extends object
    ? typeof cell extends keyof A
      ? true
      : { [K in keyof A]: HoldsRef<A[K]> }[keyof A &
          (A extends readonly unknown[] ? number : keyof A)]
    : never
