import assert from 'node:assert/strict'
import { test } from 'node:test'

import { targetAt, targets } from '../../../src/core/convert/targets.js'
import { isError } from '../../support/is-error.js'

test('a target is named by a day, a month or a year of its hosts, of which the last day counts', () => {
    const expected = {
        '2019-04-15': '2019-04-15',
        '2019-04': '2019-04-15',
        '2019': '2019-04-15',
        '2020-04': '2019-04-15',
        '2020-05-01': '2020-05-01',
        '2020-05-05': '2020-05-01',
        '2020-05': '2020-05-06',
        '2020-06-19': '2020-06-11',
        '2020-12-18': '2020-11-08',
        '2020-12': '2020-12-19',
        '2021-07-13': '2021-02-14',
        '2021-07': '2021-07-14',
        '2022-03': '2021-09-01',
        '2023': '2023-02-27',
        '2024-03-24': '2023-02-27',
        '2025-03-05': '2023-02-27',
    }
    for (const [text, from] of Object.entries(expected)) assert.equal(targetAt(text).form.from, from, text)
})

test('each form is found by its own day, and begins where the one before it ends', () => {
    for (const { form, generation } of targets) {
        assert.equal(targetAt(form.from).form, form)
        assert.equal(targetAt(form.from).generation, generation)
    }
    const days = targets.map(({ form }) => form.from)
    assert.deepEqual(days, days.toSorted())
    assert.equal(new Set(days).size, days.length)
})

test('what is no day, and hosts that complog writes nothing for, are refused with the reason', () => {
    const wrong = {
        'v2021-07-14': /names no generation of hosts/,
        '': /names no generation/,
        '2021-7': /names no generation/,
        '2018-11': /writes no store of hosts before 2019-04-15/,
        '2019-04-14': /before 2019-04-15/,
        '2025-03': /as a value of their engine/,
        '2026': /as a value of their engine/,
    }
    for (const [text, message] of Object.entries(wrong)) {
        assert.throws(() => targetAt(text), isError('usage', message), text)
    }
})
