/**
 * Windows at computed positions: dynamicSlice reads one, dynamicUpdateSlice writes one. Starts
 * are clamped so that the window fits.
 *
 * With one start for each example, a window becomes a gather (or scatter) at flat positions of
 * the axes up to the last one that the window does not span whole.
 */
import { type Dim, dimProduct, fail, type NDArray, stridesOf } from '../data/index.js'
import {
  type ArgSample,
  apply1,
  type Op,
  showType,
  type TensorType,
  type Term,
} from '../term/index.js'
import { add, mul, sub } from './arithmetic.js'
import { needIntegers, needTerm } from './attributes.js'
import { atLeast, showShape } from './axes.js'
import { broadcastTo, reshape } from './broadcast.js'
import { iota, sizeTerm } from './constant.js'
import { batchAll } from './elementwise.js'
import { gather, scatter } from './gather.js'
import { literal, type Operand, scalar, zeros } from './operand.js'
import { max, min } from './select.js'
import { copyView, gathered, viewOf } from './strided.js'
import type { Word } from './vocabulary.js'

const floats = (...shape: number[]): ArgSample => ({ kind: 'float', shape })
const start = (last: number): ArgSample => ({ kind: 'int', shape: [], range: [-1, last + 1] })

export const dynamicSliceOp: Op = {
  name: 'dynamicSlice',
  doc: 'The window of the given sizes at computed starts, one scalar an axis, clamped to fit.',
  grade: ['smooth', 'cut'],
  dims: ['sizes'],
  type: ([x, ...starts], attrs) => {
    const sizes = attrs.sizes as readonly Dim[]
    checkWindow('dynamicSlice', x, sizes, starts)
    return [{ dtype: x.dtype, shape: sizes }]
  },
  evaluate: ({ args: [x, ...starts], types }) => {
    const { shape } = types[0]
    const strides = stridesOf(x.shape)
    const view = { data: x.data, offset: offsetOf(x, shape, starts), strides }
    return [gathered(x.dtype, shape, view)]
  },
  jvp: ({ primals, tangents, attrs }) => [
    tangents[0] && apply1(dynamicSliceOp, [tangents[0], ...primals.slice(1)], attrs),
  ],
  transpose: ({ cotangent, args: [x, ...starts] }) => [
    dynamicUpdateSlice(zeros(x), cotangent, starts),
    ...starts.map(() => null),
  ],
  batch: ({ args, attrs, batched, size }) => {
    const sizes = attrs.sizes as readonly Dim[]
    const [x, ...starts] = args
    if (!batched.includes(true, 1)) {
      return [dynamicSlice(x, [scalar(0, starts[0]?.dtype ?? 'i32'), ...starts], [size, ...sizes])]
    }
    const [each, ...at] = batchAll(args, batched, size)
    const { flat, positions, rest } = flatten(each, sizes, at, size)
    const window = gather(flat, positions, { axis: 1, batch: 1 })
    return [reshape(window, [size, ...sizes.slice(0, sizes.length - rest), ...flat.shape.slice(2)])]
  },
  cost: () => ({ flops: 0 }),
  samples: [
    { args: [floats(5), start(5)], attrs: { sizes: [2] } },
    { args: [floats(3, 4, 2), start(3), start(4), start(2)], attrs: { sizes: [2, 2, 2] } },
    { args: [floats(3, 4), start(3), start(4)], attrs: { sizes: [0, 4] } },
    { args: [floats()], attrs: { sizes: [] } },
  ],
}

/** The window of x with the given sizes; each start is clamped so that it fits. */
export const dynamicSlice = (x: Term, starts: readonly Operand[], sizes: readonly Dim[]): Term =>
  apply1(dynamicSliceOp, [x, ...startTerms('dynamicSlice', starts)], { sizes })

