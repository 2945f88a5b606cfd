/**
 * The examples: each runs, and prints what it is worth reading for.
 */
import { afterEach, describe, expect, it, vi } from 'vitest'

afterEach(() => vi.restoreAllMocks())

/** The lines that a program prints while it is loaded. */
async function printed(load: () => Promise<unknown>): Promise<readonly string[]> {
  const lines: string[] = []
  vi.spyOn(console, 'log').mockImplementation((...parts: unknown[]) => {
    lines.push(parts.map(String).join(' '))
  })
  await load()
  return lines
}

describe('examples', () => {
  it('newton: Newton’s method finds the minimum in a few steps', async () => {
    expect(await printed(() => import('./newton.js'))).toEqual([
      'from -1.2, 1: 7 steps to 1.000000, 1.000000',
      'from 2, -3: 5 steps to 1.000000, 1.000000',
      'the Hessian at the minimum: [[802,-400],[-400,200]]',
    ])
  })

  it('logistic-regression: gradient descent ends at the published estimates', async () => {
    expect(await printed(() => import('./logistic-regression.js'))).toEqual([
      'log odds of passing = 1.5046 · hours − 4.0777',
      'standard errors: slope 0.629, offset 1.761',
      '1 h: passes with probability 0.07',
      '3 h: passes with probability 0.61',
      '5 h: passes with probability 0.97',
    ])
  })

  it('pendulum: a simulation inside an optimiser finds what made it', async () => {
    expect(await printed(() => import('./pendulum.js'))).toEqual([
      'length 1.30 m, friction 0.25 1/s',
    ])
  })

  it('attention: no position looks ahead', async () => {
    const lines = await printed(() => import('./attention.js'))
    const rows = lines.slice(2, 7).map((line) => line.trim().split(/ +/))
    rows.forEach((row, t) => {
      expect(row.map((x) => x === '·')).toEqual(row.map((_, s) => s > t))
    })
    expect(lines.at(-1)).toBe('two heads at once: 2 × 5 × 8')
  })

  it('kepler: the rule holds, and a spoilt one is found out', async () => {
    const lines = await printed(() => import('./kepler.js'))
    expect(lines[1]).toBe('M = 1: E = 1.599749, dE/dM = 0.982928')
    expect(lines[4]).toBe('rule with sign 1: all laws hold')
    expect(lines[5]).toContain('the jvp agrees with differences')
  })

  it('mlp: Adam tells the spirals apart', async () => {
    const lines = await printed(() => import('./mlp.js'))
    expect(lines.length).toBe(4)
    expect(Number(lines[3].match(/\d+/))).toBeGreaterThan(195)
  })

  it('rnn: what was trained on 12 steps remembers over 100', async () => {
    const lines = await printed(() => import('./rnn.js'))
    expect(Number(lines.at(-1)?.match(/[\d.]+(?= %)/))).toBeGreaterThan(98)
  })

  it('policy-gradient: the pole stays up', async () => {
    const lines = await printed(() => import('./policy-gradient.js'))
    const [first, , , last] = lines.map((line) => Number(line.match(/[\d.]+(?= s$)/)))
    expect(first).toBeLessThan(1)
    expect(last).toBeGreaterThan(3.5)
  })

  it('variational-inference: both gradients fit the posterior', async () => {
    const lines = await printed(() => import('./variational-inference.js'))
    const [exact, pathwise, score] = [1, 2, 3].map((i) => lines[i].trim().split(/ +/).slice(1))
    for (const fitted of [pathwise, score]) {
      fitted.forEach((x, i) => {
        expect(Math.abs(Number(x) - Number(exact[i]))).toBeLessThan(0.12)
      })
    }
    expect(exact).toEqual(['-1.27', '0.60', '1.83', '0.79', '-0.35'])
  })

  it('in-place: a loop writes the elements of one array', async () => {
    const lines = await printed(() => import('./in-place.js'))
    expect(lines[0]).toMatch(/^an element of 4,000: \d+ ns, of 64,000: \d+ ns$/)
    expect(lines.slice(1)).toEqual([
      'heated at 2:           0.0557 0.1672 0.4458 0.1703 0.0650 0.0248 0.0095 0.0035 0.0012',
      'felt in the middle of: 0.0081 0.0244 0.0650 0.1707 0.4472 0.1707 0.0650 0.0244 0.0081',
    ])
  })
})
