/**
 * Every contestant by name, and which of them are here.
 */
import type { Contestant, Settings } from './contestant.js'
import { jax } from './jax.js'
import { onnx } from './onnx.js'
import { openblas } from './openblas.js'
import { pullback } from './pullback.js'
import { python, pythonLibraries, pythonPresent } from './python.js'
import { tfjs } from './tfjs.js'

/** Opens a contestant; undefined where it is not installed. */
export async function open(name: string, settings: Settings): Promise<Contestant | undefined> {
  switch (name) {
    case 'pullback':
      return pullback(settings)
    case 'jax-js':
      return jax()
    case 'tfjs-wasm':
      return tfjs()
    case 'onnxruntime-node':
      return onnx(settings.threads)
    case 'openblas':
      return openblas(settings.threads)
  }
  const library = pythonLibraries.find((known) => known === name)
  return library && python(library, settings.threads)
}

/** Of npm, by the name in the table. */
export const packages = {
  'jax-js': '@jax-js/jax',
  'tfjs-wasm': '@tensorflow/tfjs-backend-wasm',
  'onnxruntime-node': 'onnxruntime-node',
} as const

/** The packages beside which ours is timed, and those of them that are not installed. */
export function packagesPresent(): { readonly here: string[]; readonly absent: string[] } {
  const [here, absent]: [string[], string[]] = [[], []]
  for (const [name, path] of Object.entries(packages)) (isHere(path) ? here : absent).push(name)
  return { here, absent }
}

function isHere(path: string): boolean {
  try {
    import.meta.resolve(path)
    return true
  } catch {
    return false
  }
}

/** Every peer on this machine. OpenBLAS is asked for where it is, which only opening it tells. */
export const peersPresent = (): readonly string[] => [
  ...packagesPresent().here,
  ...pythonPresent(),
  'openblas',
]
