/**
 * Modules as data, and their binary form.
 *
 * Why not the package `binaryen`: it is 104 MB installed and takes longer to load than most
 * programs take to run, it has its own optimiser that undoes the order of a micro-kernel, and it
 * wants trees where the emitter has a list. This encoder is one page, emits a kernel in under a
 * millisecond and knows just the sections that the backend needs: types, an imported memory,
 * functions, globals, exports, code, data and function names.
 */
import { codeOf, type Instruction } from './opcodes.js'

export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128'

export interface WasmFunction {
  readonly name: string
  readonly parameters: readonly ValueType[]
  readonly locals: readonly ValueType[]
  readonly body: readonly Instruction[]
  readonly exported: boolean
}

export interface Module {
  /** Pages of 64 KiB that the imported memory `env.memory` must have, and may grow to. */
  readonly memory: {
    readonly minimum: number
    readonly maximum: number
    readonly shared: boolean
  }
  /** Functions `env.NAME` without parameters or results, before the module's own in every index. */
  readonly imports: readonly string[]
  /** Mutable i32 globals. */
  readonly globals: number
  readonly functions: readonly WasmFunction[]
  readonly data: readonly { readonly at: number; readonly bytes: Uint8Array }[]
}

const valueCode: Readonly<Record<ValueType, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
}

