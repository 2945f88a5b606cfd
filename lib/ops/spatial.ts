/**
 * Words over images and other grids, N C spatial…: conv, maxPool, avgPool.
 */
import { type Dim, dimAdd, dimFloorDivide, dimMul, dimSub, fail } from '../data/index.js'
import { type Attrs, showType, type Term } from '../term/index.js'
import { needDim, needIntegers, needTerm } from './attributes.js'
import { range } from './axes.js'
import { type ConvAttrs, convWith } from './conv.js'
import { dilated } from './extent.js'
import { reduceMax } from './reduce.js'
import { mean } from './statistics.js'
import type { Word } from './vocabulary.js'
import { windows } from './windows.js'

export type Padding = 'same' | 'valid' | readonly (readonly [Dim, Dim])[]

export interface ConvOptions {
  /** 1 where absent. */
  readonly strides?: readonly number[] | undefined
  /** Low and high for each spatial axis; 'same' keeps ⌈size / stride⌉. None where absent. */
  readonly padding?: Padding | undefined
  readonly inputDilation?: readonly number[] | undefined
  readonly kernelDilation?: readonly number[] | undefined
  readonly groups?: number | undefined
}

/** Cross-correlation. x [N, C, s…], kernel [O, C / groups, k…] → [N, O, out…]. */
export function conv(x: Term, kernel: Term, options: ConvOptions = {}): Term {
  const ones = range(2, x.shape.length).map(() => 1)
  const given = {
    strides: options.strides ?? ones,
    inputDilation: options.inputDilation ?? ones,
    kernelDilation: options.kernelDilation ?? ones,
    groups: options.groups ?? 1,
  }
  return convWith(x, kernel, { ...given, padding: paddingOf(x, kernel, options.padding, given) })
}

function paddingOf(
  x: Term,
  kernel: Term,
  padding: Padding = 'valid',
  { strides, inputDilation, kernelDilation }: Omit<ConvAttrs, 'padding'>,
): ConvAttrs['padding'] {
  if (typeof padding !== 'string') return padding
  return x.shape.slice(2).map((size, d): readonly [Dim, Dim] => {
    if (padding === 'valid') return [0, 0]
    const input = dilated(size, inputDilation[d])
    const field = dilated(kernel.shape[d + 2] ?? 1, kernelDilation[d])
    const out = dimFloorDivide(dimAdd(input, strides[d] - 1), strides[d])
    const reach = dimAdd(dimMul(dimSub(out, 1), strides[d]), field)
    const total = dimSub(reach, input)
    const needed = typeof total === 'number' ? Math.max(total, 0) : total
    const low = dimFloorDivide(needed, 2)
    return [low, dimSub(needed, low)]
  })
}

export interface PoolOptions {
  readonly window: readonly number[]
  /** The window where absent: windows side by side. */
  readonly strides?: readonly number[] | undefined
}

/** The largest of each window; ties share the derivative. [N, C, s…] → [N, C, out…] */
export const maxPool = (x: Term, options: PoolOptions): Term =>
  reduceMax(pooled('maxPool', x, options), { axes: windowAxes(x, options) })

/** The mean of each window. [N, C, s…] → [N, C, out…] */
export const avgPool = (x: Term, options: PoolOptions): Term =>
  mean(pooled('avgPool', x, options), { axes: windowAxes(x, options) })

function pooled(op: string, x: Term, { window, strides }: PoolOptions): Term {
  if (x.shape.length !== window.length + 2) {
    fail({
      code: 'shape',
      where: op,
      what: `a window [${window.join(', ')}] over ${showType(x)}`,
      expected: `[N, C, ${window.map((_, d) => `s${d}`).join(', ')}]`,
    })
  }
  return windows(x, { window, strides: strides ?? window })
}

const windowAxes = (x: Term, { window }: PoolOptions): readonly number[] =>
  range(x.shape.length, x.shape.length + window.length)

const optionalIntegers = (op: string, attrs: Attrs, key: string) =>
  attrs[key] === undefined ? undefined : needIntegers(op, attrs, key)

function givenPadding(attrs: Attrs): Padding | undefined {
  const { padding } = attrs
  if (padding === undefined || padding === 'same' || padding === 'valid') return padding
  const isPair = (pair: unknown): pair is readonly [number, number] =>
    Array.isArray(pair) && pair.length === 2 && pair.every((n) => Number.isInteger(n))
  if (Array.isArray(padding) && padding.every(isPair)) return padding
  return fail({
    code: 'attribute',
    where: 'conv',
    what: `attribute 'padding' is ${JSON.stringify(padding)}`,
    expected: "[low, high] for each spatial axis, 'same' or 'valid'",
  })
}

function givenGroups(attrs: Attrs): number {
  const groups = attrs.groups === undefined ? 1 : needDim('conv', attrs, 'groups')
  if (typeof groups === 'number' && groups > 0) return groups
  return fail({
    code: 'attribute',
    where: 'conv',
    what: `groups = ${groups}`,
    expected: 'a positive whole number',
  })
}

const poolOptions = (op: string, attrs: Attrs): PoolOptions => ({
  window: needIntegers(op, attrs, 'window'),
  strides: optionalIntegers(op, attrs, 'strides'),
})

export const spatialWords: Readonly<Record<string, Word>> = {
  conv: ([x, kernel], attrs) =>
    conv(needTerm('conv', x), needTerm('conv', kernel), {
      strides: optionalIntegers('conv', attrs, 'strides'),
      padding: givenPadding(attrs),
      inputDilation: optionalIntegers('conv', attrs, 'inputDilation'),
      kernelDilation: optionalIntegers('conv', attrs, 'kernelDilation'),
      groups: givenGroups(attrs),
    }),
  maxPool: ([x], attrs) => maxPool(needTerm('maxPool', x), poolOptions('maxPool', attrs)),
  avgPool: ([x], attrs) => avgPool(needTerm('avgPool', x), poolOptions('avgPool', attrs)),
}
