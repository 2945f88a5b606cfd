/**
 * Finding the GPU: the browser's, or in Node that of the npm package `webgpu` (Dawn).
 *
 *   navigator.gpu there?  →  that       else  →  import('webgpu'), create(), pinned
 *
 * Dawn's object must outlive every device made from it: once it is collected, the next use of a
 * device crashes the process. It is therefore held in this module for as long as the process runs,
 * which keeps nothing else alive: Node ends by itself while it is held. This is the one piece of
 * state that outlives a backend; it is made at first use and has no meaning of its own.
 */
import { fail } from '../../lib/data/index.js'

let pinned: GPU | undefined

/** The package, where it is an exact pin of this one's development. */
const version = '0.6.2'

/** Never quantised: a profile of small kernels would read 0 or 100 µs. */
const options = ['disable-dawn-features=timestamp_quantization']

/** Fails with a PullbackError that says what to install. */
export async function findGpu(): Promise<GPU> {
  const offered = (globalThis.navigator as Partial<Navigator> | undefined)?.gpu // absent in Node
  if (offered !== undefined) return offered
  if (typeof document !== 'undefined' || !isNode()) return noWebgpu()
  pinned ??= await createGpu()
  return pinned
}

const isNode = (): boolean => typeof process !== 'undefined' && process.versions?.node !== undefined

/** Node ends at its usual time, but at once: to take down a device that is at work waits for it. */
export function endRegardless(): void {
  if (!isNode() || process.listeners('exit').includes(endAtOnce)) return
  process.on('exit', endAtOnce)
}

const endAtOnce = (): void => process.exit()

/**
 * Dawn's entry, with its options. Named by a variable, so that no bundler looks for the package.
 */
async function createGpu(): Promise<GPU> {
  const name = 'webgpu'
  let module: unknown
  try {
    module = await import(/* @vite-ignore */ name)
  } catch (cause) {
    return missing(cause)
  }
  if (!isDawn(module)) return missing(new Error('it exports no create'))
  return module.create(options)
}

interface Dawn {
  readonly create: (options: readonly string[]) => GPU
}

const isDawn = (module: unknown): module is Dawn =>
  typeof module === 'object' &&
  module !== null &&
  'create' in module &&
  typeof module.create === 'function'

function missing(cause: unknown): never {
  const why = cause instanceof Error ? cause.message : String(cause)
  const absent = cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND'
  return fail({
    code: 'backend',
    where: 'webgpu',
    what: absent
      ? "Node has no WebGPU of its own, and the npm package 'webgpu' is not installed"
      : `the npm package 'webgpu' does not load here: ${why}`,
    fix: absent
      ? `npm install webgpu@${version}, or use backend 'wasm'`
      : `Install webgpu@${version} for this platform, or use backend 'wasm'`,
  })
}

const noWebgpu = (): never =>
  fail({
    code: 'backend',
    where: 'webgpu',
    what: 'this browser offers no WebGPU: there is no navigator.gpu',
    fix:
      'Serve the page over https or from localhost, use a browser with WebGPU (in Chromium on ' +
      "Linux, start it with --enable-unsafe-webgpu), or use backend 'wasm'",
  })
