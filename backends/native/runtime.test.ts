import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { compiler } from './run.fixture.js'

const folder = mkdtempSync(join(tmpdir(), 'pullback-runtime-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(compiler.absent)(`the runtime${compiler.why}`, () => {
  it('stays where its threads are, though it is unloaded as when a process ends', async () => {
    const at = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href)
    const script = `
      import koffi from 'koffi'
      import { setTimeout } from 'node:timers/promises'
      import { openBuilder } from ${at('./build.ts')}
      import { openCache } from ${at('./cache.ts')}
      import { runtimeText } from ${at('./runtime.ts')}
      import { findCompiler } from ${at('./toolchain.ts')}
      const cache = openCache(${JSON.stringify(folder)}, 1e8)
      const builder = openBuilder(findCompiler(undefined, process.env.PATH), cache)
      const text = 'void run(double *t, void *m, long thread, long threads) { t[thread]++; }'
      const program = builder.build(text, 'a program').path
      const runtime = koffi.load(builder.build(runtimeText, 'the runtime').path)
      const open = runtime.func('double pullback_open(const char *, _Out_ double *)')
      const call = runtime.func('int64_t pullback_call(double, double *, int64_t)')
      const [run, table] = [open(program, new Float64Array(1)), new Float64Array(3)]
      for (let i = 0; i < 3; i++) {
        call(run, table, 3)
        runtime.unload()
        // The threads look on, then sleep.
        await setTimeout(i * 5)
      }
      process.stdout.write(String(table))`
    const args = ['--import', 'tsx', '--input-type=module', '-e', script]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    expect(stdout).toBe('3,3,3')
  })
})
