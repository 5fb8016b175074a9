// The generations of stores, in one list: the newest first, as that is the one whose hosts came last where
// several lie side by side.
import type { StoreGeneration } from './generation.js'
import { headFile } from './head-file.js'
import { hourlyFiles } from './hourly-files.js'
import { kalmit } from './kalmit.js'
import { minuteFiles } from './minute-files.js'

/** The newest first. */
export const storeGenerations: readonly StoreGeneration[] = [minuteFiles, headFile, hourlyFiles, kalmit]

/** The folders that hosts of any generation read or write, below that of the store. */
export const foldersOfHosts: readonly string[] = [
    'composition',
    'reduction',
    'composition-log',
    'composition-log/literal',
    'provisional-reduction',
    'component',
    'deflated-component',
    'literal-element',
    'deflated-literal-element',
    'value',
]

/** Whether a store is of a generation, by what lies in its folder. @param has as markers are written */
export function isOfGeneration(
    { markers }: StoreGeneration,
    has: (marker: string, withFile?: RegExp) => boolean,
): boolean {
    return markers.some(
        ({ path, unless, withFile }) => !(unless !== undefined && has(unless)) && has(path, withFile),
    )
}

/** Whether a line is a record of 2020-05 or later, by how hosts have begun all of them. */
export function isLineOfLater(beginning: string): boolean {
    return /^\{"(?:parentHashBase16":"[0-9a-f]|compositionEvent":\{|events":\[)/.test(beginning)
}
