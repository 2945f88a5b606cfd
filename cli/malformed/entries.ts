/**
 * Every function of the published entries, by the entry's name in package.json.
 *
 * Untyped code calls them with anything. Rules of op records are left out: interpreters call them,
 * with what type rules made.
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
import * as ops from '../../lib/own.js'

export const entries: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  '.': language,
  './effects': effects,
  './laws': laws,
  './nn': nn,
  './optim': optim,
  './numeric': numeric,
  './ops': ops,
  './backends': backends,
  './backends/native': native,
  './backends/reference': reference,
  './backends/wasm': wasm,
  './backends/webgpu': webgpu,
}

export type Call = (...args: readonly unknown[]) => unknown

/** Classes are made by `new`, which is not tried; these open devices, compilers or memory each time. */
const opening = new Set(['makeNative', 'makeWasm', 'makeWebgpu', 'makeAuto'])

const isCall = (value: unknown): value is Call =>
  typeof value === 'function' &&
  Object.getOwnPropertyDescriptor(value, 'prototype')?.writable !== false

/** Of ours: layers and services are effect's own. */
const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

const isOp = (value: object): boolean => 'name' in value && 'evaluate' in value

/** The functions of an entry by name; those in records too: `State.make`. */
export const functionsOf = (entry: string): ReadonlyMap<string, Call> =>
  new Map(
    Object.entries(entries[entry])
      .flatMap(([name, value]): [string, unknown][] => {
        if (!isRecord(value)) return [[name, value]]
        return isOp(value)
          ? []
          : Object.entries(value).map(([key, item]) => [`${name}.${key}`, item])
      })
      .flatMap(([name, value]): [string, Call][] =>
        isCall(value) && !opening.has(name) ? [[name, value]] : [],
      ),
  )
