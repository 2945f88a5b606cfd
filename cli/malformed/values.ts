/**
 * Arguments of every kind: what JSON can hold, what it cannot, and parts of programs, so that some
 * calls get far.
 */
import fc from 'fast-check'
import { makeReference } from '../../backends/index.js'
import { log, pure, Random } from '../../effects/index.js'
import { derivativeLaws } from '../../laws/derivative.js'
import * as language from '../../lib/index.js'
import { funcOf, parameter, sinOp } from '../../lib/own.js'
import { junk } from './junk.js'

const { f64, i32, fn, constant, sum, mul } = language
const square = fn({ x: f64(3) }, ({ x }) => mul(x, x))
const total = fn({ x: f64(3), n: i32() }, ({ x }) => sum(x))
const vector = constant([1, 2, 3], { dtype: 'f64' })
const number = constant(2, { dtype: 'f64' })
/** Of a function that is not closed. */
const open = parameter({ name: 'open' }, 'x', { dtype: 'f64', shape: [3] })

const others: readonly unknown[] = [
  undefined,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -0,
  10n,
  Symbol('s'),
  () => 1,
  () => undefined,
  (x: unknown) => x,
  new Date(0),
  new Map(),
  new Float32Array(3),
  { x: 1 },
  { axis: -1 },
  { axes: [0] },
  { shape: [3] },
]

const parts: readonly unknown[] = [
  f64(3),
  f64('n', 2),
  { x: f64(3) },
  square,
  total,
  funcOf(square),
  funcOf(total),
  sinOp,
  open,
  [open],
  'n',
  '2*n+1',
  'ij,jk->ik',
  [f64(3)],
  [vector],
  [number, number],
  [true],
  [true, false],
  () => vector,
  () => [vector],
  () => [number],
  () => ({ carry: [number], ys: [] }),
  { dtype: 'f64', shape: [3], data: new Float64Array(3) },
  { dtype: 'f64', shape: [3], data: new Float64Array(2) },
  [{ dtype: 'f64', shape: [3], data: new Float64Array(3) }],
  { axis: 0, reverse: false, batch: 0 },
  { carry: 1, consts: 0, length: 3 },
  { window: [2], strides: [1] },
  { lhsBatch: [], rhsBatch: [], lhsContract: [0], rhsContract: [0] },
  { value: { dtype: 'f64', shape: [], data: new Float64Array(1) } },
  { body: funcOf(square) },
  pure(number),
  log('x', number),
  Random.normal(0, number),
  () => pure(number),
  derivativeLaws(square)[0],
  { name: 'none', run: (func: unknown) => func },
  makeReference(),
]

const tensors = [
  vector,
  number,
  constant(
    [
      [1, 2],
      [3, 4],
    ],
    { dtype: 'f64' },
  ),
  constant([], { dtype: 'f64' }),
  constant([1, 0], { dtype: 'i32' }),
  constant([1, 7], { dtype: 'u32' }),
  constant(true, { dtype: 'bool' }),
]

export const values: fc.Arbitrary<unknown> = fc.oneof(
  junk,
  fc.constantFrom(...others),
  fc.constantFrom(...parts),
  fc.constantFrom<unknown>(...tensors),
)
