/**
 * Walking a program whose loops the device decides: recordings to submit, questions to ask.
 *
 *   while c { body }   →   test; gate(c): body, test; gate(c): body, test; …; how many ran?
 *
 * A `while` is recorded some iterations at a time, each under a gate within the one before, and
 * the host asks once for all of them; their number doubles up to a bound. One with another `while`
 * inside asks for its condition at each iteration, and so does a branch with one inside. Without
 * any `while` a program is one recording, or several where it is very long.
 */
import { dimValue, type Sizes } from '../../lib/data/dim.js'
import type { Step } from '../../lib/loop/index.js'
import {
  type Compiled,
  type Gate,
  gatePlaces,
  type Names,
  placeIn,
  type Recorder,
  type Recording,
  recorder,
  type Under,
} from './record.js'

/** Submit what was recorded; where `ask` is set, answer with its words. */
export interface Request {
  readonly recording: Recording
  readonly ask:
    | { readonly place: number; readonly first: number; readonly words: number }
    | undefined
}

type While = Extract<Step, { tag: 'while' }>

/** Commands after which what was recorded is submitted. */
const long = 8192
/** Iterations of a `while` recorded at a time. */
const chunk = { first: 4, most: 64, commands: 1024 } as const

/** Changes `names` to where the buffers are at the end. */
export function* walk(
  compiled: Compiled,
  sizes: Sizes,
  names: Names,
): Generator<Request, void, Int32Array | undefined> {
  const recording = recorder(compiled)
  yield* walkSteps(compiled, recording, compiled.program.steps, sizes, names)
  if (recording.count() > 0) yield { recording: recording.take(), ask: undefined }
}

type Walk = Generator<Request, void, Int32Array | undefined>

function* walkSteps(
  compiled: Compiled,
  recording: Recorder,
  steps: readonly Step[],
  sizes: Sizes,
  names: Names,
): Walk {
  const again = (inner: readonly Step[], bound = sizes): Walk =>
    walkSteps(compiled, recording, inner, bound, names)
  for (const step of steps) {
    if (step.tag === 'for') {
      const count = dimValue(step.below, sizes)
      for (let n = 0; n < count; n++) yield* again(step.body, { ...sizes, [step.counter]: n })
    } else if (isPlain(step)) {
      recording.steps([step], sizes, names, undefined)
    } else if (step.tag === 'branch') {
      const chosen = yield* scalar(recording, placeIn(names, step.on))
      const last = step.cases.length - 1
      yield* again(step.cases[Math.max(0, Math.min(last, chosen))] ?? [])
    } else if (step.tag === 'while') {
      const plain = [...step.test, ...step.body].every(isPlain)
      if (plain) yield* walkWhile(compiled, recording, step, sizes, names)
      else {
        for (;;) {
          yield* again(step.test)
          if ((yield* scalar(recording, placeIn(names, step.condition))) === 0) break
          yield* again(step.body)
        }
      }
    }
    if (recording.count() > long) yield { recording: recording.take(), ask: undefined }
  }
}

/** The value of a scalar, once what was recorded is done. */
function* scalar(
  recording: Recorder,
  place: number,
): Generator<Request, number, Int32Array | undefined> {
  const answer = yield { recording: recording.take(), ask: { place, first: 0, words: 1 } }
  return answer?.[0] ?? 0
}

function* walkWhile(
  { program }: Compiled,
  recording: Recorder,
  { test, condition, body }: While,
  sizes: Sizes,
  names: Names,
): Walk {
  const cells = program.buffers.length + gatePlaces.cells
  recording.steps(test, sizes, names, undefined)
  for (let most: number = chunk.first; ; most = Math.min(2 * most, chunk.most)) {
    // Where buffers are after so many iterations and the test behind them.
    const after: Names[] = [new Map(names)]
    const gates: Gate[] = []
    const start = recording.count()
    let under: Under
    while (
      gates.length < most &&
      (gates.length === 0 || recording.count() - start < chunk.commands)
    ) {
      const gate = recording.gate(placeIn(names, condition), 2, under)
      gates.push(gate)
      under = { gate, index: 1 }
      recording.steps([...body, ...test], sizes, names, under)
      after.push(new Map(names))
    }
    for (const gate of gates) gate.close()
    // From the first gate's cells to the last one's; those of gates in the body lie between.
    const first = gates[0]?.cell ?? 0
    const ask = { place: cells, first, words: (gates.at(-1)?.cell ?? 0) + 2 - first }
    const answer = yield { recording: recording.take(), ask }
    const ran = gates.filter((gate) => answer?.[gate.cell - first + 1] === 1).length
    for (const [name, place] of after[ran] ?? []) names.set(name, place)
    if (ran < gates.length) return
  }
}

/** Whether no `while` is inside. */
export function isPlain(step: Step): boolean {
  switch (step.tag) {
    case 'run':
    case 'copy':
    case 'swap':
      return true
    case 'for':
      return step.body.every(isPlain)
    case 'branch':
      return step.cases.every((steps) => steps.every(isPlain))
    case 'while':
      return false
  }
}
