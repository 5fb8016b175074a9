import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { logFilePathAt, logFileToAppendTo } from '../../../src/core/store/log-file-name.js'

test('the file of a moment is named as hosts name it, in UTC', () => {
    assert.equal(
        logFilePathAt(new Date('2019-04-28T12:59:59.999Z')),
        '2019-04-28/2019-04-28T12.composition.jsonl',
    )
    assert.equal(
        logFilePathAt(new Date('2019-04-28T23:30:00-01:00')),
        '2019-04-29/2019-04-29T00.composition.jsonl',
    )
})

test('a clock that jumps back keeps the old file', () => {
    const last = '2019-04-28/2019-04-28T12.composition.jsonl'
    assert.equal(logFileToAppendTo(last, new Date('2019-04-28T11:00:00Z')), last)
    assert.equal(logFileToAppendTo(last, new Date('2019-04-28T12:30:00Z')), last)
    assert.notEqual(logFileToAppendTo(last, new Date('2019-04-28T13:00:00Z')), last)
})

test('files that are called otherwise and sort behind are gone on with', () => {
    const last = 'z.composition.jsonl'
    assert.equal(logFileToAppendTo(last, new Date('2019-04-28T11:00:00Z')), last)
})

test('whatever the clock says, the files are appended to in the order of their paths', () => {
    const times = fc.array(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }))
    fc.assert(
        fc.property(times, (moments) => {
            const used: string[] = []
            for (const time of moments) used.push(logFileToAppendTo(used.at(-1), time))
            assert.deepEqual(used, used.toSorted())
        }),
    )
})
