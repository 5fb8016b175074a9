// Every place of a record, one after the other: where a mistake of the scanner could hide from chance.
import assert from 'node:assert/strict'
import test from 'node:test'

import { type CompositionHash, genesis, hashOfLine } from '../../../src/core/composition/hash.js'
import { generations, isProblem, parseRecord } from '../../../src/core/composition/record.js'
import { recordLine } from '../../support/log-writer.js'
import { makeStore } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'
import { agreedCheck } from './agreement.js'

/** Lines made of the hash of the last one that is a record; null leaves one out. */
function* linked(makers: Iterable<(parent: CompositionHash) => Buffer>): Generator<Buffer> {
    let head = genesis
    for (const make of makers) {
        const line = make(head)
        const record = parseRecord(line)
        if (!isProblem(record)) {
            if (record.parentHash !== head) continue
            head = hashOfLine(line)
        }
        yield line
    }
}

/** Odd: so it takes other bytes at each place. */
const step = thinned(19, 1)
/** Odd as well: so it comes to each place of what the scanner takes at a time. */
const placeStep = thinned(5, 1)

for (const generation of generations) {
    test(`agrees on ${generation} records with any byte at any place`, async (t) => {
        const event = '{"addition":-7} é\n'
        const { length } = Buffer.from(recordLine({ generation, events: [event, event] }))
        const makers = Array.from({ length: (length * 256) / step }, (_, n) => (parent: CompositionHash) => {
            const i = n * step
            const line = Buffer.from(recordLine({ generation, parent, events: [event, event] }))
            const byte = i & 255
            // It would be two lines.
            if (byte !== 0x0a) line[i >> 8] = byte
            return line
        })
        const store = makeStore(temporaryFolder(t), [...linked(makers)])
        const checked = await agreedCheck(store, { threads: 1 })
        assert(
            checked !== undefined &&
                checked.counts.records > length &&
                checked.counts.unreadableLines > length,
        )
    })
}

const snippets = [
    [
        '\\"',
        '\\\\',
        '\\/',
        '\\b',
        '\\f',
        '\\n',
        '\\r',
        '\\t',
        '\\u0041',
        '\\ud800',
        '\\uD83D\\uDE00',
        '\\\\\\"',
        '\\\\\\\\',
    ],
    [
        '\\a',
        '\\0',
        '\\x41',
        '\\U0041',
        '\\u',
        '\\u12',
        '\\u123',
        '\\u12g4',
        '\\u 123',
        '\\\\\\a',
        '\\\\\\\\\\x',
        '\\é',
    ],
    [
        '"',
        '\\',
        '\\\\\\',
        '"}]}',
        '"]}',
        '","',
        '"},{"LiteralString":"',
        '\t',
        '\0',
        '\u001f',
        '\u007f',
        'é',
        '\u2028',
        '😀',
    ],
].flat()

for (const generation of generations) {
    test(`agrees on ${generation} strings with anything at any place of them`, async (t) => {
        const makers = snippets.flatMap((snippet) =>
            Array.from({ length: 140 / placeStep }, (_, nth) => (parent: CompositionHash) => {
                const text = 'x'.repeat(nth * placeStep) + '#' + 'y'.repeat(3)
                return Buffer.from(
                    recordLine({ generation, parent, events: [text] }).replace('#', () => snippet),
                )
            }),
        )
        const checked = await agreedCheck(makeStore(temporaryFolder(t), [...linked(makers)]), { threads: 1 })
        assert(checked !== undefined && checked.counts.unreadableLines > 140)
    })
}
