/** Examples of all rules. */
import { algebraExamples } from './algebra.fixture.js'
import { derivedExamples } from './derived.fixture.js'
import { movementExamples } from './movement.fixture.js'

export type Example = readonly [rule: string, before: string, after: string]

export const examples: readonly Example[] = [
  ...algebraExamples,
  ...movementExamples,
  ...derivedExamples,
]
