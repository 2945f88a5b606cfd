import { expect } from 'vitest'
import { interpreters } from '../../interpret/index.js'
import { agreesOnSamples } from '../../ops/samples.fixture.js'
import { compile } from '../compile.js'
import { interpretProgram } from '../interpret-program.js'
import { verifyKernel } from '../verify.js'

agreesOnSamples('kernels mean what the op evaluates to', (func, args) => {
  const results = interpreters.evaluate(func, args, {}).map((r) => r.data.slice().fill(0))
  const externals = Object.fromEntries([
    ...args.map((a, i) => [`p${i}`, a.data.slice()]),
    ...results.map((r, i) => [`r${i}`, r]),
  ])
  const { program } = compile(func)
  expect(program.kernels.flatMap(verifyKernel).map((f) => f.what)).toEqual([])
  interpretProgram(program, {}, externals)
  return results
})
