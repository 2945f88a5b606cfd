/**
 * Schedules as data: what to do with the loops of a kernel, one decision after another.
 *
 *   [{ tag: 'split', loop: 'i', by: 6, outer: 'i1' }, { tag: 'vector', loop: 'j', width: 8 }]
 *
 * A schedule names loops, buffers and numbers only, so it can be stored, printed, replayed and
 * proposed by a policy. `apply.ts` says what each decision does and when it is legal.
 */
import { fail } from '../../data/error.js'
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
  /** What is read of `buffer` in one iteration of `at` is copied first, in the order of `loops`. */
  | {
      readonly tag: 'stage'
      readonly buffer: string
      readonly at: string
      readonly loops: readonly string[]
    }
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
    }
  /** An elementwise loop in runs of `turns` · `width`, an invocation taking every `width`-th. */
  | {
      readonly tag: 'deal'
      readonly loop: string
      readonly width: number
      readonly turns: number
      readonly outer: string
    }
  /** The iterations are divided among threads, workgroups or invocations. */
  | { readonly tag: 'spread'; readonly loop: string; readonly over: Spread }

export type Schedule = readonly Decision[]

type Field = 'name' | 'names' | 'count' | 'level'

const levels: readonly Spread[] = ['threads', 'groups', 'invocations']

const fields: Readonly<Record<Decision['tag'], Readonly<Record<string, Field>>>> = {
  split: { loop: 'name', by: 'count', outer: 'name' },
  order: { loops: 'names' },
  collapse: { outer: 'name', inner: 'name' },
  flatten: { loops: 'names' },
  vector: { loop: 'name', width: 'count' },
  unroll: { loop: 'name', width: 'count' },
  block: { loop: 'name', by: 'count', outer: 'name' },
  stage: { buffer: 'name', at: 'name', loops: 'names' },
  keep: { value: 'name', from: 'name', loop: 'name' },
  carry: { loop: 'name', by: 'count', outer: 'name', at: 'name' },
  touch: { loop: 'name', by: 'count', of: 'name' },
  partials: { loop: 'name' },
  cooperate: {
    loop: 'name',
    rows: 'count',
    columns: 'count',
    depth: 'count',
    height: 'count',
    width: 'count',
  },
  deal: { loop: 'name', width: 'count', turns: 'count', outer: 'name' },
  spread: { loop: 'name', over: 'level' },
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
    case 'keep':
      return `keep ${d.value} of ${d.from} for ${d.loop}`
    case 'carry':
      return `carry ${d.loop} by ${d.by} as ${d.outer} in ${d.at}`
    case 'touch':
      return `touch ${d.loop} by ${d.by} of ${d.of}`
    case 'partials':
      return `partials of ${d.loop}`
    case 'cooperate': {
      const block = `${d.height} × ${d.width} of ${d.rows} × ${d.columns} by ${d.depth}`
      return `cooperate at ${d.loop}: ${block}`
    }
    case 'deal':
      return `deal ${d.loop} to ${d.width} for ${d.turns} turns as ${d.outer}`
    case 'spread':
      return `spread ${d.loop} over ${d.over}`
  }
}

export const scheduleToJson = (schedule: Schedule): string => JSON.stringify(schedule)

/** A schedule from JSON text; malformed text is an error that names the decision and the field. */
export function scheduleFromJson(text: string): Schedule {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    return malformed('the text', cause instanceof Error ? cause.message : 'not JSON')
  }
  if (!Array.isArray(value)) return malformed('the text', 'not an array of decisions')
  return value.map((item: unknown, i) => decisionFrom(item, `decision ${i}`))
}

function decisionFrom(item: unknown, where: string): Decision {
  if (typeof item !== 'object' || item === null || !('tag' in item)) {
    return malformed(where, 'not an object with a tag')
  }
  const { tag, ...rest } = item as Readonly<Record<string, unknown>> // any object has such a type
  if (typeof tag !== 'string' || !Object.hasOwn(fields, tag)) {
    return malformed(where, `no decision is called '${String(tag)}'`)
  }
  const wanted = fields[tag as Decision['tag']] // a key of `fields` is a tag
  for (const [name, kind] of Object.entries(wanted)) {
    if (!isField(kind, rest[name])) malformed(where, `'${name}' of ${tag} is not a ${kind}`)
  }
  for (const name of Object.keys(rest)) {
    if (!Object.hasOwn(wanted, name)) malformed(where, `${tag} has no '${name}'`)
  }
  return item as Decision // its tag and every field were checked
}

function isField(kind: Field, value: unknown): boolean {
  if (kind === 'name') return typeof value === 'string'
  if (kind === 'level') return levels.some((level) => level === value)
  if (kind === 'count') return Number.isSafeInteger(value) && Number(value) > 0
  return Array.isArray(value) && value.every((name) => typeof name === 'string')
}

function malformed(where: string, why: string): never {
  return fail({ code: 'parse', where: `a schedule, ${where}`, what: why })
}
