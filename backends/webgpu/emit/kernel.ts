/**
 * A scheduled kernel as dispatches.
 *
 *   kernel → parts → for each: the grid, places of its arrays, text
 *
 * A loop of independent iterations that no schedule spread becomes one invocation an iteration,
 * nested ones as far as they lie perfectly; loops over groups become workgroups.
 */
import { type Dim, dimAdd, dimFloorDivide } from '../../../lib/data/dim.js'
import {
  type Block,
  blocksOf,
  deferArms,
  type Kernel,
  kernelNames,
  type Loop,
  parallel,
  statementsOf,
} from '../../../lib/loop/index.js'
import type { GpuDispatch, GpuKernel, GpuLimits, GpuScratch } from './dispatch.js'
import { define, type Emission, type Memory, within, write } from './emission.js'
import { textOf } from './expression.js'
import { type Axis, countOf, gridOf, totalOf } from './grid.js'
import { emitGroup, type Group } from './group.js'
import { sizeText } from './literal.js'
import { moduleOf } from './module.js'
import { packPart } from './pack.js'
import { type Part, type Parts, partsOf } from './part.js'
import { type Places, placesOf, type Runner, runnerIndex } from './place.js'
import { buffersUsed } from './slice.js'
import { splitParts } from './split.js'
import { emitBlock } from './statement.js'
import { isMultipleLoop, wideNames } from './wide.js'

export function emitKernel(kernel: Kernel, limits: GpuLimits): GpuKernel {
  const { parts, scratch } = fitted(kernel, limits)
  const dispatches = parts.map((part, i) => {
    const label = parts.length === 1 ? kernel.name : `${kernel.name}.${i}`
    return emitPart(kernel, part, scratch, label, limits)
  })
  return { name: kernel.name, dispatches }
}

/** The parts, each of which binds no more than the device can. */
function fitted(kernel: Kernel, limits: GpuLimits): Parts {
  const most = limits.storageBuffers
  const { parts, scratch } = partsOf(kernel)
  const packs: GpuScratch[] = []
  const fit = splitParts(parts, most).flatMap((part): readonly Part[] => {
    if (buffersUsed(part.body).size <= most) return [part]
    const { bindings } = emitPart(kernel, part, scratch, kernel.name, limits)
    if (bindings.length <= most) return [part]
    const known = [...kernel.buffers, ...scratch]
    const packed = packPart(part, bindings, known, most, `pack${packs.length}`)
    packs.push(packed.scratch)
    return packed.parts
  })
  return { parts: fit, scratch: [...scratch, ...packs] }
}

function emitPart(
  kernel: Kernel,
  part: Part,
  crossing: readonly GpuScratch[],
  label: string,
  limits: GpuLimits,
): GpuDispatch {
  const sizes = new Set(kernelNames(kernel))
  const shape = deferred(kernel, shapeOf(part, sizes, limits))
  const places = placesOf(kernel, shape.body, crossing, shape.runner, limits)
  const wide = wideNames(shape.body, shape.axes, places.memories)
  const e = openEmission(label, widened(places.memories, wide), sizes)
  e.depth = 1
  const runners = shape.runner.total
  if (runners !== 1) {
    const number =
      shape.runner.level === 'group' ? 'workgroup' : `(workgroup * ${shape.width}u + lane)`
    write(e, `let runner = i32(${number});`)
    write(e, `if (runner >= ${sizeText(e, runners)}) { return; }`)
  }
  const runner = runners === 1 ? '0i' : 'runner'
  e.names.set(runnerIndex, runner)
  emitBlock(e, shape.before)
  emitAxes(e, shape.axes, runner)
  const guards = shape.axes.filter((axis) => axis.guarded)
  const body = (): void => {
    if (shape.runner.level === 'invocation') emitBlock(e, shape.body)
    else emitGroup(e, groupOf(shape, places, limits), shape.body)
  }
  const checks = guards.map(({ loop }) => `${e.names.get(loop.index)} < ${textOf(e, loop.to)}`)
  if (checks.length > 0) within(e, `if (${checks.join(' && ')})`, body)
  else body()
  return moduleOf(e, {
    kernel,
    width: shape.width,
    groups:
      shape.runner.level === 'group'
        ? runners
        : dimFloorDivide(dimAdd(runners, shape.width - 1), shape.width),
    scratch: [...crossing, ...places.scratch],
  })
}

interface Shape {
  readonly before: Block
  readonly axes: readonly Axis[]
  readonly body: Block
  readonly runner: Runner
  /** Invocations of a workgroup. */
  readonly width: number
}

