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

/** A program, and its kernels with loops whose end the device decides. */
export interface Running {
  readonly program: string
  readonly loops: readonly Shown[]
}

interface Shown {
  readonly label: string
  readonly wgsl: string
}

/** Those of a program's shaders that may have no end. */
export const runningOf = (program: string, shaders: readonly Shown[]): Running => ({
  program,
  loops: shaders.filter(({ wgsl }) => loopLine(wgsl) > 0),
})

/** The line, from 1, where the emitter opens such a loop; 0 where it opens none. */
const loopLine = (wgsl: string): number =>
  wgsl.split('\n').findIndex((line) => line.trim() === 'loop {') + 1

export function timedOut(milliseconds: number, running: readonly Running[]): PullbackError {
  const programs = [...new Set(running.map(({ program }) => program))]
  const loops = new Map(running.flatMap((r) => r.loops.map((s) => [s.wgsl, s] as const)))
  const shown = [...loops.values()].map(
    ({ label, wgsl }) => `kernel ${label} has one:\n${excerpt(wgsl, loopLine(wgsl))}`,
  )
  return backendError({
    where: programs.length > 0 ? `program ${programs.join(', ')}` : where,
    what: `no answer from the device for ${milliseconds} ms; the device was given up`,
    expected: ['loops that end', ...shown].join('; '),
    fix:
      'Look for an endless loop, bound its steps with `maxSteps`, or allow more time with the ' +
      'option `timeout`',
  })
}

export const endless = (milliseconds: number, program: string): PullbackError =>
  backendError({
    where: `program ${program}`,
    what: `a loop has not come to its end after ${milliseconds} ms`,
    expected: 'loops that end',
    fix:
      'Look for an endless loop, bound its steps with `maxSteps`, or allow more time with the ' +
      'option `timeout`',
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
