/**
 * What `npm run laws` examines: the project under its kits, and malformed input.
 */
import { type Group, group, inventory } from '../../laws/inventory.js'
import { malformedLaws } from '../malformed/laws.js'

export const groups: readonly Group[] = [...inventory, group('malformed input', malformedLaws)]
