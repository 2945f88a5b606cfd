/** PyTorch on CUDA, eager and compiled, where `python3` has it; a line that says why there is none. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** By workload; what was not reached in so many seconds is left out. Under `torch` what is missing. */
export function timesOfTorch(seconds: number, python = 'python3'): ReadonlyMap<string, object> {
  if (seconds === 0) return new Map()
  const script = fileURLToPath(new URL('torch_times.py', import.meta.url))
  const options = { encoding: 'utf8', timeout: 1000 * seconds } as const
  const { stdout, error } = spawnSync(python, [script], options)
  const lines = (stdout ?? '').split('\n').filter((line) => /^\{.*\}$/.test(line))
  if (lines.length === 0) return new Map([['torch', { torch: reasonOf(error, python, seconds) }]])
  return new Map(
    lines.map((line) => {
      const { name, ...times } = JSON.parse(line) as { readonly name: string } // as the script writes
      return [name, times]
    }),
  )
}

function reasonOf(error: Error | undefined, python: string, seconds: number): string {
  const code = error !== undefined && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return `no ${python}`
  return code === 'ETIMEDOUT' ? `nothing in ${seconds} s` : `${python} said nothing`
}
