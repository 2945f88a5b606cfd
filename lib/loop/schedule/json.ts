/**
 * Schedules as text: of a kernel, and of a whole program.
 *
 *   [{"tag":"vector","loop":"j","width":8}]
 *   {"layouts":[{"tag":"layout","value":"%1","order":[1,0]}],"kernels":[[{"tag":"vector",…}]]}
 *
 * Malformed text is an error that names the decision and the field.
 */
import { fail } from '../../data/error.js'
import type { Spread } from '../statement.js'
import type { Decision, Layout, ProgramSchedule, Schedule } from './decision.js'

type Field = 'name' | 'names' | 'count' | 'level' | 'axes' | 'flag'

const levels: readonly Spread[] = ['threads', 'groups', 'invocations']

type Fields = Readonly<Record<string, Field>>

const fields: Readonly<Record<Decision['tag'], Fields>> = {
  split: { loop: 'name', by: 'count', outer: 'name' },
  order: { loops: 'names' },
  collapse: { outer: 'name', inner: 'name' },
  flatten: { loops: 'names' },
  vector: { loop: 'name', width: 'count' },
  unroll: { loop: 'name', width: 'count' },
  block: { loop: 'name', by: 'count', outer: 'name' },
  stage: { buffer: 'name', at: 'name', loops: 'names' },
  peel: { loop: 'name' },
  keep: { value: 'name', from: 'name', loop: 'name' },
  carry: { loop: 'name', by: 'count', outer: 'name', at: 'name' },
  touch: { loop: 'name', by: 'count', of: 'name' },
  partials: { loop: 'name' },
  fission: { loop: 'name', after: 'name' },
  sink: { loop: 'name' },
  cooperate: {
    loop: 'name',
    rows: 'count',
    columns: 'count',
    depth: 'count',
    height: 'count',
    width: 'count',
    lanes: 'count',
    ahead: 'flag',
  },
  deal: { loop: 'name', width: 'count', turns: 'count', lanes: 'count', outer: 'name' },
  spread: { loop: 'name', over: 'level' },
}

export const scheduleToJson = (schedule: Schedule): string => JSON.stringify(schedule)

export const scheduleFromJson = (text: string): Schedule =>
  scheduleFrom(parsed(text), 'the text', '')

export const programScheduleToJson = (schedule: ProgramSchedule): string => JSON.stringify(schedule)

export function programScheduleFromJson(text: string): ProgramSchedule {
  const value = parsed(text)
  if (!isRecord(value)) return malformed('the text', 'not an object with layouts and kernels')
  const { layouts, kernels, ...rest } = value
  for (const name of Object.keys(rest)) malformed('the text', `a program has no '${name}'`)
  if (!Array.isArray(layouts)) return malformed('layouts', 'not an array of decisions')
  if (!Array.isArray(kernels)) return malformed('kernels', 'not an array of schedules')
  return {
    layouts: layouts.map((item: unknown, i) => layoutFrom(item, `layout ${i}`)),
    kernels: kernels.map((item: unknown, i) => scheduleFrom(item, `kernel ${i}`, `kernel ${i}, `)),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    return malformed('the text', cause instanceof Error ? cause.message : 'not JSON')
  }
}

function scheduleFrom(value: unknown, where: string, before: string): Schedule {
  if (!Array.isArray(value)) return malformed(where, 'not an array of decisions')
  return value.map((item: unknown, i) => decisionFrom(item, `${before}decision ${i}`))
}

function decisionFrom(item: unknown, where: string): Decision {
  const tag = tagOf(item, where)
  if (!Object.hasOwn(fields, tag)) malformed(where, `no decision is called '${tag}'`)
  requireFields(item, tag, fields[tag as Decision['tag']], where) // a key of `fields` is a tag
  return item as Decision // its tag and every field were checked
}

function layoutFrom(item: unknown, where: string): Layout {
  const tag = tagOf(item, where)
  if (tag !== 'layout') malformed(where, `'${tag}' is not a layout`)
  requireFields(item, tag, { value: 'name', order: 'axes' }, where)
  return item as Layout // its tag and every field were checked
}

const isRecord = (item: unknown): item is Readonly<Record<string, unknown>> =>
  typeof item === 'object' && item !== null && !Array.isArray(item)

function tagOf(item: unknown, where: string): string {
  if (!isRecord(item) || !('tag' in item)) return malformed(where, 'not an object with a tag')
  return typeof item.tag === 'string'
    ? item.tag
    : malformed(where, `no decision is called '${String(item.tag)}'`)
}

function requireFields(item: unknown, tag: string, wanted: Fields, where: string): void {
  const { tag: _, ...rest } = isRecord(item) ? item : { tag }
  const given: Readonly<Record<string, unknown>> = rest
  for (const [name, kind] of Object.entries(wanted)) {
    if (!isField(kind, given[name])) malformed(where, `'${name}' of ${tag} is not a ${kind}`)
  }
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(wanted, name)) malformed(where, `${tag} has no '${name}'`)
  }
}

function isField(kind: Field, value: unknown): boolean {
  if (kind === 'flag') return typeof value === 'boolean'
  if (kind === 'name') return typeof value === 'string'
  if (kind === 'level') return levels.some((level) => level === value)
  if (kind === 'axes')
    return Array.isArray(value) && value.every((axis) => isCount(axis) || axis === 0)
  if (kind === 'count') return isCount(value)
  return Array.isArray(value) && value.every((name) => typeof name === 'string')
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) > 0

function malformed(where: string, why: string): never {
  return fail({ code: 'parse', where: `a schedule, ${where}`, what: why })
}
