import assert from 'node:assert/strict'
import { after, test } from 'node:test'

import { parseRef } from '../../../../src/core/composition/ref.js'
import { LaterRecords } from '../../../../src/core/later/contents/read-records.js'
import { readLaterUpTo, rowAt, rowFromTime } from '../../../../src/core/later/contents/row-at.js'
import { readLater } from '../../../../src/core/later/reading/read-later.js'
import { laterStoreAt } from '../../../../src/core/store/recognise.js'
import { isError } from '../../../support/is-error.js'
import { expectedOfLater, laterStoreNames, unpackLater } from '../../../support/later-stores.js'
import { temporaryFolder } from '../../../support/temporary.js'

const folder = temporaryFolder({ after })

function storeOf(name: string) {
    const store = laterStoreAt(unpackLater(name, folder))
    assert.ok(store)
    return store
}

for (const name of laterStoreNames.filter((each) => !each.startsWith('damaged/'))) {
    test(`${name}: each record by its hash, its number, from the head, and by the time that is known`, async () => {
        const read = await readLater(storeOf(name))
        const { records } = expectedOfLater(name)
        const reader = new LaterRecords(read)
        const times = records.map((_, row) => reader.timeAt(row))
        for (const [row, [hash]] of records.entries()) {
            const names = [
                hash,
                hash.slice(0, 14).toUpperCase(),
                `#${row + 1}`,
                `head~${records.length - 1 - row}`,
            ]
            for (const ref of names) assert.equal(rowAt(read, parseRef(ref)), row, ref)
            const time = times[row]
            if (time === undefined) continue
            const at = { kind: 'time', posixMilliseconds: time.first } as const
            assert.equal(
                rowAt(read, at),
                times.findLastIndex((each) => each && each.first <= time.first),
            )
            const from = times.findIndex((each) => each && each.last >= time.last)
            assert.equal(rowFromTime(read, time.last), from)
        }
        assert.ok(times.some((time) => time !== undefined))
        assert.throws(() => rowAt(read, parseRef(`#${records.length + 1}`)), isError('unknown-ref'))
        assert.throws(() => rowAt(read, parseRef(`head~${records.length}`)), isError('unknown-ref'))
        assert.throws(
            () => rowAt(read, parseRef('ab'.repeat(32))),
            isError('unknown-ref', /No record is named/),
        )
        assert.throws(() => rowAt(read, parseRef('@2018-01-01')), isError('unknown-ref', /2018-01-01/))
    })
}

test('a time is that of the event where it says one, else the minute in the name of the file', async () => {
    const read = await readLater(storeOf('plain-v2022-03-20'))
    const records = new LaterRecords(read)
    assert.deepEqual(records.timeAt(0), {
        first: Date.parse('2022-04-03T10:00:00Z'),
        last: Date.parse('2022-04-03T10:00:59.999Z'),
        source: 'file',
    })
    const at = 1648980005000
    assert.deepEqual(records.timeAt(1), { first: at, last: at, source: 'event' })
})

test('a head that is named counts as the newest record, and is refused where it is not there', async () => {
    const store = storeOf('plain-v2022-03-20')
    const { records } = expectedOfLater('plain-v2022-03-20')
    const [hash] = records[5] ?? ['']
    const read = await readLaterUpTo(store, { head: parseRef(hash) })
    assert.equal(rowAt(read, parseRef('head~1')), 4)
    assert.throws(() => rowAt(read, parseRef('#7')), isError('unknown-ref', /the head is #6/))
    await assert.rejects(readLaterUpTo(store, { head: parseRef('ab'.repeat(32)) }), isError('unknown-ref'))
})

test('a head file that names an older record leaves a choice, and --head makes it', async () => {
    const store = storeOf('damaged/g3-head-one-behind')
    const behind = await readLater(store)
    const [beyond] =
        [...behind.values.records].find(([, parent]) => parent === behind.log.table.hashAt(behind.headRow)) ??
        []
    assert.ok(beyond)
    const read = await readLaterUpTo(store, { head: parseRef(beyond.slice(0, 12)) })
    assert.equal(read.log.table.hashAt(read.headRow), beyond)
    assert.equal(read.headRow, behind.headRow + 1)
})

test('of copies of one record the last is meant', async () => {
    const read = await readLater(storeOf('damaged/two-hosts-at-once-v2022-03-20'))
    const { table } = read.log
    for (let row = 0; row < table.length; row++) {
        const last = rowAt(read, parseRef(table.hashAt(row)))
        assert.equal(table.hashAt(last), table.hashAt(row))
        assert.ok(last >= row)
    }
})
