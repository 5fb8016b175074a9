import assert from 'node:assert/strict'
import { test } from 'node:test'

import { LaterRecords } from '../../../../src/core/later/contents/read-records.js'
import { readLater } from '../../../../src/core/later/reading/read-later.js'
import { LaterFeeder } from '../../../../src/core/restore/later/feed-later.js'
import { laterStoreAt } from '../../../../src/core/store/recognise.js'
import { inProcess } from '../../../support/in-process-app.js'
import { unpackLater } from '../../../support/later-stores.js'
import { temporaryFolder } from '../../../support/temporary.js'

test('each record is fed once and in its order, however many there are', async (t) => {
    const store = laterStoreAt(unpackLater('g2-plain', temporaryFolder(t)))
    assert.ok(store)
    const read = await readLater(store)
    const records = new LaterRecords(read)
    const textOf = (row: number) => records.at(row).events.map((event) => records.textOf(event).text)
    const { table } = read.log
    const ofEvents = Array.from({ length: table.length }, (_, row) => row).filter(
        (row) => table.kindAt(row) === 'event',
    )
    assert.ok(ofEvents.length > 1)
    // Over several batches; what is fed does not ask whether a row was there before.
    const rows = Array.from({ length: 600 }, (_, i) => ofEvents[i % ofEvents.length] as number)
    const seen: string[] = []
    const app = inProcess<number>({
        initialState: 0,
        process: (event) => [seen.push(event), ''],
        serialize: String,
        deserialize: Number,
    })
    const feeder = new LaterFeeder(await app.start(), read, { total: rows.length })
    await feeder.feed(rows)
    assert.deepEqual(seen, rows.flatMap(textOf))
    assert.deepEqual([feeder.fed.records, feeder.fed.events], [rows.length, seen.length])
})
