// 2020-05-01, for some days: the log as before, but a record names its events by hash.
import type { StoreGeneration } from './generation.js'
import { hourlyFileAt } from './kalmit.js'
import { formOf, httpRequest, inElmApp, plain, withoutValues } from './kept-values.js'

const stops = 'Does not start where its walk from the last line reaches it.'

const logFileName = /^(?:(\d{4}-\d\d-\d\d)\/\1T\d\d\.composition\.jsonl|composition)$/

export const hourlyFiles: StoreGeneration = {
    id: '2020-05-01',
    project: 'elm-fullstack',
    written: 'of 2020-05-01 to 2020-05-05',
    markers: [
        { path: 'composition-log/', unless: 'composition-log/literal/' },
        { path: 'composition-log/', withFile: logFileName },
    ],
    logFolder: 'composition-log',
    logFileName,
    hashed: 'line',
    order: 'parents',
    writer: {
        logFileAt: hourlyFileAt,
        // The hash of zero bytes stands for no parent.
        record: (event, parent = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855') =>
            `{"parentHashBase16":"${parent}","events":[${event}]}`,
        forms: [formOf('2020-05-01 to 2020-05-05', { values: plain, tree: inElmApp, app: httpRequest })],
    },
    hosts: {
        tornTail:
            'Reads it as a record: a whole one counts, and the next is written on the same line, after which it does not start; a torn one keeps it from starting.',
        malformed: stops,
        emptyLine: 'Passes over it.',
        chain: 'Takes the last line for the head and follows the parents: where that leads nowhere it does not start, else it silently leaves out what is not on its way.',
        ...withoutValues,
        foreignFile:
            'Reads it as a part of the log, in its place among the names; where it sorts last, its last line is the head at every start.',
    },
}
