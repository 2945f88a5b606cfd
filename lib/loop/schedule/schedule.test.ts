import { describe, expect, it } from 'vitest'
import { PullbackError } from '../../data/error.js'
import { showKernel } from '../print.js'
import type { Stmt } from '../statement.js'
import { applySchedule, tryApply } from './apply.js'
import { chooseSchedule, enumerateSchedules } from './choose.js'
import { costOf } from './cost.js'
import { type Schedule, showSchedule } from './decision.js'
import {
  chainKernel,
  keptKernel,
  matmulKernel,
  matrixTotalKernel,
  runningKernel,
  sumsKernel,
  totalKernel,
} from './examples.js'
import { featuresOf, trafficBeyond } from './features.js'
import { wasmHardware, wasmRates } from './hardware.js'
import { scheduleFromJson, scheduleToJson } from './json.js'

describe('a schedule as data', () => {
  it('goes to JSON and back', () => {
    for (const schedule of enumerateSchedules(matmulKernel('M', 'K', 'N'), wasmHardware, 8)) {
      expect(scheduleFromJson(scheduleToJson(schedule))).toEqual(schedule)
    }
  })

  it('is refused with the place of the mistake', () => {
    const refusals: readonly (readonly [string, string])[] = [
      ['{', 'a schedule, the text'],
      ['{}', 'not an array'],
      ['[1]', 'decision 0: not an object'],
      ['[{"tag":"tile"}]', "no decision is called 'tile'"],
      ['[{"tag":"vector","loop":"i","width":-4}]', "'width' of vector is not a count"],
      ['[{"tag":"order","loops":"i"}]', "'loops' of order is not a names"],
      ['[{"tag":"vector","loop":"i","width":4,"x":1}]', "vector has no 'x'"],
    ]
    for (const [text, why] of refusals) {
      expect(() => scheduleFromJson(text)).toThrow(PullbackError)
      expect(() => scheduleFromJson(text)).toThrow(why)
    }
  })

  it('prints as a sentence a decision', () => {
    const schedule: Schedule = [
      { tag: 'split', loop: 'i', by: 4, outer: 'i1' },
      { tag: 'unroll', loop: 'i', width: 4 },
    ]
    expect(showSchedule(schedule)).toBe('split i by 4 as i1; unroll i by 4')
  })
})

