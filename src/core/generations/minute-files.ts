// 2021-07-14 until today: a log file for each minute with a record, and events as text in the record. Hosts
// go by files and lines, and never look at a parent.
import type { StoreGeneration } from './generation.js'
import { recordOfOneEvent } from './head-file.js'
import { backendMain, codePoints, formOf, httpRequestEvent, literal, webServerMain } from './kept-values.js'

export const minuteFiles: StoreGeneration = {
    id: '2021-07-14',
    project: 'elm-fullstack, elm-time or Pine',
    written: 'since 2021-07-14',
    markers: [
        { path: 'composition-log/literal/' },
        // What is left of a store that has lost its log.
        { path: 'value/json/deflated/', unless: 'composition-log/' },
        { path: 'value/binary/deflated/', unless: 'composition-log/' },
    ],
    logFolder: 'composition-log/literal',
    logFileName: /^(\d{4}-\d\d-\d\d)\/\1T\d\d-\d\d$/,
    hashed: 'blob',
    order: 'files',
    writer: {
        logFileAt: (time) => {
            const iso = time.toISOString()
            return `${iso.slice(0, 10)}/${iso.slice(0, 16).replace(':', '-')}`
        },
        record: recordOfOneEvent,
        forms: [
            formOf('2021-07-14 to 2021-08', { values: literal, tree: codePoints, app: httpRequestEvent }),
            formOf('2021-09-01 to 2023-02-26', { values: literal, tree: codePoints, app: backendMain }),
            formOf('2023-02-27 to 0.3.34', { values: literal, tree: codePoints, app: webServerMain }),
        ],
    },
    hosts: {
        tornTail:
            'Hosts since 2021-08-17 pass over it, but write the next record of the same file directly behind it; those of 2021-07 read it as a record.',
        malformed:
            'Does not start where it stands behind the newest usable reduction (since 2024-03: starts without the app); else never reads it.',
        emptyLine:
            'Hosts since 2021-08-17 take the line end for the first byte of the next record, which then has another hash to them; two of them keep a host from starting.',
        chain: 'Starts, without a word, in what the lines behind the newest usable reduction give, in the order of the files: hosts never look at a parent.',
        missingValue: 'Does not start where it is named behind the newest usable reduction.',
        alteredValue:
            'Until 0.4.0 does not start ("Content hash does not match", or of a packed one "unsupported compression method") where it comes to it; of the files below value/ it never compares the hash: what can still be read as a value is another state.',
        reductionWithoutState:
            'Until 0.3.34 passes over it, to the next older one (between 2022-08-15 and 2023-08-05 it may not start); since 0.4.0 it does not start.',
        foreignFile:
            'Reads it as a part of the log, in its place among the names: records that stand in it count, those of a copy twice.',
    },
}
