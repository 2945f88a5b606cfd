/**
 * What can go wrong on a device, as errors: each says which program or kernel, and what to do.
 */
import { type ErrorDetail, PullbackError } from '../../lib/data/index.js'
import { closedBackend } from '../resident.js'

const where = 'webgpu'

const backendError = (detail: Omit<ErrorDetail, 'code'>): PullbackError =>
  new PullbackError({ code: 'backend', ...detail })

export const noAdapter = (): PullbackError =>
  backendError({
    where,
    what: 'WebGPU is there, but no adapter: no driver that it can use',
    fix:
      "Install the GPU's Vulkan driver; without a GPU on Debian, `apt-get install chromium " +
      'libvulkan1` and start Node with ' +
      'VK_ADD_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json; or use ' +
      "backend 'wasm'",
  })

export const deviceRefused = (why: string): PullbackError =>
  backendError({
    where,
    what: `the adapter gives no device: ${why}`,
    fix: "Close programs that use the GPU, or use backend 'wasm'",
  })

export const deviceLost = (why: string): PullbackError =>
  backendError({
    where,
    what: `the device was lost, and the arrays on it with it: ${why}`,
    fix: 'Call again with arrays from the host: the next call opens a new device',
  })

export const timedOut = (milliseconds: number, running: readonly string[]): PullbackError =>
  backendError({
    where: running.length > 0 ? `program ${running.join(', ')}` : where,
    what: `no answer from the device for ${milliseconds} ms; the device was given up`,
    expected: 'loops that end',
    fix: 'Look for an endless loop, or allow more time with the option `timeout`',
  })

export const endless = (milliseconds: number, program: string): PullbackError =>
  backendError({
    where: `program ${program}`,
    what: `a loop has not come to its end after ${milliseconds} ms`,
    expected: 'loops that end',
    fix: 'Look for an endless loop, or allow more time with the option `timeout`',
  })

export const outOfMemory = (bytes: number, used: number): PullbackError =>
  new PullbackError({
    code: 'limit',
    where,
    what: `the device has no memory for ${bytes} bytes; ${used} are in use`,
    fix: 'Use smaller arrays, or release arrays earlier',
  })

export const tooLarge = (bytes: number, most: number, limit: string): PullbackError =>
  new PullbackError({
    code: 'limit',
    where,
    what: `an array of ${bytes} bytes on the device`,
    expected: `at most ${most} (${limit} of this adapter)`,
    fix: 'Use smaller arrays',
  })

export const overBudget = (bytes: number, used: number, most: number): PullbackError =>
  new PullbackError({
    code: 'limit',
    where,
    what: `${bytes} bytes more than the ${used} in use`,
    expected: `at most ${most}, the option maximumBytes`,
    fix: 'Use smaller arrays, or release arrays earlier',
  })

/** What the device says of commands that it refuses: a bug of Pullback, told with its place. */
export const refused = (program: string, message: string): PullbackError =>
  backendError({
    where: `program ${program}`,
    what: `the device refuses the commands: ${message}`,
    fix: 'Report the program; its kernels are in explain',
  })

export const closed = (): PullbackError => new PullbackError(closedBackend(where))

export const notSynchronous = (): PullbackError =>
  backendError({
    where,
    what: 'results are read at once, and the device answers later',
    expected: 'an asynchronous read',
    fix: 'Await the call, or `read` its results',
  })

/** A shader that does not compile: the kernel, what the compiler says, and the lines about it. */
export function shaderFault(
  kernel: string,
  wgsl: string,
  messages: readonly ShaderMessage[],
  otherwise: string,
): PullbackError {
  const said = messages.map(
    ({ message, line, column }) => `${line}:${column} ${message}\n${excerpt(wgsl, line)}`,
  )
  return new PullbackError({
    code: 'compile',
    where: `kernel ${kernel}`,
    what: `the device refuses the shader: ${said.join('\n') || `${otherwise}\n${wgsl}`}`,
    fix: 'Report the kernel; its source is in explain',
  })
}

export interface ShaderMessage {
  readonly message: string
  /** From 1. */
  readonly line: number
  readonly column: number
}

/** The line and the two on either side, numbered, the line marked. */
function excerpt(wgsl: string, line: number): string {
  const lines = wgsl.split('\n')
  const first = Math.max(1, line - 2)
  const width = String(line + 2).length
  return lines
    .slice(first - 1, line + 2)
    .map((text, i) => {
      const number = first + i
      return `${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${text}`
    })
    .join('\n')
}
