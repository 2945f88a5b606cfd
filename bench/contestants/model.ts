/**
 * ONNX models from a list of nodes, in the format's protobuf encoding.
 *
 *   encodeModel({ inputs: { a: [2, 3] }, outputs: ['y'], nodes: [{ op: 'Relu', … }] })
 *
 * Only what the workloads need: f32 inputs, node attributes that are numbers, lists of integers or
 * text, constants of f32 and i64. Field numbers are those of onnx.proto.
 */

export interface Model {
  readonly inputs: Readonly<Record<string, readonly number[]>>
  readonly outputs: readonly string[]
  readonly nodes: readonly ModelNode[]
  readonly constants?: Readonly<Record<string, ModelConstant>>
}

export interface ModelNode {
  readonly op: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes?: Readonly<Record<string, Attribute>>
}

type Attribute =
  | { readonly float: number }
  | { readonly integer: number }
  | { readonly integers: readonly number[] }
  | { readonly text: string }

export type ModelConstant =
  | { readonly float: number }
  /** A vector of 64-bit integers. */
  | { readonly integers: readonly number[] }

const operators = 20
const format = 9

export function encodeModel({ inputs, outputs, nodes, constants = {} }: Model): Uint8Array {
  const graph = [
    ...nodes.map((node) => message(1, encodeNode(node))),
    text(2, 'workload'),
    ...Object.entries(constants).map(([name, value]) => message(5, encodeConstant(name, value))),
    ...Object.entries(inputs).map(([name, shape]) => message(11, encodeValue(name, shape))),
    ...outputs.map((name) =>
      message(12, [text(1, name), message(2, [message(1, [integer(1, 1)])])]),
    ),
  ]
  const model = [
    integer(1, format),
    message(7, graph),
    message(8, [text(1, ''), integer(2, operators)]),
  ]
  return Uint8Array.from(model.flat())
}

type Bytes = readonly number[]

const encodeNode = ({ op, inputs, outputs, attributes = {} }: ModelNode): readonly Bytes[] => [
  ...inputs.map((name) => text(1, name)),
  ...outputs.map((name) => text(2, name)),
  text(4, op),
  ...Object.entries(attributes).map(([name, value]) => message(5, encodeAttribute(name, value))),
]

function encodeAttribute(name: string, value: Attribute): readonly Bytes[] {
  if ('float' in value) return [text(1, name), float(2, value.float), integer(20, 1)]
  if ('integer' in value) return [text(1, name), integer(3, value.integer), integer(20, 2)]
  if ('text' in value) return [text(1, name), text(4, value.text), integer(20, 3)]
  return [text(1, name), ...value.integers.map((n) => integer(8, n)), integer(20, 7)]
}

const encodeConstant = (name: string, value: ModelConstant): readonly Bytes[] =>
  'float' in value
    ? [integer(2, 1), float(4, value.float), text(8, name)]
    : [
        integer(1, value.integers.length),
        integer(2, 7),
        ...value.integers.map((n) => integer(7, n)),
        text(8, name),
      ]

/** A value of type f32 and the given shape. */
const encodeValue = (name: string, shape: readonly number[]): readonly Bytes[] => [
  text(1, name),
  message(2, [
    message(1, [
      integer(1, 1),
      message(
        2,
        shape.map((size) => message(1, [integer(1, size)])),
      ),
    ]),
  ]),
]

const integer = (field: number, value: number): Bytes => [
  ...varint(BigInt(field << 3)),
  ...varint(BigInt.asUintN(64, BigInt(value))),
]

const float = (field: number, value: number): Bytes => [
  ...varint(BigInt((field << 3) | 5)),
  ...new Uint8Array(Float32Array.of(value).buffer),
]

const text = (field: number, value: string): Bytes =>
  delimited(field, [...new TextEncoder().encode(value)])

const message = (field: number, fields: readonly Bytes[]): Bytes => delimited(field, fields.flat())

const delimited = (field: number, bytes: Bytes): Bytes => [
  ...varint(BigInt((field << 3) | 2)),
  ...varint(BigInt(bytes.length)),
  ...bytes,
]

function varint(value: bigint): Bytes {
  const bytes: number[] = []
  for (let rest = value; ; rest >>= 7n) {
    const low = Number(rest & 127n)
    if (rest < 128n) return [...bytes, low]
    bytes.push(low | 128)
  }
}
