/**
 * Lower: a closed function of terms to a program of kernels over buffers.
 *
 *   f(x) = sum (x · x)    →    program: external x, y; run sum(in0 = x, out1 = y)
 *
 * Parameters and results are external buffers named p0, p1… and r0, r1…; everything between lives
 * in the arena, one slot a buffer until memory is planned.
 */
import type { Dim } from '../../data/index.js'
import { type Func, isParameter, type Node, type Term } from '../../term/index.js'
import type { Counter, Kernel } from '../kernel.js'
import type { Program, ProgramBuffer, RunStep, Step } from '../program.js'
import { aliasOf, isFree, isMap, isReduction } from './access.js'
import { anchor } from './anchor.js'
import { type Cluster, cluster, memberOf, ownerOf } from './cluster.js'
import { nestKernel, type Residence } from './nest.js'
import { opaqueRule } from './opaque.js'
import { type FusionPolicy, fusionPolicy } from './policy.js'
import { storageOf } from './scalar.js'

/** What the parts of one program share while it is being built. */
export interface Assembly {
  readonly buffers: ProgramBuffer[]
  readonly kernels: Kernel[]
  readonly policy: FusionPolicy
  /** A new arena buffer. */
  readonly scratch: (dtype: Term['dtype'], shape: readonly Dim[]) => string
  /** A new name for the counter of a loop. */
  readonly counter: () => string
  /** Adds a kernel under a name of its own; the name. */
  readonly add: (kernel: Kernel) => string
}

/** The surroundings of a body: where its parameters are, where its results go, outer counters. */
export interface Frame {
  readonly params: readonly Residence[]
  readonly results: readonly Residence[]
  readonly counters: readonly Counter[]
}

export function lower(func: Func, policy: FusionPolicy = fusionPolicy): Program {
  const buffers: ProgramBuffer[] = []
  const kernels: Kernel[] = []
  let counters = 0
  const assembly: Assembly = {
    buffers,
    kernels,
    policy,
    scratch: (dtype, shape) => {
      const name = `b${buffers.length}`
      const place = { tag: 'arena', slot: buffers.length } as const
      buffers.push({ name, dtype: storageOf(dtype), shape, place })
      return name
    },
    counter: () => `step${counters++}`,
    add: (kernel) => {
      const name = `${kernel.name}_${kernels.length}`
      kernels.push({ ...kernel, name })
      return name
    },
  }
  const external = (prefix: string, terms: readonly Term[]) =>
    terms.map((term, i): Residence => {
      const { dtype, shape } = term
      const name = `${prefix}${i}`
      buffers.push({ name, dtype: storageOf(dtype), shape, place: { tag: 'external' } })
      return { buffer: name, lead: [] }
    })
  const frame: Frame = {
    params: external('p', func.params),
    results: external('r', func.results),
    counters: [],
  }
  const steps = lowerBody(func, frame, assembly)
  return { name: func.name, buffers, kernels, steps }
}

/** The steps that compute a function's results where the frame wants them. */
export function lowerBody(source: Func, frame: Frame, assembly: Assembly): readonly Step[] {
  const func = anchor(source)
  const { clusters, inlined } = cluster(func, assembly.policy)
  const isInlined = (node: Node) => inlined.has(node)
  const residences = new Map<Term, Residence>()
  func.params.forEach((p, i) => {
    residences.set(p, frame.params[i])
  })
  func.results.forEach((r, i) => {
    residences.set(r, frame.results[i])
  })
  const stored = storedTerms(func, clusters, isInlined)
  const residence = (term: Term): Residence => {
    const known = residences.get(term)
    if (known !== undefined) return known
    const fresh = { buffer: bufferFor(term, assembly), lead: [] }
    residences.set(term, fresh)
    return fresh
  }
  const context = {
    inlined: isInlined,
    isOutput: (term: Term) => stored.has(term),
    residence,
    counters: frame.counters,
  }
  return clusters.flatMap((part): readonly Step[] => {
    if (part.tag === 'opaque') {
      const { node } = part.members[0]
      const args = node.args.map((a) => residence(aliasOf(a, isInlined) ?? a))
      const wanted = node.outs.map((out) => residences.get(out))
      const { steps, outs } = opaqueRule(node)({ node, args, outs: wanted, frame, assembly })
      node.outs.forEach((out, i) => {
        residences.set(out, outs[i])
      })
      return steps
    }
    const nest = nestKernel(nameOf(part), part, context)
    return [runStep(assembly.add(nest.kernel), nest.buffers)]
  })
}

export const runStep = (kernel: string, buffers: Readonly<Record<string, string>>): RunStep => ({
  tag: 'run',
  kernel,
  buffers,
  sizes: {},
})

/** Terms that someone outside their own kernel reads. */
function storedTerms(
  func: Func,
  clusters: readonly Cluster[],
  inlined: (node: Node) => boolean,
): ReadonlySet<Term> {
  const home = new Map<Node, Cluster>()
  for (const part of clusters) for (const m of part.members) home.set(m.node, part)
  const stored = new Set<Term>(func.results)
  for (const part of clusters) {
    for (const { node } of part.members) {
      for (const { base } of memberOf(node, inlined).reads) {
        const source = aliasOf(base, inlined) ?? base
        if (!isParameter(source) && home.get(ownerOf(base, inlined)) !== part) stored.add(source)
      }
    }
  }
  return stored
}

function bufferFor(term: Term, assembly: Assembly): string {
  const { node, dtype, shape } = term
  if (node.op.name !== 'constant') return assembly.scratch(dtype, shape)
  const name = `c${assembly.buffers.length}`
  const value = node.attrs.value as { readonly data: Float32Array } // the op's own attribute
  assembly.buffers.push({
    name,
    dtype: storageOf(dtype),
    shape,
    place: { tag: 'constant', data: value.data },
  })
  return name
}

/** The ops that a kernel fuses, most telling first, as its name. */
function nameOf(part: Cluster): string {
  const names = part.members.map((m) => m.node.op.name)
  const lead = part.members.filter((m) => isReduction(m.node)).map((m) => m.node.op.name)
  const rest = names.filter((n) => !lead.includes(n))
  return [...new Set([...lead, ...rest])].slice(0, 4).join('_')
}

/** Whether a node can be part of a kernel of loops. */
export const isNested = (node: Node): boolean => isMap(node) || isReduction(node) || isFree(node)
