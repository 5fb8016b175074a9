// Events that a condition was tried on as they are packed, held against the same events one by one.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'

import fc from 'fast-check'

import { search } from '../../../src/core/history/search.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { LogWriter } from '../../support/log-writer.js'
import { makeStore } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'

/** Long enough to be packed. */
const recordsMin = 800

interface Inputs {
    readonly events: readonly string[]
    readonly setState?: string
}

/** Each log repeats a few kinds of record, so that all of one kind, and each beside each other, come up. */
const logs = fc
    .array(
        fc.oneof(
            { weight: 4, arbitrary: fc.constantFrom('1', '2', '3').map((event) => ({ events: [event] })) },
            fc.constantFrom<Inputs>(
                { events: [] },
                { events: ['1', '2'] },
                { events: ['é', '1'] },
                { events: [], setState: '5' },
                { events: ['1'], setState: '5' },
                { events: ['x'.repeat(5000)] },
            ),
        ),
        { minLength: 1, maxLength: 6 },
    )
    .map(inTurns)

function inTurns(kinds: readonly Inputs[]): readonly Inputs[] {
    return Array.from({ length: recordsMin }, (_, i) => kinds[(i * 7 + (i >> 3)) % kinds.length] as Inputs)
}

/** As many inputs as records, but not one each. */
const asManyAsRecords = inTurns([{ events: [] }, { events: ['1', '2'] }, { events: ['1'] }])

test('are found in the records that have them, however many inputs those have', async (t) => {
    const folder = temporaryFolder(t)
    let runs = 0
    const property = fc.asyncProperty(logs, fc.constantFrom('1', '2', 'é'), async (records, wanted) => {
        const log = new LogWriter()
        for (const record of records) log.add(record)
        const store = await openProcessStore(makeStore(join(folder, String(runs++)), log.lines))
        const found: (readonly [number, number])[] = []
        for await (const hit of search(store, { where: `text === ${JSON.stringify(wanted)}` })) {
            assert.equal(hit.text, wanted)
            found.push([hit.record.position, hit.eventIndex])
        }
        const expected = records.flatMap(({ events }, i) =>
            events.flatMap((event, eventIndex) => (event === wanted ? [[i + 1, eventIndex] as const] : [])),
        )
        assert.deepEqual(found, expected)
    })
    await fc.assert(property, { numRuns: thinned(5, 300), examples: [[asManyAsRecords, '1']] })
})
