/**
 * Starting a member of a team: `worker_threads` in Node, `Worker` in pages that are isolated from
 * other origins (so that they may share memory); nowhere else.
 *
 * The member's script is text: it works from a package, a bundle and plain modules alike. A member
 * that is up keeps no process alive.
 */
import { memberScript, type Start } from './control.js'

export interface Member {
  /** False once its thread has ended; asked while the caller's thread is busy. */
  readonly alive: () => boolean
  /** What it said went wrong, where the platform tells it at once. */
  readonly lastWords: () => string | undefined
  readonly stop: () => void
}

/** What happens to a member later, on the caller's event loop. */
export interface Events {
  readonly up: () => void
  readonly lost: () => void
}

export type Spawn = (start: Start, events: Events) => Member

/** How members start here; undefined where memory cannot be shared with other threads. */
export function platformSpawn(): Spawn | undefined {
  if (typeof SharedArrayBuffer === 'undefined') return undefined
  if (typeof process === 'object' && typeof process.getBuiltinModule === 'function') {
    return nodeSpawn()
  }
  const page = typeof Worker === 'function' && globalThis.crossOriginIsolated === true
  return page ? browserSpawn : undefined
}

const nodeScript = `${memberScript}
const { parentPort, workerData } = require('node:worker_threads')
const { start, port } = workerData
serve(start, (text) => (text === 'up' ? parentPort : port).postMessage(text))
`

/** Members in Node, with another script in tests. */
export const nodeSpawn =
  (script = nodeScript): Spawn =>
  (start, events) => {
    const threads = process.getBuiltinModule('node:worker_threads')
    const { MessageChannel, receiveMessageOnPort, Worker } = threads
    const line = new MessageChannel()
    let port = line.port1
    // Loaders that the process was started with are none of a member's business.
    const worker = new Worker(script, {
      eval: true,
      execArgv: [],
      workerData: { start, port: line.port2 },
      transferList: [line.port2],
      name: 'pullback',
    })
    worker.on('message', () => {
      // Until here it holds the process, for those who wait for it.
      worker.unref()
      events.up()
    })
    worker.on('error', events.lost)
    worker.on('exit', events.lost)
    const passing = new MessageChannel()
    let words: string | undefined
    return {
      alive: () => {
        // Receiving takes note of an end that closed; a port that lost its end cannot be handed on.
        const said = receiveMessageOnPort(port)
        if (typeof said?.message === 'string') words = said.message
        try {
          passing.port1.postMessage(port, [port])
        } catch {
          return false
        }
        port = receiveMessageOnPort(passing.port2)?.message
        return true
      },
      lastWords: () => {
        const said = receiveMessageOnPort(port)
        return typeof said?.message === 'string' ? said.message : words
      },
      stop: () => {
        passing.port1.close()
        port.close()
        void worker.terminate()
      },
    }
  }

const browserScript = `${memberScript}
onmessage = ({ data }) => serve(data, postMessage)
`

/** A page's workers end only when the page ends them, so they are alive. */
const browserSpawn: Spawn = (start, events) => {
  const address = URL.createObjectURL(new Blob([browserScript], { type: 'text/javascript' }))
  const worker = new Worker(address, { name: 'pullback' })
  const gone = (): void => URL.revokeObjectURL(address)
  worker.onmessage = ({ data }) => {
    gone()
    if (data === 'up') events.up()
  }
  worker.onerror = () => {
    gone()
    events.lost()
  }
  worker.postMessage(start)
  return {
    alive: () => true,
    lastWords: () => undefined,
    stop: () => worker.terminate(),
  }
}
