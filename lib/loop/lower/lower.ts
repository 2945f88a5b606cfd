/**
 * Lower: a closed function of terms to a program of kernels over buffers.
 *
 *   f(x) = sum (x · x)    →    program: external x, y; run sum(in0 = x, out1 = y)
 *
 * Parameters and results are external buffers named p0, p1… and r0, r1…; everything between lives
 * in the arena, one slot a buffer until memory is planned. Layouts say in which order of its axes.
 */
import { type Func, isParameter, type Node, type Term } from '../../term/index.js'
import type { Kernel } from '../kernel.js'
import type { Program, ProgramBuffer, Step } from '../program.js'
import type { Layout } from '../schedule/decision.js'
import { aliasOf, element, isReduction } from './access.js'
import { type Anchored, anchor } from './anchor.js'
import { type Assembly, type Frame, fresh, type Residence } from './assembly.js'
import { type Cluster, cluster } from './cluster.js'
import { copySteps } from './control.js'
import { identities } from './identity.js'
import { findInPlace } from './inplace.js'
import { isRow } from './lanes.js'
import { illegalLayout, layoutPolicy, noMemory, resolveLayouts } from './layout.js'
import { ownerOf } from './member.js'
import { nestBody } from './nest.js'
import { opaqueRule } from './opaque.js'
import { type FusionPolicy, fusionPolicy } from './policy.js'
import { standalone } from './standalone.js'
import { inOrder, type WalkPolicy } from './walk.js'

export interface LowerOptions {
  readonly fusion?: FusionPolicy
  /** Those that the policy picks unless given. */
  readonly layouts?: readonly Layout[]
  /** Along axes: in order unless given. */
  readonly walks?: WalkPolicy
}

export function lower(
  func: Func,
  { fusion = fusionPolicy, layouts = layoutPolicy(func), walks = inOrder }: LowerOptions = {},
): Program {
  const decided = resolveLayouts(func, layouts)
  const unmet = new Set(layouts)
  const buffers: ProgramBuffer[] = []
  const kernels: Kernel[] = []
  const identify = identities()
  const names = new Map<number, string>()
  let counters = 0
  const anchors = new Map<Func, Anchored>()
  const assembly: Assembly = {
    walks,
    anchored: (body) => {
      const known = anchors.get(body) ?? anchor(body, (term) => decided.get(body)?.get(term)?.order)
      anchors.set(body, known)
      return known
    },
    buffers,
    scratch: (dtype, shape) => {
      const name = `b${buffers.length}`
      const place = { tag: 'arena', slot: buffers.length } as const
      buffers.push({ name, dtype, shape, place })
      return name
    },
    counter: () => `step${counters++}`,
    body: (body, inside) => {
      const here = decided.get(body) ?? new Map<Term, Layout>()
      for (const layout of here.values()) unmet.delete(layout)
      return lowerBody(body, inside, assembly, fusion, here)
    },
    add: (kernel) => {
      const same = identify(kernel)
      const name = names.get(same) ?? `${kernel.name}_${kernels.length}`
      if (!names.has(same)) kernels.push({ ...kernel, name })
      names.set(same, name)
      return name
    },
  }
  const external = (prefix: string, terms: readonly Term[]) =>
    terms.map((term, i): Residence => {
      const { dtype, shape } = term
      const name = `${prefix}${i}`
      buffers.push({ name, dtype, shape, place: { tag: 'external' } })
      return { buffer: name, lead: [] }
    })
  const frame: Frame = {
    params: external('p', func.params),
    consumed: func.params.map(() => false),
    results: external('r', func.results),
    counters: [],
  }
  const steps = assembly.body(func, frame)
  for (const { value } of unmet) illegalLayout(value, noMemory)
  return { name: func.name, buffers, kernels, steps }
}

