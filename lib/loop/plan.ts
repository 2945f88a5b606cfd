/**
 * Plan memory: buffers that are never alive together share a slot of the arena.
 *
 *   b0 = f x; b1 = g b0; b2 = h b1    →    b0 and b2 in slot 0, b1 in slot 1
 *
 * A buffer lives from its first write to its last use; if it crosses the edge of a loop, it lives
 * through the whole loop. Buffers that swap live as long as either. Buffers share a slot only if
 * both sizes are numbers or they are the same size for all bindings, so that what a slot takes is
 * known by symbols.
 */
import { type Dim, dimMul, dimProduct, dimValue, type Sizes } from '../data/dim.js'
import { byteSize } from '../data/dtype.js'
import type { Program, ProgramBuffer, Step } from './program.js'

/** First and last moment, both inclusive. */
export interface Life {
  from: number
  to: number
}

/** A moment of use; whether the buffer is written as a whole there. */
interface Use {
  readonly name: string
  readonly at: number
  readonly defines: boolean
}

interface Span {
  readonly from: number
  readonly to: number
}

/** The program with slots shared. */
export function planMemory(program: Program): Program {
  const lives = lifetimes(program)
  const arena = program.buffers.filter((b) => b.place.tag === 'arena' && lives.has(b.name))
  const byStart = [...arena].sort((a, b) => lifeOf(lives, a).from - lifeOf(lives, b).from)
  const slots: { bytes: Dim; until: number }[] = []
  const chosen = new Map<string, number>()
  for (const buffer of byStart) {
    const life = lifeOf(lives, buffer)
    const bytes = bytesOf(buffer)
    const free = slots.flatMap((s, i) =>
      s.until < life.from && compatible(s.bytes, bytes) ? [i] : [],
    )
    const slot = bestFit(slots, free, bytes) ?? slots.push({ bytes, until: 0 }) - 1
    slots[slot] = { bytes: larger(slots[slot].bytes, bytes), until: life.to }
    chosen.set(buffer.name, slot)
  }
  const buffers = program.buffers
    .filter((b) => b.place.tag !== 'arena' || lives.has(b.name))
    .map((b): ProgramBuffer => {
      const slot = chosen.get(b.name)
      return slot === undefined ? b : { ...b, place: { tag: 'arena', slot } }
    })
  return { ...program, buffers }
}

/** Bytes of the arena once sizes are bound: each slot as large as its largest buffer. */
export function peakBytes(program: Program, sizes: Sizes, align = 16): number {
  const slots = new Map<number, number>()
  for (const b of program.buffers) {
    if (b.place.tag !== 'arena') continue
    const bytes = Math.ceil(dimValue(bytesOf(b), sizes) / align) * align
    slots.set(b.place.slot, Math.max(slots.get(b.place.slot) ?? 0, bytes))
  }
  return [...slots.values()].reduce((total, bytes) => total + bytes, 0)
}

const bytesOf = (b: ProgramBuffer): Dim => dimMul(byteSize[b.dtype], dimProduct(b.shape))

const compatible = (a: Dim, b: Dim): boolean =>
  (typeof a === 'number' && typeof b === 'number') || a === b

const larger = (a: Dim, b: Dim): Dim =>
  typeof a === 'number' && typeof b === 'number' ? Math.max(a, b) : a

/** The free slot that wastes least. */
function bestFit(
  slots: readonly { readonly bytes: Dim }[],
  free: readonly number[],
  bytes: Dim,
): number | undefined {
  const waste = (slot: number) => Math.abs(Number(slots[slot].bytes) - Number(bytes)) || 0
  return [...free].sort((a, b) => waste(a) - waste(b))[0]
}

function lifeOf(lives: ReadonlyMap<string, Life>, b: ProgramBuffer): Life {
  const life = lives.get(b.name)
  if (life === undefined) throw new Error(`broken invariant: ${b.name} has no life`)
  return life
}

/** When each buffer is alive, in moments of the flattened program. */
export function lifetimes(program: Program): ReadonlyMap<string, Life> {
  const uses: Use[] = []
  const loops: Span[] = []
  const swaps: (readonly [string, string])[] = []
  const written = new Map(program.kernels.map((k) => [k.name, k.buffers]))
  let moment = 0
  const use = (name: string, defines: boolean) => uses.push({ name, at: moment, defines })
  const walk = (steps: readonly Step[]): void => {
    for (const step of steps) {
      moment++
      switch (step.tag) {
        case 'run':
          for (const b of written.get(step.kernel) ?? []) {
            use(step.buffers[b.name], b.access === 'write')
          }
          break
        case 'copy':
          use(step.from, false)
          use(step.to, true)
          break
        case 'swap':
          use(step.a, false)
          use(step.b, false)
          swaps.push([step.a, step.b])
          break
        case 'for':
          around(
            loops,
            () => moment,
            () => walk(step.body),
          )
          break
        case 'while':
          around(
            loops,
            () => moment,
            () => {
              walk(step.test)
              moment++
              use(step.condition, false)
              walk(step.body)
            },
          )
          break
        case 'branch':
          use(step.on, false)
          for (const steps of step.cases) walk(steps)
          break
      }
    }
  }
  walk(program.steps)
  const lives = new Map<string, Life>()
  for (const { name, at } of uses) {
    const life = lives.get(name) ?? { from: at, to: at }
    lives.set(name, { from: Math.min(life.from, at), to: Math.max(life.to, at) })
  }
  const usesOf = new Map<string, Use[]>()
  for (const u of uses) usesOf.set(u.name, [...(usesOf.get(u.name) ?? []), u])
  const swapped = new Set(swaps.flat())
  for (const [name, life] of lives) {
    stretch(life, usesOf.get(name) ?? [], loops, swapped.has(name))
  }
  share(lives, swaps)
  return lives
}

/**
 * Buffers that swap live and die together: after an odd number of swaps each has the other's slot.
 */
function share(
  lives: ReadonlyMap<string, Life>,
  swaps: readonly (readonly [string, string])[],
): void {
  let grows = true
  while (grows) {
    grows = false
    for (const pair of swaps) {
      const both = pair.flatMap((name) => lives.get(name) ?? [])
      const from = Math.min(...both.map((life) => life.from))
      const to = Math.max(...both.map((life) => life.to))
      for (const life of both) {
        grows ||= life.from !== from || life.to !== to
        Object.assign(life, { from, to })
      }
    }
  }
}

function around(loops: Span[], now: () => number, body: () => void): void {
  const from = now()
  body()
  loops.push({ from, to: now() })
}

/** Inner loops come first in `loops`, so one pass reaches the outermost. */
function stretch(life: Life, uses: readonly Use[], loops: readonly Span[], carried: boolean): void {
  for (const loop of loops) {
    const inside = uses.filter((u) => u.at >= loop.from && u.at <= loop.to)
    if (inside.length === 0) continue
    const crosses = carried || life.from < loop.from || life.to > loop.to
    if (crosses || !inside[0].defines) {
      life.from = Math.min(life.from, loop.from)
      life.to = Math.max(life.to, loop.to)
    }
  }
}
