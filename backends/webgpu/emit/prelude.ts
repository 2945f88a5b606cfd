/**
 * Functions that WGSL lacks, or means less by: those of `lib/loop/evaluate.ts` to the last bit.
 *
 * WGSL lets an implementation assume that there is no NaN and no infinity, so both are told by
 * their bits and made from a variable; so is −0, which Dawn takes for 0 where a shader has both as
 * constants. `exact` hides a product from the sum behind it, so that the
 * two are not contracted: no implementation may know that `opaque` is 0.
 */

export type Helper =
  | ('isNaN' | 'infinity' | 'notANumber' | 'negativeZero' | 'exact')
  | (
      | 'min'
      | 'max'
      | 'toHalf'
      | 'toI32'
      | 'toU32'
      | 'fromU32'
      | 'divI32'
      | 'divU32'
      | 'remI32'
      | 'remU32'
      | 'floorDiv'
    )

interface Definition {
  readonly needs: readonly Helper[]
  readonly text: string
}

const definitions: Readonly<Record<Helper, Definition>> = {
  isNaN: {
    needs: [],
    text: `fn isNaN(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}`,
  },
  infinity: {
    needs: [],
    text: `var<private> infinityBits: u32 = 0x7f800000u;
fn infinity() -> f32 {
  return bitcast<f32>(infinityBits);
}`,
  },
  notANumber: {
    needs: [],
    text: `var<private> notANumberBits: u32 = 0x7fc00000u;
fn notANumber() -> f32 {
  return bitcast<f32>(notANumberBits);
}`,
  },
  negativeZero: {
    needs: [],
    text: `var<private> negativeZeroBits: u32 = 0x80000000u;
fn negativeZero() -> f32 {
  return bitcast<f32>(negativeZeroBits);
}`,
  },
  exact: {
    needs: [],
    text: `fn exact(x: f32) -> f32 {
  return bitcast<f32>(bitcast<u32>(x) ^ opaque);
}`,
  },
  // Equal numbers have equal bits, but for the zeros: or takes −0, and takes +0.
  min: {
    needs: ['isNaN'],
    text: `fn minOf(x: f32, y: f32) -> f32 {
  let least = select(y, x, x < y || isNaN(x));
  return select(least, bitcast<f32>(bitcast<u32>(x) | bitcast<u32>(y)), x == y);
}`,
  },
  max: {
    needs: ['isNaN'],
    text: `fn maxOf(x: f32, y: f32) -> f32 {
  let greatest = select(y, x, x > y || isNaN(x));
  return select(greatest, bitcast<f32>(bitcast<u32>(x) & bitcast<u32>(y)), x == y);
}`,
  },
  // WGSL's f16(x) rounds either way and leaves open what is beyond; of a half, it is that half.
  toHalf: {
    needs: [],
    text: `var<private> infiniteHalf: u32 = 0x7f800000u;
fn toHalf(x: f32) -> f32 {
  let bits = bitcast<u32>(x);
  let size = bits & 0x7fffffffu;
  let tiny = size < 0x38800000u;
  let count = round(select(0.0f, bitcast<f32>(size), tiny) * 16777216.0f);
  let even = (size + 0xfffu + ((size >> 13u) & 1u)) & 0xffffe000u;
  let normal = select(even, infiniteHalf, size >= 0x477ff000u);
  let half = select(normal, bitcast<u32>(count * 0.000000059604645f), tiny);
  return bitcast<f32>(select(half, size, size > 0x7f800000u) | (bits & 0x80000000u));
}`,
  },
  toI32: {
    needs: ['isNaN'],
    text: `fn toI32(x: f32) -> i32 {
  let inside = x > -2147483648.0f && x < 2147483648.0f;
  let beyond = select(select(i32(-2147483648), 2147483647i, x > 0.0f), 0i, isNaN(x));
  return select(beyond, i32(select(0.0f, x, inside)), inside);
}`,
  },
  toU32: {
    needs: [],
    text: `fn toU32(x: f32) -> u32 {
  let inside = x > 0.0f && x < 4294967296.0f;
  let beyond = select(0u, 0xffffffffu, x >= 4294967296.0f);
  return select(beyond, u32(select(0.0f, x, inside)), inside);
}`,
  },
  // Both halves are exact, so that the sum is rounded once and to nearest.
  fromU32: {
    needs: [],
    text: `fn fromU32(x: u32) -> f32 {
  return fma(f32(x >> 16u), 65536.0f, f32(x & 0xffffu));
}`,
  },
  // The divisor is made one that WGSL and every shading language below it agree about.
  divI32: {
    needs: [],
    text: `fn divI32(x: i32, y: i32) -> i32 {
  let odd = y == 0i || y == -1i;
  return select(x / select(y, 1i, odd), select(0i, -x, y == -1i), odd);
}`,
  },
  divU32: {
    needs: [],
    text: `fn divU32(x: u32, y: u32) -> u32 {
  return select(x / select(y, 1u, y == 0u), 0u, y == 0u);
}`,
  },
  remI32: {
    needs: [],
    text: `fn remI32(x: i32, y: i32) -> i32 {
  let odd = y == 0i || y == -1i;
  return select(x % select(y, 1i, odd), 0i, odd);
}`,
  },
  remU32: {
    needs: [],
    text: `fn remU32(x: u32, y: u32) -> u32 {
  return select(x % select(y, 1u, y == 0u), 0u, y == 0u);
}`,
  },
  floorDiv: {
    needs: [],
    text: `fn floorDiv(x: i32, y: i32) -> i32 {
  return x / y - select(0i, 1i, x % y < 0i);
}`,
  },
}

/** The text of the helpers and of what they need, each once. */
export function preludeOf(helpers: ReadonlySet<Helper>): readonly string[] {
  const wanted = new Set<Helper>()
  const visit = (helper: Helper): void => {
    definitions[helper].needs.forEach(visit)
    wanted.add(helper)
  }
  helpers.forEach(visit)
  const names: readonly Helper[] = [...wanted]
  const opaque = wanted.has('exact') ? ['var<private> opaque: u32 = 0u;'] : []
  return [...opaque, ...names.toSorted().map((name) => definitions[name].text)]
}
