/**
 * A function on the backend: compiled once, called again and again, on whatever device is alive.
 */
import type { NDArray, Sizes, TypedArray } from '../../lib/data/index.js'
import { dimProduct, dimValue, sizeOf } from '../../lib/data/index.js'
import { type Compilation, compile } from '../../lib/loop/compile.js'
import type { Func } from '../../lib/term/index.js'
import { type Executable, isResident, type LoadOptions, type ResidentArray } from '../backend.js'
import { donateOption } from '../log.js'
import { describe } from './describe.js'
import type { Device } from './device.js'
import { gpuHardware } from './emit/index.js'
import { buffersOf, type Host, liveDevice, runJob, workOf } from './host.js'
import { type Loaded, loadOn } from './loaded.js'
import { arrayBytes, upload } from './memory.js'
import type { DeviceBuffer } from './pool.js'
import { profileCall } from './profile.js'
import { promised } from './promised.js'
import { fill, type Holding } from './resident.js'

export interface LoadedFunction {
  readonly executable: Executable
  readonly compilation: Compilation
  /** The program on the device in use. */
  readonly current: () => Loaded
  readonly release: () => void
}

export async function loadFunction(
  host: Host,
  func: Func,
  { donate = [] }: LoadOptions = {},
): Promise<LoadedFunction> {
  const device = await liveDevice(host)
  const { least, ...policies } = host.options.choices ?? {}
  const hardware = gpuHardware(device.limits, least)
  const compilation = compile(func, { hardware, ...policies })
  const { program } = compilation
  const compilations = [...host.log.note(func, donateOption(func, donate))]
  let loaded = await loadOn(device, program)

  const prepare = async (device: Device): Promise<void> => {
    if (loaded.device === device) return
    loaded = await loadOn(device, program)
    compilations.push('the device was lost')
  }
  const call: Executable['call'] = (args, sizes) => {
    // A host array for each that is none of ours; copied if the work cannot start at once.
    const given = args.map((a) => (isResident(a) ? host.arrays.holding(a) : { array: a }))
    const uses = given.flatMap((g) => ('array' in g ? [] : [g]))
    const made = func.results.map((r) => host.arrays.make(r.dtype, r.shape, sizes))
    const makes = made.map(host.arrays.holding)
    try {
      runJob(host, {
        uses,
        makes,
        isReady: (on) => loaded.device === on,
        prepare,
        defer: () => {
          for (const g of given) if ('array' in g) g.array = copyOf(g.array)
        },
        start: (on) => startCall(on, loaded, sizes, given, made, makes),
      })
    } catch (cause) {
      for (const array of made) array.release()
      throw cause
    } finally {
      args.forEach((a, i) => {
        if (isResident(a) && donate.includes(i)) a.release()
      })
    }
    return made
  }
  const profile: Executable['profile'] = (args, sizes) =>
    promised(async () => {
      const on = await liveDevice(host)
      await prepare(on)
      const uploaded = args.map(({ dtype, data }) => upload(on, dtype, data))
      const results = func.results.map(({ dtype, shape }) =>
        on.pool.take(arrayBytes(dtype, dimValue(dimProduct(shape), sizes), on.limits)),
      )
      const held = [...uploaded, ...results]
      // Once before, so that the first use of a pipeline is not what is timed.
      await loaded.run(sizes, held)
      const times = await profileCall(loaded, sizes, held)
      for (const buffer of held) on.pool.give(buffer)
      return times
    })
  return {
    executable: {
      func,
      call,
      ...(device.hasTimestamps ? { profile } : {}),
      describe: (sizes) => describe(compilation, loaded.compiled, compilations, sizes),
    },
    compilation,
    current: () => loaded,
    release: () => loaded.release(),
  }
}

type Given = Holding | { array: NDArray }

const copyOf = (array: NDArray): NDArray => ({ ...array, data: array.data.slice() as TypedArray })

/** Uploads what must be, runs the program, and fills in the results. */
function startCall(
  device: Device,
  loaded: Loaded,
  sizes: Sizes,
  given: readonly Given[],
  made: readonly ResidentArray[],
  makes: readonly Holding[],
): undefined | Promise<void> {
  const uses = given.flatMap((g) => ('array' in g ? [] : [g]))
  buffersOf(uses, device) // all are there, before anything is taken
  const uploaded: DeviceBuffer[] = []
  const results: DeviceBuffer[] = []
  const giveUp = (cause: unknown): never => {
    if (device.fault() === undefined) for (const b of [...uploaded, ...results]) device.pool.give(b)
    throw device.fault() ?? cause
  }
  try {
    const buffers = given.map((g) => {
      if (!('array' in g)) return buffersOf([g], device)[0] as DeviceBuffer // one for one
      const buffer = upload(device, g.array.dtype, g.array.data)
      uploaded.push(buffer)
      return buffer
    })
    for (const { dtype, shape } of made) {
      results.push(device.pool.take(arrayBytes(dtype, sizeOf(shape), device.limits)))
    }
    const run = loaded.run(sizes, [...buffers, ...results])
    const finish = ({ externals, checked }: Awaited<typeof run>): undefined => {
      const work = workOf(loaded.compiled.running, checked, uses)
      makes.forEach((held, i) => {
        fill(held, device, externals[buffers.length + i] as DeviceBuffer, work) // one a result
      })
      for (const held of uploaded) device.pool.give(held)
    }
    return run instanceof Promise ? run.then(finish, giveUp) : finish(run)
  } catch (cause) {
    return giveUp(cause)
  }
}
