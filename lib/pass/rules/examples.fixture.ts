/** Examples of all rules. */
import { algebraExamples } from './algebra.fixture.js'
import { derivedExamples } from './derived.fixture.js'
import type { Example } from './example.fixture.js'
import { movementExamples } from './movement.fixture.js'

export const examples: readonly Example[] = [
  ...algebraExamples,
  ...movementExamples,
  ...derivedExamples,
]
