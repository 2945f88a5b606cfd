/**
 * Schedules as data: what to do with the loops of a kernel, one decision after another.
 *
 *   [{ tag: 'split', loop: 'i', by: 6, outer: 'i1' }, { tag: 'vector', loop: 'j', width: 8 }]
 *
 * A schedule names loops, buffers and numbers only, so it can be stored, printed, replayed and
 * proposed by a policy. `apply.ts` says what each decision does and when it is legal.
 */
import type { Spread } from '../statement.js'

export type Decision =
  /** `outer` goes in steps of `by`; `loop` runs from 0 inside it. */
  | { readonly tag: 'split'; readonly loop: string; readonly by: number; readonly outer: string }
  /** Perfectly nested loops, in a new order, outermost first. */
  | { readonly tag: 'order'; readonly loops: readonly string[] }
  /** `inner`, directly in `outer`, becomes one flat loop with it, called `outer`. */
  | { readonly tag: 'collapse'; readonly outer: string; readonly inner: string }
  /** Nested loops that walk every access as one loop would, outermost first, become that loop. */
  | { readonly tag: 'flatten'; readonly loops: readonly string[] }
  /** `width` iterations at a time in vector lanes. */
  | { readonly tag: 'vector'; readonly loop: string; readonly width: number }
  /** `width` iterations at a time in registers. */
  | { readonly tag: 'unroll'; readonly loop: string; readonly width: number }
  /** A reduction in blocks: partial results of `by` iterations are combined. */
  | { readonly tag: 'block'; readonly loop: string; readonly by: number; readonly outer: string }
  /**
   * What is read of `buffer` in one iteration of `at` is copied first, in the order of `loops`. A
   * loop that moves it together with one of them need not be named: the tile holds their sum.
   */
  | {
      readonly tag: 'stage'
      readonly buffer: string
      readonly at: string
      readonly loops: readonly string[]
    }
  /** The range where a loop's conditions all hold becomes a loop without them. */
  | { readonly tag: 'peel'; readonly loop: string }
  /** The let `value` of the loop `from` is kept in a row for `loop`, which computes it again. */
  | {
      readonly tag: 'keep'
      readonly value: string
      readonly from: string
      readonly loop: string
    }
  /** A reduction in blocks around the loops inside `at`, its results kept in a local tile. */
  | {
      readonly tag: 'carry'
      readonly loop: string
      readonly by: number
      readonly outer: string
      readonly at: string
    }
  /** Cache lines that the next `by` iterations use, or those in the next of `of`, are touched. */
  | { readonly tag: 'touch'; readonly loop: string; readonly by: number; readonly of: string }
  /** What each step of a reduction adds is kept in a place of its own, and added up behind it. */
  | { readonly tag: 'partials'; readonly loop: string }
  /** What stands behind the loop `after` in the body of `loop` becomes a loop of its own. */
  | { readonly tag: 'fission'; readonly loop: string; readonly after: string }
  /** What stands before `loop`, the last of a body, is computed in each of its iterations. */
  | { readonly tag: 'sink'; readonly loop: string }
  /** A contraction whose tiles the invocations of a workgroup compute together. */
  | {
      readonly tag: 'cooperate'
      /** The outermost loop. */
      readonly loop: string
      /** Of a workgroup's tile of results, and terms at a time. */
      readonly rows: number
      readonly columns: number
      readonly depth: number
      /** Rows and columns of one invocation. */
      readonly height: number
      readonly width: number
      /** Elements of an operand that move at once. */
      readonly lanes: number
      /** Whether the next tiles are read while these are multiplied. */
      readonly ahead: boolean
    }
  /** An elementwise loop in runs of `turns` · `width`, an invocation taking every `width`-th. */
  | {
      readonly tag: 'deal'
      readonly loop: string
      readonly width: number
      readonly turns: number
      readonly lanes: number
      readonly outer: string
    }
  /** The iterations are divided among threads, workgroups or invocations. */
  | { readonly tag: 'spread'; readonly loop: string; readonly over: Spread }

export type Schedule = readonly Decision[]

/**
 * In which order of its axes a computed array lies in memory: decided about a program before it has
 * kernels, since it says which arrays need no copy. `lower/layout.ts` says what is legal.
 *
 *   %1 = tanh x; %2 = transpose %1 {perm: [1, 0]}; return %2    under    layout %1 as 1, 0
 *     →    one kernel writes tanh x where the result lies
 */
export interface Layout {
  readonly tag: 'layout'
  /** As the optimised terms print it; in a body behind the way there: `%4.body.%2`. */
  readonly value: string
  /** Which axis of the value each axis in memory is, slowest first. */
  readonly order: readonly number[]
}

/** All that is decided about a program: enough to make the same kernels of its terms again. */
export interface ProgramSchedule {
  readonly layouts: readonly Layout[]
  /** Of each kernel, in order. */
  readonly kernels: readonly Schedule[]
}

/** `split i by 6 as i1; vector j width 8`. */
export const showSchedule = (schedule: Schedule): string => schedule.map(showDecision).join('; ')

export function showDecision(d: Decision): string {
  switch (d.tag) {
    case 'split':
      return `split ${d.loop} by ${d.by} as ${d.outer}`
    case 'order':
    case 'flatten':
      return `${d.tag} ${d.loops.join(', ')}`
    case 'collapse':
      return `collapse ${d.outer}, ${d.inner}`
    case 'vector':
    case 'unroll':
      return `${d.tag} ${d.loop} by ${d.width}`
    case 'block':
      return `block ${d.loop} by ${d.by} as ${d.outer}`
    case 'stage':
      return `stage ${d.buffer} at ${d.at} as ${d.loops.join(', ')}`
    case 'peel':
      return `peel ${d.loop}`
    case 'keep':
      return `keep ${d.value} of ${d.from} for ${d.loop}`
    case 'carry':
      return `carry ${d.loop} by ${d.by} as ${d.outer} in ${d.at}`
    case 'touch':
      return `touch ${d.loop} by ${d.by} of ${d.of}`
    case 'partials':
      return `partials of ${d.loop}`
    case 'fission':
      return `fission ${d.loop} after ${d.after}`
    case 'sink':
      return `sink into ${d.loop}`
    case 'cooperate': {
      const block = `${d.height} × ${d.width} of ${d.rows} × ${d.columns} by ${d.depth}`
      return `cooperate at ${d.loop}: ${block}${lanesOf(d)}${d.ahead ? ', reading ahead' : ''}`
    }
    case 'deal':
      return `deal ${d.loop} to ${d.width} for ${d.turns} turns${lanesOf(d)} as ${d.outer}`
    case 'spread':
      return `spread ${d.loop} over ${d.over}`
  }
}

/** `layout %1 as 1, 0`. */
export const showLayout = ({ value, order }: Layout): string =>
  `layout ${value} as ${order.join(', ')}`

const lanesOf = ({ lanes }: { readonly lanes: number }): string =>
  lanes === 1 ? '' : ` in lanes of ${lanes}`
