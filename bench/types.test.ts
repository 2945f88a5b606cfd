import { describe, expect, it } from 'vitest'
import { openChecker } from '../lib/types/checker.fixture.js'
import { applied, header, written } from './layers.js'

using check = openChecker(`${header}import type { Tensor } from '../index.js'\n`, 'bench')

const ending = "const first: Tensor<[64, 64], 'f32'> = slope.result"
const programs = {
  '40 layers of 8 operations': written(40),
  '400 layers of 8 operations': written(400),
  '100 applied functions': applied(100),
}
const said = check.refusals(Object.values(programs).map((source) => `${source}\n${ending}`))
const small = check.types([`(() => { ${applied(2)}; return slope.result })()`])

describe('the checker keeps up with large programs', () => {
  it.each(Object.keys(programs).map((name, i) => ({ name, said: said[i] })))(
    '$name check without an error',
    ({ said }) => expect(said).toEqual([]),
  )

  it('and gives their gradients the right type', () => {
    expect(small).toEqual([
      'Tensor<[64, 64], "f32", "c0!relu" | "c1!relu" | "w0!relu" | "w1!relu" | "x!relu">',
    ])
  })
})
