/**
 * A program on a device: its pipelines, its constants, and the memory for the sizes in use.
 *
 *   load   every shader compiled, all at once      run   arena for the sizes, recording, submit
 *
 * A call at the sizes of the one before replays the recording with other arrays. A recording is
 * kept if it is the only one of the call; long loops and device-decided ones are recorded anew.
 */
import { dimValue, type Sizes } from '../../lib/data/dim.js'
import type { PullbackError } from '../../lib/data/index.js'
import { type Program, programNames, type Step } from '../../lib/loop/index.js'
import type { Device } from './device.js'
import { emitKernel, type GpuDispatch } from './emit/index.js'
import {
  closeResources,
  encode,
  openResources,
  type PassFor,
  type Resources,
  type Shader,
  submit,
} from './execute.js'
import { endless, runningOf } from './fault.js'
import { copyShader, gateShader, swapShader } from './gate.js'
import { openConstants, openSlots } from './memory.js'
import type { DeviceBuffer } from './pool.js'
import { readWords } from './read.js'
import type { Compiled, Names, Recording } from './record.js'
import { isPlain, type Request, walk } from './walk.js'

export interface Loaded {
  readonly device: Device
  readonly compiled: Compiled
  /**
   * Starts it; `externals` in the program's order. A promise where the host must answer questions
   * on the way.
   */
  readonly run: (
    sizes: Sizes,
    externals: readonly DeviceBuffer[],
    options?: RunOptions,
  ) => Run | Promise<Run>
  readonly release: () => void
}

export interface RunOptions {
  readonly passFor?: PassFor | undefined
}

export interface Run {
  /** Where each external buffer is at the end. */
  readonly externals: readonly DeviceBuffer[]
  /** What the device says against the work, once it has looked at it. */
  readonly checked: readonly Promise<PullbackError | undefined>[]
}

export function compileFor(device: Device, program: Program): Compiled {
  // One over an empty array has nothing to run, and its shader may divide by a size of 0.
  const dispatches = new Map(
    program.kernels.map((k) => [
      k.name,
      emitKernel(k, device.limits).dispatches.filter(({ groups }) => !groups.includes(0)),
    ]),
  )
  const running = runningOf(program.name, [...dispatches.values()].flat())
  return { program, dispatches, limits: device.limits, running }
}

export async function loadOn(device: Device, program: Program): Promise<Loaded> {
  const compiled = compileFor(device, program)
  const opened: string[] = []
  const release = (): void => {
    for (const wgsl of opened.splice(0)) device.pipelines.close(wgsl)
  }
  const open = async (dispatch: GpuDispatch): Promise<readonly [GpuDispatch, Shader]> => {
    const layout = device.groups.layout({
      access: dispatch.bindings.map(({ access }) => access),
      uniformBytes: Math.ceil(dispatch.sizes.length / 4) * 16,
    })
    const pipeline = device.pipelines.open(dispatch.label, dispatch.wgsl, layout)
    opened.push(dispatch.wgsl)
    return [dispatch, { layout, pipeline: await pipeline }]
  }
  const own = program.steps.every(isUngated) ? [] : [gateShader, copyShader, swapShader]
  const all = [...[...compiled.dispatches.values()].flat(), ...own]
  try {
    return onDevice(device, compiled, new Map(await Promise.all(all.map(open))), release)
  } catch (cause) {
    release()
    throw device.fault() ?? cause
  }
}

const isUngated = (step: Step): boolean =>
  step.tag === 'for' ? step.body.every(isUngated) : step.tag !== 'branch' && step.tag !== 'while'

/** Memory and recording for the sizes of the last call. */
interface Binding {
  readonly values: readonly number[]
  readonly slots: readonly DeviceBuffer[]
  kept: Kept | undefined
}
interface Kept {
  readonly recording: Recording
  readonly resources: Resources
  /** Where buffers are at the end. */
  readonly names: Names
}

