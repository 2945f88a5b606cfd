/**
 * Shaders of the runtime itself: gates, copies and exchanges that the device decides.
 *
 *   branch on b { case 0: A; case 1: B }   →   gate(b); A under case 0; B under case 1
 *
 * A gate reads the scalar and writes, for each dispatch under it, the workgroups to run: those of
 * the dispatch where its case was chosen and every gate around is open, none elsewhere. Dispatches
 * under a gate take their workgroups from there (indirect dispatch). A cell for each case says
 * whether it is open, for gates within it and for the host.
 */
import type { GpuDispatch } from './emit/index.js'

const bind = (access: readonly ('read' | 'read_write')[]): GpuDispatch['bindings'] =>
  access.map((each, i) => ({ buffer: `b${i}`, access: each }))

/** Runs as one workgroup. */
export const gateShader: GpuDispatch = {
  label: 'gate',
  bindings: bind(['read', 'read', 'read_write', 'read_write']),
  sizes: ['first', 'count', 'cases', 'parent', 'cell'],
  groups: [1, 1, 1],
  scratch: [],
  wgsl: `struct Sizes { first: i32, count: i32, cases: i32, parent: i32, cell: i32 }
@group(0) @binding(0) var<storage, read> on: array<i32>;
@group(0) @binding(1) var<storage, read> planned: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read_write> granted: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read_write> cells: array<u32>;
@group(0) @binding(4) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn main(@builtin(local_invocation_id) id: vec3<u32>) {
  let chosen = clamp(on[0], 0, sizes.cases - 1);
  let open = sizes.parent < 0 || cells[max(sizes.parent, 0)] != 0u;
  for (var i = i32(id.x); i < sizes.count; i += 64) {
    let each = planned[sizes.first + i];
    let runs = open && i32(each.w) == chosen;
    granted[sizes.first + i] = select(vec4<u32>(0u), each, runs);
  }
  for (var c = i32(id.x); c < sizes.cases; c += 64) {
    cells[sizes.cell + c] = select(0u, 1u, open && c == chosen);
  }
}
`,
}

const perWords = (label: string, access: 'read' | 'read_write', body: string): GpuDispatch => ({
  label,
  bindings: bind([access, 'read_write']),
  sizes: ['count'],
  groups: ['floor(count/64)+1', 1, 1],
  scratch: [],
  wgsl: `struct Sizes { count: i32 }
@group(0) @binding(0) var<storage, ${access}> a: array<u32>;
@group(0) @binding(1) var<storage, read_write> b: array<u32>;
@group(0) @binding(2) var<uniform> sizes: Sizes;

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
) {
  let i = ((group.z * groups.y + group.y) * groups.x + group.x) * 64u + lane;
  if (i < u32(sizes.count)) {
    ${body}
  }
}
`,
})

/** b becomes a, `count` words. */
export const copyShader = perWords('copy', 'read', 'b[i] = a[i];')

/** a and b exchange their contents, `count` words. */
export const swapShader = perWords(
  'swap',
  'read_write',
  'let kept = a[i];\n    a[i] = b[i];\n    b[i] = kept;',
)
