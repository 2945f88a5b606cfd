/**
 * Outcomes as a table for people, or a JSON object a line.
 */
import type { Outcome } from './duel.js'
import { limitMs } from './limits.js'
import { type Setting, target } from './targets.js'

export const jsonLine = (outcome: Outcome, { backend, threads }: Setting): string =>
  JSON.stringify({
    workload: outcome.workload,
    dtype: 'f32',
    backend,
    threads,
    ours_ms: outcome.oursMs,
    peers: outcome.peers,
    limit_ms: limitOf(outcome.workload, { backend, threads }),
    kernels: outcome.facts?.kernels ?? null,
    peak_bytes: outcome.facts?.peakBytes ?? null,
    compile_ms: outcome.facts?.compileMs ?? null,
  })

/** What WebAssembly written by hand does is no limit for anything but WebAssembly. */
const limitOf = (workload: string, { backend, threads }: Setting): number | null =>
  backend === 'wasm' ? limitMs(workload, threads) : null

const width = 22

/** What the table's marks mean. */
export const legend = [
  'A ratio is the median of the peer over ours, its target in brackets; ! where it is missed;',
  '* where the peer is so slow that its median is of fewer than nine samples.',
].join('\n')

export const tableHead = (peers: readonly string[]): string =>
  [
    'workload'.padEnd(16),
    'ours, ms'.padStart(10),
    ...peers.map((name) => name.padStart(width)),
    'limit, part'.padStart(14),
    'kernels'.padStart(9),
    'MB'.padStart(8),
    'compile, ms'.padStart(13),
  ].join('')

export function tableRow(outcome: Outcome, setting: Setting): string {
  const { workload, oursMs, peers, facts, few } = outcome
  const limit = limitOf(workload, setting)
  return [
    workload.padEnd(16),
    digits(oursMs).padStart(10),
    ...Object.entries(peers).map(([name, ms]) =>
      `${showPeer(ms, oursMs, target(workload, name, setting))}${few.includes(name) ? '*' : ''}`.padStart(
        width,
      ),
    ),
    (limit === null ? '' : `${digits(limit)}: ${Math.round((100 * limit) / oursMs)} %`).padStart(
      14,
    ),
    String(facts?.kernels ?? '').padStart(9),
    (facts?.peakBytes === undefined ? '' : (facts.peakBytes / 2 ** 20).toFixed(1)).padStart(8),
    (facts === undefined ? '' : facts.compileMs.toFixed(0)).padStart(13),
  ].join('')
}

/** `1.53 (1.40)`: how many times as long the peer takes, and the target; `!` where it is missed. */
function showPeer(ms: number | string, oursMs: number, wanted: number | undefined): string {
  if (typeof ms === 'string') return ms.length < width ? ms : `${ms.slice(0, width - 3)}…`
  const ratio = ms / oursMs
  const verdict = wanted === undefined ? '' : ` (${wanted})${ratio < wanted ? '!' : ''}`
  return `${digits(ratio)}${verdict}`
}

export const digits = (x: number): string => x.toPrecision(3).replace(/e\+?/, 'e')
