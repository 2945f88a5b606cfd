import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { neg } from '../ops/index.js'
import { fold } from './fold.js'
import { closeStrict } from './func.js'
import { parameter, type Term } from './term.js'

it('a value is let go after its last use', () => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const x = parameter({ name: 'f' }, 'x', { dtype: 'f64', shape: [] })
  let y: Term = x
  for (let i = 0; i < 40; i++) y = neg(y)
  const megabyte = 2 ** 20
  const held = () => {
    collect()
    return process.memoryUsage().arrayBuffers
  }
  const before = held()
  let most = 0
  const step = () => {
    most = Math.max(most, held() - before)
    return [new ArrayBuffer(megabyte)]
  }
  const [last] = fold<ArrayBuffer>(closeStrict('f', [x], [y]), [new ArrayBuffer(megabyte)], step)
  expect(last.byteLength).toBe(megabyte)
  expect(most).toBeLessThan(5 * megabyte)
})