export const dynamicUpdateSliceOp: Op = {
  name: 'dynamicUpdateSlice',
  doc: 'x with a window replaced at computed starts, one scalar an axis, clamped to fit.',
  grade: ['smooth', 'smooth', 'cut'],
  type: ([x, window, ...starts]) => {
    if (window.dtype !== x.dtype) {
      fail({
        code: 'dtype',
        where: 'dynamicUpdateSlice',
        what: `cannot write ${showType(window)} into ${showType(x)}`,
        expected: 'one dtype',
      })
    }
    checkWindow('dynamicUpdateSlice', x, window.shape, starts)
    return [{ dtype: x.dtype, shape: x.shape }]
  },
  evaluate: ({ args: [x, window, ...starts] }) => {
    const data = x.data.slice()
    const offset = offsetOf(x, window.shape, starts)
    copyView(window.shape, viewOf(window), { data, offset, strides: stridesOf(x.shape) })
    return [{ dtype: x.dtype, shape: x.shape, data }]
  },
  jvp: ({ primals: [x, window, ...starts], tangents }) => [
    dynamicUpdateSlice(tangents[0] ?? zeros(x), tangents[1] ?? zeros(window), starts),
  ],
  transpose: ({ cotangent, args: [, window, ...starts], linear }) => [
    linear[0] ? dynamicUpdateSlice(cotangent, zeros(window), starts) : null,
    linear[1] ? dynamicSlice(cotangent, starts, window.shape) : null,
    ...starts.map(() => null),
  ],
  batch: ({ args, batched, size }) => {
    const [x, window, ...starts] = batchAll(args, batched, size)
    const sizes = window.shape.slice(1)
    if (!batched.includes(true, 2)) {
      const zero = scalar(0, starts[0]?.dtype ?? 'i32')
      return [dynamicUpdateSlice(x, window, [zero, ...args.slice(2)])]
    }
    const { flat, positions } = flatten(x, sizes, starts, size)
    const rows = reshape(window, [size, positions.shape[1], ...flat.shape.slice(2)])
    return [reshape(scatter(flat, positions, rows, { axis: 1, batch: 1 }, 'set'), x.shape)]
  },
  cost: () => ({ flops: 0 }),
  samples: [
    { args: [floats(5), floats(2), start(5)] },
    { args: [floats(3, 4, 2), floats(2, 2, 2), start(3), start(4), start(2)] },
    { args: [floats(3, 4), floats(0, 4), start(3), start(4)] },
  ],
}

/** x with the window written at the starts, each clamped so that the window fits. */
export const dynamicUpdateSlice = (x: Term, window: Term, starts: readonly Operand[]): Term =>
  apply1(dynamicUpdateSliceOp, [x, window, ...startTerms('dynamicUpdateSlice', starts)])

const startTerms = (op: string, starts: readonly Operand[]): readonly Term[] =>
  starts.map((s) => (typeof s === 'number' ? literal(s, 'i32', op) : needTerm(op, s)))

function checkWindow(
  op: string,
  x: TensorType,
  sizes: readonly Dim[],
  starts: readonly TensorType[],
): void {
  const fits =
    sizes.length === x.shape.length &&
    sizes.every((s, i) => atLeast(s, 0) !== false && atLeast(x.shape[i], s) !== false)
  if (!fits) {
    fail({
      code: 'shape',
      where: op,
      what: `a window ${showShape(sizes)} in ${showType(x)}`,
      expected: 'a size for each axis, no larger than the axis',
    })
  }
  const scalars = starts.every(
    (s) => s.shape.length === 0 && (s.dtype === 'i32' || s.dtype === 'u32'),
  )
  if (starts.length !== x.shape.length || !scalars) {
    fail({
      code: 'input',
      where: op,
      what: `starts ${starts.map(showType).join(', ') || 'none'} for ${showType(x)}`,
      expected: `${x.shape.length} scalars of i32`,
    })
  }
}

const offsetOf = (x: NDArray, sizes: readonly number[], starts: readonly NDArray[]): number => {
  const strides = stridesOf(x.shape)
  return starts.reduce((acc, s, i) => {
    const fitting = Math.min(Math.max(s.data[0], 0), x.shape[i] - sizes[i])
    return acc + fitting * strides[i]
  }, 0)
}

/** Each example's x with the moving axes as one, and the flat positions of its window there. */
function flatten(x: Term, sizes: readonly Dim[], starts: readonly Term[], n: Dim) {
  const shape = x.shape.slice(1)
  const moving = shape.findLastIndex((d, i) => d !== sizes[i]) + 1
  const dtype = starts[0].dtype
  const axes = shape.slice(0, moving)
  let positions = broadcastTo(scalar(0, dtype), [n, ...sizes.slice(0, moving)])
  axes.forEach((d, i) => {
    const last = sub(sizeTerm(d, dtype), sizeTerm(sizes[i], dtype))
    const first = min(max(starts[i], 0), last)
    const ones = axes.map((): Dim => 1)
    const along = add(
      reshape(first, [n, ...ones]),
      reshape(iota(sizes[i], dtype), ones.with(i, sizes[i])),
    )
    const stride = sizeTerm(dimProduct(axes.slice(i + 1)), dtype)
    positions = add(positions, mul(along, stride))
  })
  return {
    flat: reshape(x, [n, dimProduct(axes), ...shape.slice(moving)]),
    positions: reshape(positions, [n, dimProduct(sizes.slice(0, moving))]),
    rest: shape.length - moving,
  }
}

export const dynamicOps: readonly Op[] = [dynamicSliceOp, dynamicUpdateSliceOp]

export const dynamicWords: Readonly<Record<string, Word>> = {
  dynamicSlice: ([x, ...starts], attrs) =>
    dynamicSlice(needTerm('dynamicSlice', x), starts, needIntegers('dynamicSlice', attrs, 'sizes')),
  dynamicUpdateSlice: ([x, window, ...starts]) =>
    dynamicUpdateSlice(
      needTerm('dynamicUpdateSlice', x),
      needTerm('dynamicUpdateSlice', window),
      starts,
    ),
}
