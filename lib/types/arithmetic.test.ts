import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openChecker } from './checker.fixture.js'

using check = openChecker(`
import type { Add, Multiply, Quotient, Remainder, Subtract } from './arithmetic.js'
declare const value: <T>() => T
`)

const size = fc.oneof(fc.nat(20), fc.nat(5000), fc.nat(2 ** 31))
const pairs = fc.sample(fc.tuple(size, size), { numRuns: 200, seed: 1 })
const divided = pairs.filter(([, b]) => b > 0)

const show = (n: number): string => (n < 0 ? 'never' : String(n))
const answers = (op: string, of: readonly (readonly [number, number])[]): readonly string[] =>
  check.types(of.map(([a, b]) => `value<${op}<${a}, ${b}>>()`))

const sums = answers('Add', pairs)
const differences = answers('Subtract', pairs)
const products = answers(
  'Multiply',
  pairs.map(([a, b]) => [a, b % 10_000]),
)
const quotients = answers('Quotient', divided)
const remainders = answers('Remainder', divided)
const beyond = check.types([
  'value<Add<number, 1>>()',
  'value<Multiply<1.5, 2>>()',
  'value<Add<-1, 2>>()',
  'value<Multiply<number, 0>>()',
])

describe('arithmetic of literal sizes agrees with arithmetic', () => {
  it('Add', () => expect(sums).toEqual(pairs.map(([a, b]) => show(a + b))))
  it('Subtract, never below zero', () =>
    expect(differences).toEqual(pairs.map(([a, b]) => show(a - b))))
  it('Multiply', () => expect(products).toEqual(pairs.map(([a, b]) => show(a * (b % 10_000)))))
  it('Quotient rounds down', () =>
    expect(quotients).toEqual(divided.map(([a, b]) => show(Math.floor(a / b)))))
  it('Remainder', () => expect(remainders).toEqual(divided.map(([a, b]) => show(a % b))))
  it('gives number for what is not a literal natural number', () =>
    expect(beyond).toEqual(['number', 'number', 'number', 'number']))
})
