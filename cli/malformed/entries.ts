/**
 * Every function of the published entries, by the entry's name in package.json.
 *
 * Untyped code calls them with anything. `./ops` is left out: it is for those who write rules, on
 * terms that type rules made, and what its words are given by name is tested with case files.
 */

import * as backends from '../../backends/index.js'
import * as native from '../../backends/native/index.js'
import * as reference from '../../backends/reference/index.js'
import * as wasm from '../../backends/wasm/index.js'
import * as webgpu from '../../backends/webgpu/index.js'
import * as effects from '../../effects/index.js'
import * as language from '../../index.js'
import * as laws from '../../laws/index.js'
import * as nn from '../../lib/nn/index.js'
import * as numeric from '../../lib/numeric/index.js'
import * as optim from '../../lib/optim/index.js'

export const entries: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  '.': language,
  './effects': effects,
  './laws': laws,
  './nn': nn,
  './optim': optim,
  './numeric': numeric,
  './backends': backends,
  './backends/native': native,
  './backends/reference': reference,
  './backends/wasm': wasm,
  './backends/webgpu': webgpu,
}

type Call = (...args: readonly unknown[]) => unknown

/** Classes are made by `new`, which is not tried; these open devices, compilers or memory each time. */
const opening = new Set(['makeNative', 'makeWasm', 'makeWebgpu', 'makeAuto'])

const isCall = (value: unknown): value is Call =>
  typeof value === 'function' &&
  Object.getOwnPropertyDescriptor(value, 'prototype')?.writable !== false

/** Of ours: layers and services are effect's own. */
const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

/** Each once; those in records too: `State.make`. */
export const functions: readonly (readonly [string, Call])[] = [
  ...new Map(
    Object.values(entries)
      .flatMap((entry) => Object.entries(entry))
      .flatMap(([name, value]): [string, unknown][] =>
        isRecord(value)
          ? Object.entries(value).map(([key, item]) => [`${name}.${key}`, item])
          : [[name, value]],
      )
      .flatMap(([name, value]): [Call, string][] =>
        isCall(value) && !opening.has(name) ? [[value, name]] : [],
      ),
  ),
].map(([call, name]) => [name, call])
