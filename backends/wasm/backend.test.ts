import * as Effect from 'effect/Effect'
import { agreesOnSamples } from '../../lib/ops/samples.fixture.js'
import { makeWasm } from './index.js'

agreesOnSamples('modules mean what the op evaluates to', (func, args) => {
  const backend = makeWasm()
  const results = Effect.gen(function* () {
    const program = yield* backend.load(func)
    return yield* backend.read(program.call(args, {}))
  })
  return Effect.runSync(Effect.scoped(results)).map((r) => r.data)
})
