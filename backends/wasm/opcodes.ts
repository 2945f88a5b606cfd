/**
 * WebAssembly instructions as data, and their codes.
 *
 * An instruction is its name in the text format and its immediates; `encode.ts` and `text.ts` are
 * the two things done with it. Only what the emitter uses is listed. Blocks carry no result.
 */

export type Instruction = readonly [op: Op, ...immediates: readonly (number | bigint)[]]

/** What follows the code of an instruction. */
export type Immediate =
  | 'none'
  | 'index'
  | 'block'
  | 'memory'
  | 'memory-lane'
  | 'lane'
  | 'i32'
  | 'i64'
  | 'f32'
  | 'f64'
  | 'v128'
  | 'zero-zero'

interface Code {
  readonly bytes: readonly number[]
  readonly immediate: Immediate
  /** Of an atomic access, which must state its natural alignment; for others it is only a hint. */
  readonly alignment: number
}

/** Names from a code on, one code each; a dot leaves a code out. */
const run = (prefix: number | undefined, from: number, immediate: Immediate, names: string) =>
  names
    .trim()
    .split(/\s+/)
    .map((name, i): readonly [string, Code] => {
      const bytes = prefix === undefined ? [from + i] : [prefix, ...leb(from + i)]
      return [name, { bytes, immediate, alignment: name.includes('atomic') ? 2 : 0 }]
    })
    .filter(([name]) => name !== '.')

const leb = (n: number): readonly number[] => (n < 128 ? [n] : [(n & 127) | 128, n >> 7])

const typed = (type: string, names: string): string =>
  names
    .split(' ')
    .map((name) => (name === '.' ? name : `${type}.${name}`))
    .join(' ')

const wholeCompare = 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u'
const wholeOps = '. . . add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u . .'
const floatCompare = 'eq ne lt gt le ge'
const floatOps = 'abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign'
const laneCompare = 'eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u'
const wideFloat = 'abs neg . sqrt add sub mul div min max pmin pmax'

