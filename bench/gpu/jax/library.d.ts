/** What is used of jax-js, which is a dependency of the bench alone. */
declare module '@jax-js/jax' {
  type Jax = import('../../contestants/jax-programs.js').Jax
  export const init: Jax['init']
  export const defaultDevice: Jax['defaultDevice']
  export const jit: Jax['jit']
  export const grad: Jax['grad']
  export const blockUntilReady: Jax['blockUntilReady']
  export const lax: Jax['lax']
  export const numpy: Jax['numpy']
  export const nn: Jax['nn']
}
