/**
 * The table of README from what `npm run bench -- --json` printed.
 *
 *   node bench/dist/bench/readme.js FILE.json …           a section for each; Markdown on stdout
 *   node bench/dist/bench/readme.js --write FILE.json …   puts them between the marks in README.md
 *
 * The marks are two HTML comments, `bench` and `/bench`.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { packages } from './contestants/index.js'
import { pythonVersions } from './contestants/python.js'
import { digits } from './report.js'
import { target } from './targets.js'

/** A line of `--json`. */
export interface Line {
  readonly workload: string
  readonly backend: string
  readonly threads: number
  readonly ours_ms: number
  readonly peers: Readonly<Record<string, number | string>>
  readonly limit_ms: number | null
  readonly kernels: number | null
  readonly peak_bytes: number | null
  readonly compile_ms: number | null
}

export const [begin, end] = ['<!-- bench -->', '<!-- /bench -->']

/** One section a file: a backend on a count of threads. */
export const sections = (files: readonly (readonly Line[])[], machine: string): string =>
  [
    `Measured on ${machine}. A peer's column is its median over ours, the target in brackets, **bold** where it is missed. Medians of nine, or of as many as fit into 30 s.`,
    ...files.filter((lines) => lines.length > 0).map((lines) => section(lines, files.flat())),
  ].join('\n\n')

function section(lines: readonly Line[], all: readonly Line[]): string {
  const { backend = 'wasm', threads = 1 } = lines[0] ?? {}
  const peers = [...new Set(lines.flatMap(({ peers }) => Object.keys(peers)))]
  const gain = threads > 1 ? ['over 1 thread'] : []
  const facts = ['of the limit', 'kernels', 'MB', 'compile, ms']
  const head = ['workload', 'ours, ms', ...gain, ...peers, ...facts]
  return [
    `${backend === 'wasm' ? '' : `${backend}, `}${threads} thread${threads > 1 ? 's' : ''}, f32:\n`,
    row(head),
    row(head.map(() => '---')),
    ...lines.map((line) =>
      row([
        line.workload,
        digits(line.ours_ms),
        ...gain.map(() => overOne(line, all)),
        ...peers.map((name) => cell(line, name)),
        line.limit_ms === null ? '' : `${Math.round((100 * line.limit_ms) / line.ours_ms)} %`,
        String(line.kernels ?? ''),
        line.peak_bytes === null ? '' : (line.peak_bytes / 2 ** 20).toFixed(1),
        line.compile_ms === null ? '' : line.compile_ms.toFixed(0),
      ]),
    ),
  ].join('\n')
}

/** How many times as fast as the same workload on one thread, where that was measured too. */
function overOne({ workload, backend, ours_ms: ours }: Line, all: readonly Line[]): string {
  const one = all.find(
    (line) => line.workload === workload && line.backend === backend && line.threads === 1,
  )
  return one === undefined ? '' : digits(one.ours_ms / ours)
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

function cell({ workload, ours_ms: ours, peers, ...setting }: Line, name: string): string {
  const ms = peers[name]
  if (typeof ms !== 'number') return ms ?? ''
  const [ratio, wanted] = [ms / ours, target(workload, name, setting)]
  if (wanted === undefined) return digits(ratio)
  return ratio < wanted ? `**${digits(ratio)} (${wanted})**` : `${digits(ratio)} (${wanted})`
}

/** The text with what lies between the marks replaced. */
export function between(text: string, inner: string): string {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`README.md has no ${begin} … ${end}`)
  return `${text.slice(0, from + begin.length)}\n${inner}\n${text.slice(to)}`
}

export const linesOf = (text: string): readonly Line[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line) // printed by `jsonLine`

/** `jax 0.10.2`: the peers that lines name, those whose versions are known. */
export const named = (
  lines: readonly Line[],
  versions: Readonly<Record<string, string>>,
): readonly string[] =>
  [...new Set(lines.flatMap(({ peers }) => Object.keys(peers)))].flatMap((name) =>
    name in versions ? [`${name} ${versions[name]}`] : [],
  )

/** Of the peers on this machine: those of bench/ as its manifest pins them. */
function versions(): Readonly<Record<string, string>> {
  const manifest: unknown = JSON.parse(readFileSync('bench/package.json', 'utf8'))
  const { dependencies } = manifest as { readonly dependencies: Readonly<Record<string, string>> } // ours
  const pinned = Object.entries(packages).map(([name, path]) => [name, dependencies[path]])
  return { ...Object.fromEntries(pinned), ...pythonVersions() }
}

function main(args: readonly string[]): void {
  const files = args.filter((arg) => arg !== '--write')
  const lines = files.map((file) => linesOf(readFileSync(file, 'utf8')))
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}, Node ${process.version}`
  const table = sections(lines, [machine, ...named(lines.flat(), versions())].join(', '))
  if (!args.includes('--write')) process.stdout.write(`${table}\n`)
  else writeFileSync('README.md', between(readFileSync('README.md', 'utf8'), table))
}

if (process.argv[1]?.endsWith('readme.js')) main(process.argv.slice(2))
