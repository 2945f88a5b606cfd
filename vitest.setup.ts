/**
 * Laws draw from one seed in `npm test`, so that what passed once passes again; `LAWS_SEED=N npm
 * test` draws others, and `npm run laws` goes deep. fast-check's own setting, of the test processes
 * only.
 */
import fc from 'fast-check'

const seed = Number(process.env.LAWS_SEED ?? 1)
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed })
