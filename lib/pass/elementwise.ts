/**
 * The ops that act on each element alone: all of the elementwise families.
 */
import {
  activationOps,
  arithmeticOps,
  compareOps,
  exponentialOps,
  hyperbolicOps,
  logicOps,
  logisticOps,
  powerOps,
  roundingOps,
  selectOps,
  specialOps,
  trigonometricOps,
} from '../ops/index.js'
import type { Op } from '../term/index.js'

export const elementwiseOps: readonly Op[] = [
  ...arithmeticOps,
  ...compareOps,
  ...logicOps,
  ...selectOps,
  ...exponentialOps,
  ...logisticOps,
  ...powerOps,
  ...roundingOps,
  ...trigonometricOps,
  ...hyperbolicOps,
  ...specialOps,
  ...activationOps,
]
