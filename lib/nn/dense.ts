/**
 * Layers as functions with named sizes.
 *
 *   dense({ x, w, b })   →   x·w + b        [batch, in] → [batch, out]
 */
import { add, f32, fn, matmul } from '../lang/index.js'

/** x·w + b: an affine map of each row. [batch, in] → [batch, out]. */
export const dense = /*#__PURE__*/ fn(
  { x: f32('batch', 'in'), w: f32('in', 'out'), b: f32('out') },
  function dense({ x, w, b }) {
    return add(matmul(x, w), b)
  },
)
