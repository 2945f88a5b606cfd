/**
 * Profiles: what each kernel of one call took, at inputs drawn at random, and a Chrome trace.
 *
 *   softmax_0   12.4 µs   8.4 MB   677 GB/s   5.2 Gflop/s   81 % of the roofline
 *
 * The roofline is the device's own: a kernel takes at least its bytes over what copies move, and
 * its operations over what chains of multiply-adds reach. Named sizes are drawn small where they are
 * not given.
 */
import { writeFileSync } from 'node:fs'
import * as Effect from 'effect/Effect'
import { attempt, Backend, type Executable, type KernelTime } from '../../backends/backend.js'
import { measurePeak, type Peak } from '../../backends/webgpu/peak.js'
import { drawFrom } from '../../laws/draw.js'
import { fail, type PullbackError, type Sizes } from '../../lib/data/index.js'
import type { Func } from '../../lib/term/index.js'
import { drawArguments, drawSizes } from './sample.js'

export interface ProfileOptions {
  /** Where the trace goes. */
  readonly path: string
  /** Sizes by name: `batch=128,n=64`. */
  readonly sizes: string
}

/** Times a call, writes the trace to the path, and gives the table. */
export const profileLines = (
  executable: Executable,
  func: Func,
  { path, sizes: given }: ProfileOptions,
): Effect.Effect<readonly string[], PullbackError, Backend> =>
  Effect.gen(function* () {
    const { name } = yield* Backend
    const { profile } = executable
    if (profile === undefined) return yield* attempt(() => noClock(name))
    const draw = drawFrom(0)
    const drawn = drawSizes(func, draw)
    const sizes = { ...drawn, ...(yield* attempt(() => sizesFrom(given, drawn))) }
    const args = drawArguments(func, sizes, { low: -1, high: 1 }, draw)
    const times = yield* profile(args, sizes)
    const peak = yield* Effect.promise(() => measurePeak())
    yield* attempt(() => {
      writeFileSync(path, JSON.stringify(traceOf(func.name, times)))
    })
    const total = times.reduce((sum, { from, to }) => sum + to - from, 0)
    return [
      ...times.map((each) => lineOf(each, peak)),
      `${times.length} dispatches, ${micros(total)} in all on ${peak.adapter}; trace in ${path}`,
      ...(peak.software ? ['the adapter is software: its times and shares mean nothing'] : []),
    ]
  })

const noClock = (name: string): never =>
  fail({
    code: 'backend',
    where: '--profile',
    what: `the backend ${name} keeps no time of its kernels`,
    expected: 'a device with timestamps',
    fix: 'Choose --backend webgpu, on an adapter that offers timestamp-query',
  })

function lineOf({ name, from, to, bytes, flops }: KernelTime, peak: Peak): string {
  const seconds = (to - from) / 1e9
  if (seconds <= 0) return `${name}  below the clock's step`
  const least = Math.max(bytes / peak.bytesPerSecond, flops / peak.flopsPerSecond)
  const cells = [
    micros(to - from),
    `${short(bytes)}B`,
    `${short(bytes / seconds)}B/s`,
    `${short(flops / seconds)}flop/s`,
    `${((100 * least) / seconds).toFixed(1)} % of the roofline`,
  ]
  return `${name}  ${cells.join('  ')}`
}

const micros = (nanoseconds: number): string => `${(nanoseconds / 1000).toFixed(1)} µs`

/** 1.2 k, 3.4 M, 5.6 G and so on. */
function short(x: number): string {
  const step = x < 1 ? 0 : Math.min(4, Math.floor(Math.log10(x) / 3))
  return `${Number((x / 1000 ** step).toPrecision(3))} ${['', 'k', 'M', 'G', 'T'][step]}`
}

/** Sizes as they are written, of names that the function has. */
export function sizesFrom(text: string, known: Sizes): Sizes {
  const entries = text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', number = ''] = part.split('=')
      if (!Object.hasOwn(known, name)) return noSize(`there is no size '${name}'`, known)
      if (!/^\d+$/.test(number)) return noSize(`'${part}' gives no whole number`, known)
      return [name, Number(number)] as const
    })
  return Object.fromEntries(entries)
}

const noSize = (what: string, known: Sizes): never =>
  fail({
    code: 'input',
    where: '--size',
    what,
    expected: `NAME=NUMBER, for any of: ${Object.keys(known).join(', ') || 'no names at all'}`,
  })

/**
 * The form that chrome://tracing and Perfetto read: complete events, in microseconds; the call's
 * own around those of its kernels.
 */
export function traceOf(program: string, times: readonly KernelTime[]): object {
  const from = Math.min(...times.map((each) => each.from))
  const to = Math.max(...times.map((each) => each.to))
  const event = (name: string, start: number, end: number, args: object): object => ({
    name,
    cat: program,
    ph: 'X',
    ts: start / 1000,
    dur: (end - start) / 1000,
    pid: 1,
    tid: 1,
    args,
  })
  return {
    displayTimeUnit: 'ns',
    traceEvents: [
      ...(times.length === 0 ? [] : [event(program, from, to, { dispatches: times.length })]),
      ...times.map(({ name, from, to, bytes, flops }) => event(name, from, to, { bytes, flops })),
    ],
  }
}
