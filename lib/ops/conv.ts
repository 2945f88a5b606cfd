/**
 * conv: cross-correlation over any number of spatial axes.
 *
 *   x [N, C, s…], kernel [O, C / groups, k…]  →  [N, O, ⌊(s + low + high − k) / stride⌋ + 1 …]
 *
 * where s and k count their dilation: (n − 1) · dilation + 1. Both derivatives and both
 * transposes are convolutions again: the input's with the kernel turned round and stride and
 * input dilation exchanged; the kernel's with examples as channels and stride and kernel dilation
 * exchanged. A batch of kernels is a convolution with more groups.
 */
import {
  type Dim,
  dimAdd,
  dimDivide,
  dimFloorDivide,
  dimMul,
  dimProduct,
  dimSub,
  fail,
} from '../data/index.js'
import {
  type ArgSample,
  type Attrs,
  apply1,
  type Op,
  type Sample,
  showType,
  type TensorType,
  type Term,
} from '../term/index.js'
import { add } from './arithmetic.js'
import { atLeast, range } from './axes.js'
import { reshape } from './broadcast.js'
import { type ConvNumbers, convolve } from './convolve.js'
import { partials } from './elementwise.js'
import { dilated } from './extent.js'
import { count, needFloat } from './operand.js'
import { moveAxis, reverse, transpose } from './transpose.js'

export interface ConvAttrs {
  readonly strides: readonly number[]
  /** Low and high for each spatial axis; negative ones crop. */
  readonly padding: readonly (readonly [Dim, Dim])[]
  readonly inputDilation: readonly number[]
  readonly kernelDilation: readonly number[]
  readonly groups: Dim
}

const attrsOf = (attrs: Attrs) => attrs as Attrs & ConvAttrs // checked by the type rule

export const convOp: Op = {
  name: 'conv',
  doc: 'Cross-correlation. x [N, C, s…], kernel [O, C / groups, k…] → [N, O, out…].',
  grade: 'smooth',
  dims: ['padding', 'groups'],
  type: ([x, kernel], attrs) => [convType(x, kernel, attrsOf(attrs))],
  evaluate: ({ args: [x, kernel], attrs, types }) => [
    convolve(x, kernel, attrs as Attrs & ConvNumbers, types[0].shape), // numbers, by `dims`
  ],
  jvp: (call) =>
    partials(
      (a, b) => add(a, b),
      (dx, [, kernel]) => convWith(dx, kernel, attrsOf(call.attrs)),
      (dk, [x]) => convWith(x, dk, attrsOf(call.attrs)),
    )(call),
  transpose: ({ cotangent, args: [x, kernel], attrs, linear }) => [
    linear[0] ? toInput(cotangent, x, kernel, attrsOf(attrs)) : null,
    linear[1] ? toKernel(cotangent, x, kernel, attrsOf(attrs)) : null,
  ],
  batch: ({ args: [x, kernel], attrs, batched, size }) => {
    const conv = attrsOf(attrs)
    if (!batched[1]) return [convEach(x, kernel, conv)]
    return [batched[0] ? convPairs(x, kernel, conv, size) : convKernels(x, kernel, conv, size)]
  },
  cost: ({ args: [, kernel], results: [out] }) => {
    const depth = dimProduct(kernel.shape.slice(1))
    return { flops: dimMul(2, dimMul(count(out), depth)) }
  },
  samples: [
    sample([2, 2, 5], [3, 2, 2], {}),
    sample([1, 2, 5, 4], [2, 2, 3, 2], {
      strides: [2, 1],
      padding: [
        [1, 2],
        [0, 1],
      ],
    }),
    sample([1, 4, 6], [6, 2, 2], { groups: 2, kernelDilation: [2] }),
    sample([2, 1, 4], [2, 1, 3], { inputDilation: [3], padding: [[-1, 2]], strides: [2] }),
    sample([0, 1, 4], [2, 1, 3], {}),
    sample([1, 2, 3], [2, 2, 3], { padding: [[0, -1]], strides: [3] }),
  ],
}

/** Cross-correlation with every attribute given. */
export const convWith = (x: Term, kernel: Term, conv: ConvAttrs): Term => {
  const { strides, padding, inputDilation, kernelDilation, groups } = conv
  return apply1(convOp, [x, kernel], { strides, padding, inputDilation, kernelDilation, groups })
}

function convType(x: TensorType, kernel: TensorType, conv: ConvAttrs): TensorType {
  needFloat('conv', [x, kernel])
  const spatial = x.shape.length - 2
  const lists = [conv.strides, conv.inputDilation, conv.kernelDilation]
  const steps = lists.every(
    (list) => list.length === spatial && list.every((n) => Number.isInteger(n) && n > 0),
  )
  if (spatial < 0 || kernel.shape.length !== x.shape.length || x.dtype !== kernel.dtype) {
    misfit(x, kernel, 'x [N, C, spatial…] and a kernel [O, C / groups, spatial…] of one dtype')
  }
  if (!steps || conv.padding.length !== spatial) {
    misfit(x, kernel, `${spatial} positive strides and dilations, and as many pairs of padding`)
  }
  const [n, channels, ...input] = x.shape
  const [outputs, perGroup, ...window] = kernel.shape
  if (dimMul(perGroup, conv.groups) !== channels || dimDivide(outputs, conv.groups) === undefined) {
    misfit(x, kernel, `C = groups · kernel channels and O divisible by groups = ${conv.groups}`)
  }
  const out = input.map((size, d) => {
    const [low, high] = conv.padding[d]
    const room = dimAdd(dilated(size, conv.inputDilation[d]), dimAdd(low, high))
    const span = dimSub(room, dilated(window[d], conv.kernelDilation[d]))
    return dimAdd(dimFloorDivide(span, conv.strides[d]), 1)
  })
  if (out.some((d) => atLeast(d, 0) === false)) {
    misfit(x, kernel, 'a kernel no larger than the padded input')
  }
  return { dtype: x.dtype, shape: [n, outputs, ...out] }
}