const table: ReadonlyMap<string, Code> = new Map([
  ...run(undefined, 0x00, 'none', 'unreachable'),
  ...run(undefined, 0x02, 'block', 'block loop if'),
  ...run(undefined, 0x05, 'none', 'else'),
  ...run(undefined, 0x0b, 'none', 'end'),
  ...run(undefined, 0x0c, 'index', 'br br_if'),
  ...run(undefined, 0x0f, 'none', 'return'),
  ...run(undefined, 0x10, 'index', 'call'),
  ...run(undefined, 0x1a, 'none', 'drop select'),
  ...run(undefined, 0x20, 'index', 'local.get local.set local.tee global.get global.set'),
  ...run(undefined, 0x28, 'memory', 'i32.load i64.load f32.load f64.load . i32.load8_u'),
  ...run(undefined, 0x36, 'memory', 'i32.store i64.store f32.store f64.store i32.store8'),
  ...run(undefined, 0x41, 'i32', 'i32.const'),
  ...run(undefined, 0x42, 'i64', 'i64.const'),
  ...run(undefined, 0x43, 'f32', 'f32.const'),
  ...run(undefined, 0x44, 'f64', 'f64.const'),
  ...run(undefined, 0x45, 'none', typed('i32', `eqz ${wholeCompare}`)),
  ...run(undefined, 0x50, 'none', typed('i64', `eqz ${wholeCompare}`)),
  ...run(undefined, 0x5b, 'none', typed('f32', floatCompare)),
  ...run(undefined, 0x61, 'none', typed('f64', floatCompare)),
  ...run(undefined, 0x67, 'none', typed('i32', wholeOps)),
  ...run(undefined, 0x79, 'none', typed('i64', wholeOps)),
  ...run(undefined, 0x8b, 'none', typed('f32', floatOps)),
  ...run(undefined, 0x99, 'none', typed('f64', floatOps)),
  ...run(undefined, 0xa7, 'none', 'i32.wrap_i64 . . . . i64.extend_i32_s i64.extend_i32_u'),
  ...run(undefined, 0xb2, 'none', 'f32.convert_i32_s f32.convert_i32_u . . f32.demote_f64'),
  ...run(undefined, 0xb7, 'none', 'f64.convert_i32_s f64.convert_i32_u . . f64.promote_f32'),
  ...run(undefined, 0xbc, 'none', 'i32.reinterpret_f32 i64.reinterpret_f64'),
  ...run(undefined, 0xbe, 'none', 'f32.reinterpret_i32 f64.reinterpret_i64'),
  ...run(0xfc, 0, 'none', typed('i32', 'trunc_sat_f32_s trunc_sat_f32_u')),
  ...run(0xfc, 2, 'none', typed('i32', 'trunc_sat_f64_s trunc_sat_f64_u')),
  ...run(0xfc, 10, 'zero-zero', 'memory.copy'),
  ...run(0xfd, 0, 'memory', 'v128.load'),
  ...run(0xfd, 9, 'memory', 'v128.load32_splat v128.load64_splat v128.store'),
  ...run(0xfd, 12, 'v128', 'v128.const i8x16.shuffle'),
  ...run(0xfd, 17, 'none', 'i32x4.splat i64x2.splat f32x4.splat f64x2.splat'),
  ...run(0xfd, 27, 'lane', 'i32x4.extract_lane i32x4.replace_lane'),
  ...run(0xfd, 29, 'lane', 'i64x2.extract_lane i64x2.replace_lane'),
  ...run(0xfd, 31, 'lane', 'f32x4.extract_lane f32x4.replace_lane'),
  ...run(0xfd, 33, 'lane', 'f64x2.extract_lane f64x2.replace_lane'),
  ...run(0xfd, 55, 'none', typed('i32x4', laneCompare)),
  ...run(0xfd, 65, 'none', typed('f32x4', floatCompare)),
  ...run(0xfd, 71, 'none', typed('f64x2', floatCompare)),
  ...run(0xfd, 77, 'none', typed('v128', 'not and andnot or xor bitselect any_true')),
  ...run(0xfd, 86, 'memory-lane', 'v128.load32_lane v128.load64_lane'),
  ...run(0xfd, 90, 'memory-lane', 'v128.store32_lane v128.store64_lane'),
  ...run(0xfd, 92, 'memory', 'v128.load32_zero v128.load64_zero'),
  ...run(0xfd, 94, 'none', 'f32x4.demote_f64x2_zero f64x2.promote_low_f32x4'),
  ...run(0xfd, 102, 'none', 'i8x16.narrow_i16x8_u'),
  ...run(0xfd, 103, 'none', typed('f32x4', 'ceil floor trunc nearest')),
  ...run(0xfd, 116, 'none', 'f64x2.ceil f64x2.floor . . . . f64x2.trunc'),
  ...run(0xfd, 134, 'none', 'i16x8.narrow_i32x4_u . . i16x8.extend_low_i8x16_u'),
  ...run(0xfd, 148, 'none', 'f64x2.nearest'),
  ...run(0xfd, 160, 'none', 'i32x4.abs i32x4.neg'),
  ...run(0xfd, 169, 'none', 'i32x4.extend_low_i16x8_u'),
  ...run(0xfd, 171, 'none', typed('i32x4', 'shl shr_s shr_u add . . sub . . . mul')),
  ...run(0xfd, 182, 'none', typed('i32x4', 'min_s min_u max_s max_u')),
  ...run(0xfd, 192, 'none', 'i64x2.abs i64x2.neg'),
  ...run(0xfd, 199, 'none', 'i64x2.extend_low_i32x4_s i64x2.extend_high_i32x4_s'),
  ...run(0xfd, 201, 'none', 'i64x2.extend_low_i32x4_u i64x2.extend_high_i32x4_u'),
  ...run(0xfd, 203, 'none', typed('i64x2', 'shl shr_s shr_u add . . sub . . . mul')),
  ...run(0xfd, 214, 'none', typed('i64x2', 'eq ne lt_s gt_s le_s ge_s')),
  ...run(0xfd, 224, 'none', typed('f32x4', wideFloat)),
  ...run(0xfd, 236, 'none', typed('f64x2', wideFloat)),
  ...run(0xfd, 248, 'none', 'i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u'),
  ...run(0xfd, 250, 'none', 'f32x4.convert_i32x4_s f32x4.convert_i32x4_u'),
  ...run(0xfd, 252, 'none', 'i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero'),
  ...run(0xfd, 254, 'none', 'f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u'),
  ...run(0xfd, 0x105, 'none', 'f32x4.relaxed_madd . f64x2.relaxed_madd'),
  ...run(0xfe, 0, 'memory', 'memory.atomic.notify memory.atomic.wait32'),
  ...run(0xfe, 0x10, 'memory', 'i32.atomic.load'),
  ...run(0xfe, 0x17, 'memory', 'i32.atomic.store'),
  ...run(0xfe, 0x1e, 'memory', 'i32.atomic.rmw.add'),
])

/** The name of an instruction in the text format; `codeOf` refuses one that is not listed. */
export type Op = string

export function codeOf(op: Op): Code {
  const code = table.get(op)
  if (code === undefined) throw new Error(`no WebAssembly instruction '${op}'`)
  return code
}
