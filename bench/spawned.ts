/**
 * The process of a contestant, as seen from the one that asks it.
 *
 * A question always has an answer: where the process has ended, before or after it was asked, that
 * answer says so.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Answer, Question } from './child.js'

export interface Child {
  /** Given up after so many seconds, where they are said. */
  readonly ask: (question: Question, seconds?: number) => Promise<Answer>
  readonly close: () => void
}

/** Beside this file, compiled as it is or not. */
const isSource = import.meta.url.endsWith('.ts')
const script = fileURLToPath(new URL(isSource ? './child.ts' : './child.js', import.meta.url))
const loader = isSource ? ['--import', 'tsx'] : []

/** Its derivative of a loop written out is a recursion over the steps. */
const flagsOf = (name: string): readonly string[] =>
  name === 'jax-js' ? ['--stack-size=7000'] : []

export function openChild(name: string): Child {
  // Results are typed arrays, which JSON has none of. What libraries print must not mix with ours.
  const child = fork(script, {
    serialization: 'advanced',
    execArgv: [...loader, ...flagsOf(name)],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  return {
    ask: (question, seconds) => answered(child, question, seconds),
    close: () => child.kill('SIGKILL'),
  }
}

function answered(child: ChildProcess, question: Question, seconds?: number): Promise<Answer> {
  if (!child.connected) return Promise.resolve(failed(endOf(child)))
  return new Promise((resolve) => {
    const settle = (answer: Answer): void => {
      clearTimeout(timer)
      child.off('exit', ended)
      child.off('message', settle)
      resolve(answer)
    }
    const ended = (): void => settle(failed(endOf(child)))
    const late = (): void => settle({ tag: 'missing', why: `nothing in ${seconds} s` })
    const timer = seconds === undefined ? undefined : setTimeout(late, 1000 * seconds)
    child.once('exit', ended)
    child.once('message', settle)
    child.send(question, (fault) => {
      if (fault !== null) settle(failed(fault.message))
    })
  })
}

const failed = (why: string): Answer => ({ tag: 'missing', why: `failed: ${why}` })

/** Its channel closes a moment before it is known how it ended. */
function endOf({ exitCode, signalCode }: ChildProcess): string {
  const how = exitCode ?? signalCode
  return how === null ? 'the process ended' : `the process ended with ${how}`
}
