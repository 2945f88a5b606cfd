/** PyTorch on CUDA, eager and compiled, where `python3` has it. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** By workload; what was not reached in so many seconds is left out. */
export function timesOfTorch(seconds: number): ReadonlyMap<string, object> {
  if (seconds === 0) return new Map()
  const script = fileURLToPath(new URL('torch_times.py', import.meta.url))
  const { stdout } = spawnSync('python3', [script], { encoding: 'utf8', timeout: 1000 * seconds })
  const lines = (stdout ?? '').split('\n').filter((line) => /^\{.*\}$/.test(line))
  return new Map(
    lines.map((line) => {
      const { name, ...times } = JSON.parse(line) as { readonly name: string } // as the script writes
      return [name, times]
    }),
  )
}
