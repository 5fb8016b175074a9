// 2020-05-06 to 2021-07: no log files. A record is a value by its hash, like all others; a file has the hash
// of the newest one.
import type { StoreGeneration } from './generation.js'
import {
    codePoints,
    formOf,
    httpRequest,
    httpRequestEvent,
    inElmApp,
    literal,
    packed,
    plain,
    utf8,
    withoutValues,
} from './kept-values.js'

/** A record as text, which the next generation writes in the same way. */
export function recordOfOneEvent(event: string, parent: string | undefined): string {
    const named = parent === undefined ? '' : `"parentHashBase16":"${parent}",`
    return `{${named}"compositionEvent":${event}}`
}

export const headFile: StoreGeneration = {
    id: '2020-05-06',
    project: 'elm-fullstack',
    written: 'of 2020-05-06 to 2021-07-13',
    markers: [
        { path: 'composition-log-head-hash' },
        // What is left of a store that has lost its head file, or its log.
        { path: 'component/', unless: 'composition-log/' },
        { path: 'literal-element/', unless: 'composition-log/' },
    ],
    hashed: 'blob',
    order: 'head-file',
    writer: {
        record: recordOfOneEvent,
        forms: [
            formOf('2020-05-06 to 2020-06-10', { values: plain, tree: inElmApp, app: httpRequest }),
            formOf('2020-06-11 to 2020-06-19', { values: plain, tree: utf8, app: httpRequest }),
            formOf('2020-06-20 to 2020-11-07', { values: plain, tree: utf8, app: httpRequestEvent }),
            formOf('2020-11-08 to 2020-12-18', { values: packed, tree: utf8, app: httpRequestEvent }),
            formOf('2020-12-19 to 2021-02-13', { values: packed, tree: codePoints, app: httpRequestEvent }),
            formOf('2021-02-14 to 2021-07-13', { values: literal, tree: codePoints, app: httpRequestEvent }),
        ],
    },
    hosts: {
        tornTail: 'Does not start ("Unexpected count").',
        malformed: 'Does not start ("Failed to load composition record").',
        emptyLine: 'Does not start.',
        chain: 'Starts at the record that the head file names, and follows the parents: a record beyond it is not seen, one that is missing on the way keeps it from starting.',
        ...withoutValues,
        foreignFile: 'Does not look at it.',
    },
}