function misfit(x: TensorType, kernel: TensorType, expected: string): never {
  const what = `cannot convolve ${showType(x)} with ${showType(kernel)}`
  return fail({ code: 'shape', where: 'conv', what, expected })
}

/** Sizes with dilation, for each spatial axis. */
const spans = (x: Term, dilation: readonly number[]): readonly Dim[] =>
  x.shape.slice(2).map((size, d) => dilated(size, dilation[d]))

/** The input's cotangent: each output spreads over its field, the kernel turned round. */
function toInput(ct: Term, x: Term, kernel: Term, conv: ConvAttrs): Term {
  const { strides, inputDilation, kernelDilation, groups } = conv
  const [, perGroup, ...window] = kernel.shape
  const outputs = ct.shape[1]
  const share = dimDivide(outputs, groups) as Dim // the type rule has checked it
  const spatial = range(3, 3 + window.length)
  const grouped = reshape(kernel, [groups, share, perGroup, ...window])
  const swapped = reshape(transpose(grouped, [0, 2, 1, ...spatial]), [x.shape[1], share, ...window])
  const input = spans(x, inputDilation)
  const field = spans(kernel, kernelDilation)
  const spread = spans(ct, strides)
  const padding = conv.padding.map(([low], d): readonly [Dim, Dim] => {
    const before = dimSub(dimSub(field[d], 1), low)
    const total = dimSub(dimAdd(input[d], dimSub(field[d], 1)), spread[d])
    return [before, dimSub(total, before)]
  })
  const turned = reverse(swapped, range(2, 2 + window.length))
  const back = { strides: inputDilation, padding, inputDilation: strides, kernelDilation, groups }
  return convWith(ct, turned, back)
}

/** The kernel's cotangent: x correlated with the cotangent, examples as channels. */
function toKernel(ct: Term, x: Term, kernel: Term, conv: ConvAttrs): Term {
  const { strides, inputDilation, kernelDilation, groups } = conv
  const [n, , ...input] = x.shape
  const perGroup = kernel.shape[1]
  const spatial = range(3, 3 + input.length)
  const grouped = transpose(reshape(x, [n, groups, perGroup, ...input]), [2, 1, 0, ...spatial])
  const examples = reshape(grouped, [perGroup, dimMul(groups, n), ...input])
  const inputSpan = spans(x, inputDilation)
  const field = spans(kernel, kernelDilation)
  const spread = spans(ct, strides)
  const padding = conv.padding.map(([low], d): readonly [Dim, Dim] => {
    const total = dimSub(dimSub(dimAdd(spread[d], field[d]), inputSpan[d]), 1)
    return [low, dimSub(total, low)]
  })
  const back = { strides: kernelDilation, padding, inputDilation, kernelDilation: strides, groups }
  return swapLead(convWith(examples, swapLead(ct), back))
}

const swapLead = (x: Term): Term => transpose(x, [1, 0, ...range(2, x.shape.length)])

/** Many inputs, one kernel: more examples. */
function convEach(x: Term, kernel: Term, conv: ConvAttrs): Term {
  const [size, n, ...rest] = x.shape
  const out = convWith(reshape(x, [dimMul(size, n), ...rest]), kernel, conv)
  return reshape(out, [size, n, ...out.shape.slice(1)])
}

/** One input, many kernels: more outputs, within each group. */
function convKernels(x: Term, kernel: Term, conv: ConvAttrs, size: Dim): Term {
  const [, outputs, ...rest] = kernel.shape
  const share = dimDivide(outputs, conv.groups) as Dim // the type rule has checked it
  const grouped = moveAxis(reshape(kernel, [size, conv.groups, share, ...rest]), 0, 1)
  const out = convWith(x, reshape(grouped, [dimMul(size, outputs), ...rest]), conv)
  const [n, , ...spatial] = out.shape
  const split = moveAxis(reshape(out, [n, conv.groups, size, share, ...spatial]), 2, 0)
  return reshape(split, [size, n, outputs, ...spatial])
}

/** Pairs of input and kernel: more groups. */
function convPairs(x: Term, kernel: Term, conv: ConvAttrs, size: Dim): Term {
  const [, n, channels, ...input] = x.shape
  const [, outputs, ...rest] = kernel.shape
  const wide = reshape(moveAxis(x, 0, 1), [n, dimMul(size, channels), ...input])
  const groups = dimMul(size, conv.groups)
  const out = convWith(wide, reshape(kernel, [dimMul(size, outputs), ...rest]), { ...conv, groups })
  return moveAxis(reshape(out, [n, size, outputs, ...out.shape.slice(2)]), 1, 0)
}

function sample(x: readonly number[], k: readonly number[], some: Partial<ConvAttrs>): Sample {
  const args: readonly ArgSample[] = [x, k].map((shape) => ({ kind: 'float', shape }))
  const spatial = range(2, x.length)
  return {
    args,
    attrs: {
      strides: spatial.map(() => 1),
      padding: spatial.map(() => [0, 0]),
      inputDilation: spatial.map(() => 1),
      kernelDilation: spatial.map(() => 1),
      groups: 1,
      ...some,
    },
  }
}

export const convOps: readonly Op[] = [convOp]
