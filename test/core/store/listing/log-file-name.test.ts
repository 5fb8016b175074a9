import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { hourlyFileAt } from '../../../../src/core/generations/kalmit.js'
import {
    archivedName,
    isLaterThan,
    isNameOfArchive,
    isNameOfHost,
    lastFileOfHost,
    logFileToAppendTo,
    spanOfLogFile,
} from '../../../../src/core/store/listing/log-file-name.js'

test('the file of a moment is named as hosts name it, in UTC', () => {
    assert.equal(
        hourlyFileAt(new Date('2019-04-28T12:59:59.999Z')),
        '2019-04-28/2019-04-28T12.composition.jsonl',
    )
    assert.equal(
        hourlyFileAt(new Date('2019-04-28T23:30:00-01:00')),
        '2019-04-29/2019-04-29T00.composition.jsonl',
    )
})

test('a clock that jumps back keeps the old file', () => {
    const last = '2019-04-28/2019-04-28T12.composition.jsonl'
    assert.equal(logFileToAppendTo(last, new Date('2019-04-28T11:00:00Z')), last)
    assert.equal(logFileToAppendTo(last, new Date('2019-04-28T12:30:00Z')), last)
    assert.notEqual(logFileToAppendTo(last, new Date('2019-04-28T13:00:00Z')), last)
})

test('a file is of the future only where no clock in any time zone can have reached its hour', () => {
    const now = new Date('2019-04-28T12:30:00Z')
    const file = (hour: string) => `${hour.slice(0, 10)}/${hour}.composition.jsonl`
    assert.equal(isLaterThan(file('2019-04-29T02'), now), false)
    assert.equal(isLaterThan(file('2019-04-29T03'), now), true)
    assert.equal(isLaterThan('2019-04-29.composition.jsonl', now), false)
    assert.equal(isLaterThan('2019-04-30.composition.jsonl', now), true)
    assert.equal(isLaterThan('composition', now), false)
    assert.equal(isLaterThan('zebra.jsonl', now), false)
})

test('only files that a host names are appended to', () => {
    const ofHosts = [
        '2018-11-04.composition.jsonl',
        '2019-04-28/2019-04-28T12.composition.jsonl',
        // Where the clock of a host of March 2020 or later went back.
        'composition',
    ]
    const others = [
        'backup/2019-04-28T12.composition.jsonl',
        '2019-04-27/2019-04-28T12.composition.jsonl',
        '2019-04-28/2019-04-28T12.composition.jsonl~',
        '2019-04-28/2019-04-28T12.composition.jsonl.bak',
        '2019-04-28/2019-04-28T12.composition.sync-conflict-20190428-1200.jsonl',
        '2019-04-28/2019-04-28T12.composition (conflicted copy).jsonl',
        'backup/composition',
        'z.composition.jsonl',
    ]
    for (const path of ofHosts) assert.ok(isNameOfHost(path), path)
    for (const path of others) assert.ok(!isNameOfHost(path), path)
    const files = [...ofHosts.slice(0, 2), ...others].map((path) => ({ path }))
    assert.equal(lastFileOfHost(files)?.path, ofHosts[1])
    assert.equal(lastFileOfHost([{ path: 'z.jsonl' }]), undefined)
})

test('an archive names the beginning of a file otherwise, and directly before it', () => {
    for (const [path, before, archived] of [
        [
            '2018-11-04.composition.jsonl',
            '2018-11-03.composition.jsonl',
            '2018-11-04.archived.composition.jsonl',
        ],
        [
            '2019-04-28/2019-04-28T12.composition.jsonl',
            '2019-04-28/2019-04-28T11.composition.jsonl',
            '2019-04-28/2019-04-28T12.archived.composition.jsonl',
        ],
        ['composition', '9999-12-31/9999-12-31T23.composition.jsonl', 'archived.composition'],
        ['mine/a.jsonl', 'mine/0.jsonl', 'mine/a-archived.jsonl'],
    ] as const) {
        assert.equal(archivedName(path), archived)
        assert.ok(before < archived && archived < path, archived)
        assert.equal(isNameOfArchive(archived), path !== 'mine/a.jsonl')
        assert.ok(!isNameOfHost(archived))
    }
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

test('a log file is named after a day, an hour, or since 2021-07 a minute', () => {
    const minute = 60_000
    for (const [path, first, minutes] of [
        ['2018-11-13.composition.jsonl', '2018-11-13T00:00Z', 24 * 60],
        ['2019-04-28/2019-04-28T13.composition.jsonl', '2019-04-28T13:00Z', 60],
        ['composition-log/literal/2022-04-03/2022-04-03T10-07', '2022-04-03T10:07Z', 1],
    ] as const) {
        const at = Date.parse(first)
        assert.deepEqual(spanOfLogFile(path), { first: at, last: at + minutes * minute - 1 })
    }
    for (const path of [
        'composition',
        'component/ab/abcd',
        '2022-04-03/2022-04-03T25-07',
        'x2022-04-03T10-07~',
    ])
        assert.equal(spanOfLogFile(path), undefined)
})
