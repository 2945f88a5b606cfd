/**
 * Join: small independent nests become one kernel, side by side.
 *
 *   b₁ −= rate · sum g₁    b₂ −= rate · sum g₂    →    one kernel with two nests
 *
 * What must run between two of them keeps them apart. What they read lives until all have run, so
 * a kernel takes only a few.
 */
import type { Cluster } from './cluster.js'
import type { Draft, Fusion } from './merge.js'

/** Kernels in an order in which they can run, each with its nests; an opaque node stands alone. */
export function joinDrafts({ order, policy }: Fusion): readonly (readonly Cluster[])[] {
  const kernels = new Map<Draft, Draft[]>()
  let open: Draft[] = []
  for (const draft of order.sorted()) {
    const isJoinable = draft.tag === 'nest' && policy.join([draft.part])
    const home = isJoinable
      ? open.find((first) => {
          const parts = [...(kernels.get(first) ?? []), draft].map((d) => d.part)
          const apart = order.reaches(draft, first) || order.reaches(first, draft)
          return policy.join(parts) && !apart
        })
      : undefined
    if (home === undefined) {
      kernels.set(draft, [draft])
      if (isJoinable) open = [draft, ...open].slice(0, mostOpen)
    } else {
      kernels.get(home)?.push(draft)
      order.merge(home, draft)
    }
  }
  return order.sorted().map((first) =>
    (kernels.get(first) ?? []).map(({ tag, dims, part: { members } }) => ({
      tag,
      dims,
      members,
    })),
  )
}

/** Kernels that may still take a nest. */
const mostOpen = 4
