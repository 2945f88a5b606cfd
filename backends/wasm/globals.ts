/**
 * The globals of a module: what a thread knows of itself, set when `run` starts.
 */
export const threadIndex = 0
export const threadCount = 1
/** Where the words lie that all threads share. */
export const meetingAddress = 2
/** The scratch memory of the first thread. */
export const sharedScratch = 3
/** What `take` found. */
export const takenPiece = 4
export const globalCount = 5
