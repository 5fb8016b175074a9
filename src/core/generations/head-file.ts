// 2020-05-06 to 2021-07: no log files. A record is a value by its hash, like all others; a file has the hash
// of the newest one.
import type { StoreGeneration } from './generation.js'

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
    hosts: {
        tornTail: 'Does not start ("Unexpected count").',
        malformed: 'Does not start ("Failed to load composition record").',
        emptyLine: 'Does not start.',
        chain: 'Starts at the record that the head file names, and follows the parents: a record beyond it is not seen, one that is missing on the way keeps it from starting.',
        missingValue:
            'Does not start ("Not found in store") where it is named behind the newest usable reduction.',
        alteredValue:
            'Does not start ("Content hash does not match") where it is named behind the newest usable reduction.',
        reductionWithoutState: 'Passes over it, to the next older one.',
        foreignFile: 'Does not look at it.',
    },
}