/** The steps that compute a function's results where the frame wants them. */
function lowerBody(
  source: Func,
  frame: Frame,
  assembly: Assembly,
  policy: FusionPolicy,
  layouts: ReadonlyMap<Term, Layout>,
): readonly Step[] {
  const { func, standIn, shown } = assembly.anchored(source)
  const inPlace = findInPlace(func, frame.consumed)
  const { kernels, inlined } = cluster(func, inPlace, policy)
  const isInlined = (node: Node) => inlined.has(node)
  const residences = new Map<Term, Residence>()
  func.params.forEach((p, i) => {
    residences.set(p, frame.params[i])
  })
  func.results.forEach((r, i) => {
    residences.set(shown.get(i) ?? r, frame.results[i])
  })
  for (const [term, { order }] of layouts) {
    const value = standIn(term) ?? term
    const wanted = residences.get(value)
    residences.set(value, wanted ? { ...wanted, order } : fresh(value, assembly, order))
  }
  for (const node of [...inPlace.order].reverse()) {
    // What is updated in place is made where the update's result must go.
    const [x] = node.args
    const wanted = residences.get(node.outs[0])
    if (!inPlace.nodes.has(node) || wanted === undefined || residences.has(x)) continue
    residences.set(x, wanted)
  }
  const results = func.results.map((r, i) => shown.get(i) ?? r)
  const stored = storedTerms(results, kernels.flat(), isInlined)
  for (const [term, { value }] of layouts) {
    if (!stored.has(standIn(term) ?? term)) illegalLayout(value, noMemory)
  }
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
  }
  return kernels.flatMap((parts): readonly Step[] => {
    const [part] = parts
    if (part.tag === 'opaque') {
      const { node } = part.members[0]
      const memory = (term: Term) => residence(aliasOf(term, isInlined) ?? term)
      const { steps, outs } = opaqueRule(node)({
        node,
        memory: (arg) => memory(node.args[arg]),
        reader: (builder, arg) => (at) =>
          element(node.args[arg], at, isInlined, (base, index) =>
            builder.input(memory(base), base).read(index),
          ),
        outs: node.outs.map((out) => residences.get(out)),
        inPlace: inPlace.nodes.has(node),
        frame,
        assembly,
      })
      const copies = node.outs.flatMap((out, i): readonly Step[] => {
        const wanted = residences.get(out)
        if (wanted === undefined) residences.set(out, outs[i])
        if (wanted === undefined || wanted === outs[i]) return []
        return copySteps(outs[i], wanted, out, frame, assembly)
      })
      return [...steps, ...copies]
    }
    const builder = standalone(frame, assembly)
    const body = parts.flatMap((nest) => nestBody(nest, context, builder))
    return builder.finish(nameOf(parts), body)
  })
}

/** Terms that someone outside their own kernel reads. */
function storedTerms(
  results: readonly Term[],
  clusters: readonly Cluster[],
  inlined: (node: Node) => boolean,
): ReadonlySet<Term> {
  const home = new Map<Node, Cluster>()
  for (const part of clusters) for (const m of part.members) home.set(m.node, part)
  const stored = new Set<Term>(results)
  for (const part of clusters) {
    for (const { reads } of part.members) {
      for (const { base } of reads) {
        const source = aliasOf(base, inlined) ?? base
        if (!isParameter(source) && (home.get(ownerOf(base, inlined)) !== part || isRow(source))) {
          stored.add(source)
        }
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
    dtype,
    shape,
    place: { tag: 'constant', data: value.data },
  })
  return name
}

/** The ops that a kernel fuses, most telling first, as its name. */
function nameOf(parts: readonly Cluster[]): string {
  const nodes = parts.flatMap((part) => part.members.map((m) => m.node))
  const names = nodes.map((node) => node.op.name)
  const lead = nodes.filter(isReduction).map((node) => node.op.name)
  const rest = names.filter((n) => !lead.includes(n))
  return [...new Set([...lead, ...rest])].slice(0, 4).join('_')
}
