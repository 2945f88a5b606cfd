/**
 * The engine's pairing of lanes: V8's revectorizer turns two vectors of 128 bits into one of 256
 * where the machine has them. It is experimental, a flag of the whole process, and in Node from 24
 * on; so it is an opt-in, and kept only if some kernels give to the last bit what they gave before.
 */
import type { Kernel } from '../../lib/loop/index.js'
import {
  applySchedule,
  chainKernel,
  chooseSchedule,
  matmulKernel,
  rowsKernel,
  sumsKernel,
  wasmHardware,
} from '../../lib/loop/schedule/index.js'
import { bufferBytes } from '../room.js'
import { loadProgram } from './executable.js'
import { linearMemory } from './memory.js'
import { programOf } from './run-kernel.js'

/** `absent`: the engine has no such thing. `wrong`: it gave other results, and was switched off. */
export type Pairing = 'off' | 'on' | 'absent' | 'wrong'

/** The first V8 whose pairing is tried: that of Node 24. */
const firstVersion = 13
const flag = 'experimental-wasm-revectorize'

/** Milliseconds of calls after which the engine has optimised a kernel. */
const warmth = 40

/** Switches pairing on; takes about half a second, for the check. */
export function enablePairing(relaxed: boolean): Pairing {
  if (typeof process !== 'object' || typeof process.getBuiltinModule !== 'function') return 'absent'
  if (!(Number.parseInt(process.versions.v8 ?? '', 10) >= firstVersion)) return 'absent'
  const { setFlagsFromString } = process.getBuiltinModule('node:v8')
  const kernels = probes()
  const before = kernels.map((k) => resultOf(k, relaxed))
  setFlagsFromString(`--${flag}`)
  // Under another name a kernel is another module, which the engine compiles anew.
  const after = kernels.map((k) => resultOf({ ...k, name: `${k.name}.paired` }, relaxed))
  const same = before.every((bytes, i) => bytes.every((byte, at) => byte === after[i]?.[at]))
  if (same) return 'on'
  setFlagsFromString(`--no-${flag}`)
  return 'wrong'
}

/** A product, elementwise code, rows and sums, with remainders behind whole vectors. */
const probes = (): readonly Kernel[] =>
  [matmulKernel(33, 40, 75), chainKernel(7, 301), rowsKernel(9, 301), sumsKernel(9, 301, 1)].map(
    (k) => applySchedule(k, chooseSchedule(k, wasmHardware)),
  )

function resultOf(kernel: Kernel, relaxed: boolean): Uint8Array {
  const memory = linearMemory({ maximumBytes: 1 << 22 })
  const program = programOf(kernel)
  const executable = loadProgram(program, memory, { relaxed })
  const regions = program.buffers.map((b) => memory.allocate(bufferBytes(b, {})))
  regions.forEach(({ address, bytes }, seed) => {
    const values = new Float32Array(memory.memory.buffer, address, bytes / 4)
    for (let i = 0; i < values.length; i++) values[i] = Math.sin(i + seed) * 3
  })
  const addresses = regions.map((r) => r.address)
  const end = performance.now() + warmth
  while (performance.now() < end) executable.run({}, addresses)
  return new Uint8Array(memory.memory.buffer).slice(addresses[0])
}