function shapeOf(part: Part, sizes: ReadonlySet<string>, limits: GpuLimits): Shape {
  const loop = part.body.find((s): s is Loop => s.tag === 'loop')
  if (part.tag === 'block' || loop === undefined) {
    const width = widthOf(part.body, 1, limits)
    const level = width === 1 ? 'invocation' : 'group'
    return { before: [], axes: [], body: part.body, runner: { level, width, total: 1 }, width }
  }
  const before = part.body.filter((s) => s !== loop)
  const { axes, body } = gridOf(loop, sizes)
  const total = totalOf(axes)
  if (loop.spread === 'groups') {
    const width = widthOf(body, total, limits)
    return { before, axes, body, runner: { level: 'group', width, total }, width }
  }
  const width = Math.min(gridWidth(body), limits.workgroupInvocations, limits.workgroupSizeX)
  return { before, axes, body, runner: { level: 'invocation', width, total }, width }
}

/**
 * Long work that few elements need goes into branches of one invocation: a workgroup's own
 * statements stay as they are, since barriers may stand behind them.
 */
function deferred(kernel: Kernel, shape: Shape): Shape {
  if (shape.runner.level === 'group') {
    return { ...shape, body: deferArms({ ...kernel, body: shape.body }).body }
  }
  const inside = deferArms({ ...kernel, body: [parallel(runnerIndex, 1, () => shape.body)] })
  return { ...shape, body: inside.body.flatMap((s) => blocksOf(s).flat()) }
}

/** Invocations that loops of their own make heavy come in smaller workgroups. */
const gridWidth = (body: Block): number =>
  statementsOf(body).some((s) => s.tag === 'loop' || s.tag === 'while') ? 64 : 256

/** Where so many workgroups run, loops of unknown length are shared by fewer invocations. */
const manyGroups = 32

/** A power of two that the loops over invocations fill; 1 where there are none. */
function widthOf(body: Block, groups: Dim, limits: GpuLimits): number {
  const most = Math.min(limits.workgroupInvocations, limits.workgroupSizeX, 256)
  const unknown = typeof groups === 'number' && groups < manyGroups ? most : Math.min(64, most)
  const counts = statementsOf(body).flatMap((s): readonly Dim[] =>
    s.tag === 'loop' && s.spread === 'invocations' ? [countOf(s, new Set())?.count ?? unknown] : [],
  )
  if (counts.length === 0) return 1
  const largest = Math.max(...counts.map((count) => (typeof count === 'number' ? count : unknown)))
  return Math.min(most, Math.max(32, 2 ** Math.ceil(Math.log2(Math.max(1, largest)))))
}

const widened = (
  memories: Places['memories'],
  wide: ReadonlySet<string>,
): ReadonlyMap<string, Memory> =>
  new Map([...memories].map(([name, memory]) => [name, { ...memory, wide: wide.has(name) }]))

function openEmission(
  label: string,
  memories: ReadonlyMap<string, Memory>,
  sizeNames: ReadonlySet<string>,
): Emission {
  const taken = new Set<string>()
  return {
    label,
    lines: [],
    depth: 0,
    names: new Map(),
    memories,
    accumulators: new Map(),
    multiples: new Set(),
    sizeNames,
    shared: new Map(),
    used: { buffers: new Map(), sizes: new Set(), helpers: new Set(), features: new Set() },
    fresh: (prefix) => {
      let name = prefix
      for (let n = 1; taken.has(name); n++) name = `${prefix}_${n}`
      taken.add(name)
      return name
    },
  }
}

/** The indices of a runner's place in the grid, the last axis fastest. */
function emitAxes(e: Emission, axes: readonly Axis[], runner: string): void {
  let rest = `u32(${runner})`
  axes.toReversed().forEach(({ loop, count }, i) => {
    const isLast = i === axes.length - 1
    const extent = `u32(${sizeText(e, count)})`
    let place = `i32(${rest})`
    if (!isLast) {
      const digit = e.fresh('digit')
      write(e, `let ${digit} = ${rest} % ${extent};`)
      place = `i32(${digit})`
      const quotient = e.fresh('rest')
      write(e, `let ${quotient} = ${rest} / ${extent};`)
      rest = quotient
    }
    const from = textOf(e, loop.from)
    const step = loop.step === 1 ? place : `${place} * ${loop.step}i`
    const sum = from === '0i' ? step : `${from} + ${step}`
    if (isMultipleLoop(loop, e.multiples)) e.multiples.add(loop.index)
    write(e, `let ${define(e, loop.index)} = ${sum};`)
  })
}

function groupOf(shape: Shape, places: Places, { subgroupSize }: GpuLimits): Group {
  const written = new Set(
    statementsOf(shape.body).flatMap((s) => (s.tag === 'store' ? [s.buffer] : [])),
  )
  const names = shape.before.flatMap((s) => (s.tag === 'let' ? [s.name] : []))
  return {
    width: shape.width,
    subgroups: subgroupSize !== undefined && subgroupSize <= shape.width,
    written,
    turned: places.turned,
    pending: { reads: new Set(), writes: new Set() },
    uniform: new Set([...shape.axes.map((axis) => axis.loop.index), ...names, runnerIndex]),
  }
}