export function encodeModule(module: Module): Uint8Array<ArrayBuffer> {
  const types = new Map<string, number>()
  const typeOf = (f: Pick<WasmFunction, 'parameters'>): number => {
    const key = f.parameters.join(' ')
    const known = types.get(key)
    if (known !== undefined) return known
    types.set(key, types.size)
    return types.size - 1
  }
  const functionTypes = module.functions.map(typeOf)
  const importType = typeOf({ parameters: [] })
  const out = new Bytes()
  out.raw([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
  section(out, 1, [...types.keys()], (bytes, key) => {
    const parameters = key === '' ? [] : (key.split(' ') as ValueType[]) // keys join value types
    bytes.byte(0x60)
    bytes.vector(parameters, (type) => bytes.byte(valueCode[type]))
    bytes.unsigned(0)
  })
  section(out, 2, ['memory', ...module.imports], (bytes, name) => {
    bytes.name('env')
    bytes.name(name)
    if (name !== 'memory') {
      bytes.byte(0)
      bytes.unsigned(importType)
      return
    }
    const { minimum, maximum, shared } = module.memory
    bytes.raw([2, shared ? 3 : 1])
    bytes.unsigned(minimum)
    bytes.unsigned(maximum)
  })
  section(out, 3, functionTypes, (bytes, type) => bytes.unsigned(type))
  const globals = Array.from({ length: module.globals }, (_, i) => i)
  section(out, 6, globals, (bytes) => bytes.raw([0x7f, 1, 0x41, 0, 0x0b]))
  const first = module.imports.length
  const exported = module.functions.flatMap(({ name, exported }, i) =>
    exported ? [{ name, index: first + i }] : [],
  )
  section(out, 7, exported, (bytes, { name, index }) => {
    bytes.name(name)
    bytes.byte(0)
    bytes.unsigned(index)
  })
  section(out, 10, module.functions, (bytes, f) => bytes.sized((code) => encodeCode(code, f)))
  section(out, 11, module.data, (bytes, { at, bytes: content }) => {
    bytes.raw([0, 0x41])
    bytes.signed(at)
    bytes.byte(0x0b)
    bytes.unsigned(content.length)
    bytes.raw(content)
  })
  encodeNames(out, first, module.functions)
  return out.taken()
}

function section<A>(
  out: Bytes,
  id: number,
  items: readonly A[],
  each: (bytes: Bytes, item: A) => void,
): void {
  if (items.length === 0) return
  out.byte(id)
  out.sized((bytes) => bytes.vector(items, (item) => each(bytes, item)))
}

function encodeNames(out: Bytes, first: number, functions: readonly WasmFunction[]): void {
  out.byte(0)
  out.sized((bytes) => {
    bytes.name('name')
    bytes.byte(1)
    bytes.sized((names) =>
      names.vector([...functions.entries()], ([i, f]) => {
        names.unsigned(first + i)
        names.name(f.name)
      }),
    )
  })
}

function encodeCode(bytes: Bytes, f: WasmFunction): void {
  const runs: { type: ValueType; count: number }[] = []
  for (const type of f.locals) {
    const last = runs.at(-1)
    if (last?.type === type) last.count++
    else runs.push({ type, count: 1 })
  }
  bytes.vector(runs, ({ type, count }) => {
    bytes.unsigned(count)
    bytes.byte(valueCode[type])
  })
  bytes.write(mostBytes * f.body.length, (out, at) => encodeBody(out, at, f.body))
  bytes.byte(0x0b)
}

/** No instruction takes more: a vector constant has a code of two bytes and sixteen of its own. */
const mostBytes = 18

/** Writes instructions from a place on; returns where they end. A module is mostly these. */
function encodeBody(out: Uint8Array, from: number, body: readonly Instruction[]): number {
  let at = from
  for (let n = 0; n < body.length; n++) {
    const instruction = body[n]
    const { bytes: code, immediate, alignment } = codeOf(instruction[0])
    for (let i = 0; i < code.length; i++) out[at++] = code[i]
    if (immediate === 'none') continue
    const first = instruction[1] ?? 0
    switch (immediate) {
      case 'index':
        at = unsignedAt(out, at, Number(first))
        break
      case 'memory':
      case 'memory-lane':
        out[at++] = alignment
        at = unsignedAt(out, at, Number(first))
        if (immediate === 'memory-lane') out[at++] = Number(instruction[2] ?? 0)
        break
      case 'i32':
        at = signedAt(out, at, Number(first))
        break
      case 'block':
        out[at++] = 0x40
        break
      case 'lane':
        out[at++] = Number(first)
        break
      case 'i64':
        at = longAt(out, at, BigInt(first))
        break
      case 'f32':
      case 'f64':
        at = floatAt(out, at, Number(first), immediate)
        break
      case 'v128':
        for (let i = 1; i < instruction.length; i++) out[at++] = Number(instruction[i])
        break
      case 'zero-zero':
        out[at++] = 0
        out[at++] = 0
    }
  }
  return at
}

function unsignedAt(out: Uint8Array, from: number, value: number): number {
  let at = from
  let rest = value
  while (rest > 127) {
    out[at++] = (rest & 127) | 128
    rest >>>= 7
  }
  out[at] = rest
  return at + 1
}

function signedAt(out: Uint8Array, from: number, value: number): number {
  let at = from
  let rest = value | 0
  while (rest > 63 || rest < -64) {
    out[at++] = (rest & 127) | 128
    rest >>= 7
  }
  out[at] = rest & 127
  return at + 1
}

function longAt(out: Uint8Array, from: number, value: bigint): number {
  let at = from
  let rest = value
  while (rest > 63n || rest < -64n) {
    out[at++] = Number(rest & 127n) | 128
    rest >>= 7n
  }
  out[at] = Number(rest & 127n)
  return at + 1
}

function floatAt(out: Uint8Array, at: number, value: number, type: 'f32' | 'f64'): number {
  const array = type === 'f32' ? Float32Array.of(value) : Float64Array.of(value)
  out.set(new Uint8Array(array.buffer), at)
  return at + array.byteLength
}

/** A growing list of bytes, with the number formats of WebAssembly. */
class Bytes {
  private buffer = new Uint8Array(1024)
  private length = 0

  byte(value: number): void {
    if (this.length === this.buffer.length) this.grow(this.length + 1)
    this.buffer[this.length++] = value
  }

  raw(values: ArrayLike<number>): void {
    if (this.length + values.length > this.buffer.length) this.grow(this.length + values.length)
    this.buffer.set(values, this.length)
    this.length += values.length
  }

  unsigned(value: number): void {
    this.write(5, (out, at) => unsignedAt(out, at, value))
  }

  signed(value: number): void {
    this.write(5, (out, at) => signedAt(out, at, value))
  }

  /** At most so many bytes, by a function of the place that gives the end. */
  write(most: number, at: (out: Uint8Array, from: number) => number): void {
    if (this.length + most > this.buffer.length) this.grow(this.length + most)
    this.length = at(this.buffer, this.length)
  }

  name(text: string): void {
    const ascii = /^[\x20-\x7e]*$/.test(text)
    const encoded = ascii
      ? Array.from(text, (c) => c.charCodeAt(0))
      : new TextEncoder().encode(text)
    this.unsigned(encoded.length)
    this.raw(encoded)
  }

  vector<A>(items: readonly A[], each: (item: A) => void): void {
    this.unsigned(items.length)
    items.forEach(each)
  }

  /** What `write` writes, preceded by its length. */
  sized(write: (bytes: Bytes) => void): void {
    const inner = new Bytes()
    write(inner)
    this.unsigned(inner.length)
    this.raw(inner.buffer.subarray(0, inner.length))
  }

  taken(): Uint8Array<ArrayBuffer> {
    return this.buffer.slice(0, this.length)
  }

  private grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, this.buffer.length * 2))
    larger.set(this.buffer.subarray(0, this.length))
    this.buffer = larger
  }
}