function onDevice(
  device: Device,
  compiled: Compiled,
  shaders: ReadonlyMap<GpuDispatch, Shader>,
  releaseShaders: () => void,
): Loaded {
  const { program } = compiled
  const { pool } = device
  const names = programNames(program)
  const constants = openConstants(device, program)
  const asks = !program.steps.every(isPlain)
  let binding: Binding | undefined

  const unbind = (): void => {
    if (binding === undefined) return
    for (const held of binding.slots) pool.give(held)
    if (binding.kept !== undefined) closeResources(device, binding.kept.resources)
    binding = undefined
  }
  const bind = (sizes: Sizes): Binding => {
    const values = binding?.values
    if (binding !== undefined && names.every((name, i) => values?.[i] === sizes[name])) {
      return binding
    }
    unbind()
    const slots = openSlots(device, program, sizes)
    binding = { values: names.map((name) => dimValue(name, sizes)), slots, kept: undefined }
    return binding
  }
  const placed = ({ slots }: Binding, externals: readonly DeviceBuffer[]): DeviceBuffer[] => {
    let next = 0
    return program.buffers.map(({ place, name }) => {
      const arena = place.tag === 'arena' ? slots[place.slot] : undefined
      const held = arena ?? (place.tag === 'external' ? externals[next++] : constants.get(name))
      if (held === undefined) throw new Error(`broken invariant: no memory for '${name}'`)
      return held
    })
  }
  const startNames = (): Names => new Map(program.buffers.map((b, i) => [b.name, i]))
  const end = (buffers: readonly DeviceBuffer[], at: Names, checked: Run['checked']): Run => ({
    externals: program.buffers.flatMap(({ name, place }) => {
      const held = place.tag === 'external' ? buffers[at.get(name) ?? -1] : undefined
      return held === undefined ? [] : [held]
    }),
    checked,
  })
  const execute = (
    recording: Recording,
    resources: Resources,
    buffers: readonly DeviceBuffer[],
    passFor: PassFor | undefined,
  ): Promise<PullbackError | undefined> =>
    submit(device, program.name, (encoder) => {
      encode(encoder, { device, shaders, recording, resources, buffers }, passFor)
    }).then((fault) => {
      // What was refused may be memory that is kept: better made anew.
      if (fault !== undefined) unbind()
      return fault
    })

  const replay = (kept: Kept, buffers: readonly DeviceBuffer[], passFor?: PassFor): Run =>
    end(buffers, kept.names, [execute(kept.recording, kept.resources, buffers, passFor)])

  /** Runs a request's recording, in memory of its own; answers what it asks. */
  const once = (
    { recording, ask }: Request,
    buffers: readonly DeviceBuffer[],
    passFor: PassFor | undefined,
  ) => {
    const resources = openResources(device, recording)
    const checked = execute(recording, resources, buffers, passFor)
    const held = ask && (buffers[ask.place] ?? resources.places[ask.place - buffers.length])
    const answer = ask && readWords(device, held, ask.first, ask.words, compiled.running)
    closeResources(device, resources)
    return { checked, answer }
  }

  /** Without questions: the first recording is kept if it is the only one. */
  const straight = (
    bound: Binding,
    sizes: Sizes,
    buffers: readonly DeviceBuffer[],
    passFor: PassFor | undefined,
  ): Run => {
    const at = startNames()
    const requests = walk(compiled, sizes, at)
    const first = requests.next()
    const second = first.done === true ? first : requests.next()
    if (second.done === true) {
      const recording = first.done === true ? nothing : first.value.recording
      bound.kept = { recording, resources: openResources(device, recording), names: at }
      return replay(bound.kept, buffers, passFor)
    }
    const some = first.done === true ? [second.value] : [first.value, second.value]
    const checked = some.map((request) => once(request, buffers, passFor).checked)
    for (const request of requests) checked.push(once(request, buffers, passFor).checked)
    return end(buffers, at, checked)
  }

  const questioned = async (
    sizes: Sizes,
    buffers: readonly DeviceBuffer[],
    { passFor }: RunOptions,
  ): Promise<Run> => {
    const at = startNames()
    const requests = walk(compiled, sizes, at)
    const until = performance.now() + device.timeout
    let next = requests.next()
    while (next.done !== true) {
      const { checked, answer } = once(next.value, buffers, passFor)
      const said = await answer
      const fault = device.fault() ?? (await checked)
      if (fault !== undefined) throw fault
      if (performance.now() > until) throw endless(device.timeout, program.name)
      next = requests.next(said)
    }
    return end(buffers, at, [])
  }

  return {
    device,
    compiled,
    run: (sizes, externals, options = {}) => {
      const bound = bind(sizes)
      const buffers = placed(bound, externals)
      if (asks) return questioned(sizes, buffers, options)
      const { kept } = bound
      return kept === undefined
        ? straight(bound, sizes, buffers, options.passFor)
        : replay(kept, buffers, options.passFor)
    },
    release: () => {
      unbind()
      for (const held of constants.values()) pool.give(held)
      constants.clear()
      releaseShaders()
    },
  }
}

const nothing: Recording = { commands: [], words: [], table: [], cells: 0, scratch: [] }