describe('legality', () => {
  const why = (schedule: Schedule, kernel = matmulKernel('M', 'K', 'N')): string => {
    const applied = tryApply(kernel, schedule)
    return applied.tag === 'illegal' ? applied.why : 'legal'
  }

  it('says what is wrong', () => {
    expect(why([{ tag: 'vector', loop: 'z', width: 4 }])).toContain("no loop 'z'")
    expect(why([{ tag: 'vector', loop: 'j', width: 6 }])).toContain('4, 8, … 64')
    expect(why([{ tag: 'order', loops: ['j', 'k'] }])).toContain('not perfectly nested')
    expect(why([{ tag: 'block', loop: 'j', by: 4, outer: 'j1' }])).toContain('not a reduction')
    expect(why([{ tag: 'collapse', outer: 'i', inner: 'j' }])).toContain('is not read along')
    expect(why([{ tag: 'split', loop: 'i', by: 4, outer: 'j' }])).toContain('taken')
    const ahead: Schedule = [{ tag: 'touch', loop: 'k', by: 4, of: 'i' }]
    expect(why(ahead)).toContain("'k' reads nothing ahead of 'i'")
    expect(why([{ tag: 'touch', loop: 'i', by: 4, of: 'i' }])).toContain('walks along nothing')
    const twice: Schedule = [{ tag: 'stage', buffer: 'b', at: 'i', loops: ['k', 'k', 'j'] }]
    expect(why(twice)).toContain('names a loop twice')
    expect(why([{ tag: 'order', loops: ['j', 'j'] }])).toContain('names a loop twice')
    const split: Schedule = [{ tag: 'split', loop: 'i', by: 4, outer: 'o' }]
    expect(why([...split, { tag: 'order', loops: ['i', 'o'] }])).toContain("depend on 'o'")
  })

  it('takes lanes along what is stored and added up, not along what is read again', () => {
    const lanes: Schedule = [{ tag: 'vector', loop: 'j', width: 4 }]
    expect(why(lanes, keptKernel('M', 'N'))).toBe('legal')
    expect(why(lanes, runningKernel(9))).toContain("the iterations of 'j' depend on one another")
  })

  it('refuses to flatten what is read across', () => {
    const across: Schedule = [{ tag: 'collapse', outer: 'i', inner: 'j' }]
    expect(why(across, chainKernel('M', 'N'))).toBe('legal')
    expect(why(across, sumsKernel('M', 'N', 1))).toContain('is not all of the body')
    const plain = chainKernel('M', 'N')
    const body = plain.body.map((s): Stmt => (s.tag === 'loop' ? { ...s, mode: 'sequential' } : s))
    expect(why(across, { ...plain, body })).toContain('not both parallel or in order')
    expect(why(across, matrixTotalKernel('M', 'N', false))).toBe('legal')
    expect(why(across, matrixTotalKernel('M', 'N', true))).toContain("'b' is not read along")
  })

  it('spreads independent loops, from the outside in', () => {
    const over = (loop: string, to: 'threads' | 'groups' | 'invocations'): Schedule => [
      { tag: 'spread', loop, over: to },
    ]
    const both: Schedule = [...over('i', 'groups'), ...over('j', 'invocations')]
    expect(why(both)).toBe('legal')
    expect(why([...both, ...over('k', 'invocations')])).toBe('legal')
    expect(why(over('k', 'threads'))).toContain('its iterations are in order')
    expect(why([...over('i', 'threads'), ...over('j', 'threads')])).toContain('inside threads')
    expect(why([...over('i', 'threads'), ...over('j', 'invocations')])).toContain('inside threads')
    expect(why([...both, { tag: 'order', loops: ['j', 'i'] }])).toContain('spread over invocations')
    const text = showKernel(applySchedule(matmulKernel('M', 'K', 'N'), both))
    expect(text).toContain('parallel i in 0..M over groups')
    expect(scheduleFromJson(scheduleToJson(both))).toEqual(both)
    expect(() => scheduleFromJson('[{"tag":"spread","loop":"i","over":"cores"}]')).toThrow(
      "'over' of spread is not a level",
    )
  })

  it('splits with a remainder only where the size asks for one', () => {
    const split: Schedule = [{ tag: 'split', loop: 'i', by: 8, outer: 'o' }]
    expect(showKernel(applySchedule(chainKernel(64, 3), split))).toContain('parallel i in 0..8')
    expect(showKernel(applySchedule(chainKernel(65, 3), split))).toContain('min(8, 65 - o)')
  })
})

describe('features', () => {
  it('count work and bytes as functions of sizes', () => {
    const { flops, compulsoryBytes } = featuresOf(matmulKernel('M', 'K', 'N'), {
      M: 10,
      K: 20,
      N: 30,
    })
    expect(flops).toBe(2 * 10 * 20 * 30 + 10 * 30)
    expect(compulsoryBytes).toBe(4 * (10 * 20 + 20 * 30 + 10 * 30))
    expect(featuresOf(totalKernel('N'), { N: 1000 }).loadedBytes).toBe(4000)
  })

  it('see that packing saves traffic and that the heuristic improves on doing nothing', () => {
    const source = matmulKernel(1024, 1024, 1024)
    const packed = applySchedule(source, chooseSchedule(source, wasmHardware))
    const beyond = (k: typeof source): number =>
      trafficBeyond(featuresOf(k, {}), wasmHardware.cache.l2)
    expect(beyond(packed)).toBeLessThan(beyond(source) / 4)
    const cost = (k: typeof source): number => costOf(k, {}, wasmHardware, wasmRates).total
    expect(cost(packed)).toBeLessThan(cost(source) / 4)
  })
})
