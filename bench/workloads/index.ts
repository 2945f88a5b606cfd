/**
 * Every workload, in the order of the table.
 */
import type { Workload } from '../workload.js'
import { convolutions } from './conv.js'
import { products } from './products.js'
import { rowwise } from './rows.js'
import { sequences } from './sequence.js'
import { steps } from './training.js'

export const workloads: readonly Workload[] = [
  ...products,
  ...rowwise,
  ...convolutions,
  ...steps,
  ...sequences,
]
