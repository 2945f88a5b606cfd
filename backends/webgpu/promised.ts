/** A promise's PullbackError as the failure of an effect; anything else stays a defect. */
import * as Effect from 'effect/Effect'
import { PullbackError } from '../../lib/data/index.js'

export const promised = <A>(run: () => Promise<A>): Effect.Effect<A, PullbackError> =>
  Effect.tryPromise({ try: run, catch: (error) => error }).pipe(
    Effect.catch((error) =>
      error instanceof PullbackError ? Effect.fail(error) : Effect.die(error),
    ),
  )
