/**
 * The machine as schedules want to know it: read once and kept beside the compiled programs.
 *
 * Lanes and registers are what the compiler says the machine has (`-march=native`); caches are what
 * the system says, or common ones.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Hardware } from '../../lib/loop/schedule/index.js'
import { canFuse } from './emit/fusing.js'

export interface Machine {
  readonly hardware: Omit<Hardware, 'threads'>
  /** Multiply-adds that round once, as an instruction. */
  readonly fma: boolean
}

/** `predefines` is what the compiler defines by itself: `#define __AVX2__ 1` and so on. */
export function machineOf(predefines: string, cacheFolder = '/sys/devices/system/cpu/cpu0/cache') {
  const has = (name: string): boolean => predefines.includes(`#define ${name} `)
  const wide = has('__AVX512F__') && has('__AVX512DQ__') && has('__AVX512VL__')
  const arm = has('__ARM_NEON')
  const vectorBytes = wide ? 64 : has('__AVX2__') ? 32 : 16
  const manyRegisters = wide || arm
  const hardware: Machine['hardware'] = {
    vectorBytes,
    // Rows × vectors fill the registers less those for a row of operands.
    blockRows: manyRegisters ? 8 : has('__AVX2__') ? 6 : 4,
    blockVectors: manyRegisters ? 3 : 2,
    ...(has('__x86_64__') ? ({ rowsInPlace: 'any' } as const) : {}),
    interleave: 4,
    cache: readCaches(cacheFolder),
  }
  return { hardware, fma: canFuse(predefines) } satisfies Machine
}

const common: Hardware['cache'] = { l1: 32 * 1024, l2: 512 * 1024, l3: 8 * 1024 * 1024 }

/** The first processor's caches of data. */
function readCaches(folder: string): Hardware['cache'] {
  const found = new Map<string, number>()
  try {
    for (const entry of readdirSync(folder).filter((name) => name.startsWith('index'))) {
      const read = (name: string): string => readFileSync(join(folder, entry, name), 'utf8').trim()
      if (read('type') === 'Instruction') continue
      const [, count, unit] = /^(\d+)([KM])$/.exec(read('size')) ?? []
      if (count !== undefined) {
        found.set(`l${read('level')}`, Number(count) * (unit === 'M' ? 1 << 20 : 1 << 10))
      }
    }
  } catch {
    // No such files on this system.
  }
  const l1 = found.get('l1') ?? common.l1
  const l2 = found.get('l2') ?? common.l2
  return { l1, l2, l3: found.get('l3') ?? Math.max(l2, common.l3) }
}
