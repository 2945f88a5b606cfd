/**
 * What a refusal says, in one line.
 */
import { PullbackError } from '../data/index.js'

/** `code: message` of the error on purpose that a call throws; other errors go through. */
export function refusal(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    if (error instanceof PullbackError) return `${error.code}: ${error.message}`
    throw error
  }
  return 'nothing is refused'
}
