/**
 * A change is noticed by the first failure: looking for a smaller one would take most of the time.
 */
import fc from 'fast-check'

fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true })
