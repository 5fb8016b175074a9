import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { ComplogError } from '../../../src/core/errors.js'
import {
    type Baseline,
    differences,
    parseBaseline,
    refuseIncomparable,
} from '../../../src/core/profile/baseline.js'

const baseline: Baseline = {
    schema: 'complog/profile-baseline/1',
    machine: { node: 'v20.12.0', platform: 'linux', cpu: 'a CPU' },
    restored: { head: 'A'.repeat(64), events: 12, scriptHash: 'B'.repeat(64), mode: 'default' },
    totalMilliseconds: [30, 31.5],
    relative: [2.1, 2.2],
}

describe('a baseline', () => {
    test('is read as it was written', () =>
        assert.deepEqual(parseBaseline(JSON.stringify(baseline, null, 2), 'file'), baseline))

    const wrong: Readonly<Record<string, unknown>> = {
        'another schema': { ...baseline, schema: 'complog/profile-baseline/2' },
        'no samples': { ...baseline, relative: [] },
        'a time of nothing': { ...baseline, relative: [1, 0] },
        'a time that is no number': { ...baseline, totalMilliseconds: ['1'] },
        'no machine': { ...baseline, machine: undefined },
        'an unknown way of restoring': { ...baseline, restored: { ...baseline.restored, mode: 'fast' } },
        'a list': [baseline],
        null: null,
    }
    for (const [what, json] of Object.entries(wrong)) {
        test(`is refused with ${what}, by the name of its file`, () => {
            assert.throws(
                () => parseBaseline(JSON.stringify(json), 'path/to/file.json'),
                (error: unknown) =>
                    error instanceof ComplogError &&
                    error.code === 'usage' &&
                    error.message.startsWith('path/to/file.json is not a baseline: ') &&
                    error.hint === 'Write one with `complog profile --save`.',
            )
        })
    }

    test('is refused with one reason, that fits a line', () => {
        assert.throws(() => parseBaseline('{"name":"complog"}', 'package.json'), {
            message:
                'package.json is not a baseline: schema: Invalid input: expected "complog/profile-baseline/1".',
        })
    })

    test('is refused where it is not JSON', () => {
        for (const text of ['', '{', 'text']) {
            assert.throws(
                () => parseBaseline(text, 'file'),
                /^ComplogError: file is not a baseline: it is not JSON\.$/,
            )
        }
    })
})

describe('the differences between two measurements', () => {
    test('are none where both were made under the same conditions', () =>
        assert.deepEqual(differences(baseline, baseline), []))

    test('are named, each with what it was and what it is', () => {
        const now = { machine: { ...baseline.machine, cpu: 'another CPU', node: 'v22.0.0' } }
        const found = differences(now, baseline)
        assert.equal(found.length, 2)
        assert.match(found[0]!, /another CPU: a CPU, now another CPU\.$/)
        assert.match(found[1]!, /v20\.12\.0, now v22\.0\.0/)
    })

    test('another app is what a comparison is for, another log or way of restoring is refused', () => {
        const { head, mode } = baseline.restored
        const enough = { ...baseline, relative: Array<number>(7).fill(1) }
        refuseIncomparable({ head, mode }, enough)
        assert.throws(() => refuseIncomparable({ head: 'C'.repeat(64), mode }, enough), {
            code: 'usage',
            message: /another head \(A+…, now C+…\)/,
        })
        assert.throws(() => refuseIncomparable({ head, mode: 'from-end' }, enough), {
            code: 'usage',
            message: /default, now from-end/,
        })
    })

    test('nothing is told from a baseline of fewer than 7 measurements, and it is refused', () => {
        const { head, mode } = baseline.restored
        const few = { ...baseline, relative: Array<number>(6).fill(1) }
        assert.throws(() => refuseIncomparable({ head, mode }, few), {
            code: 'usage',
            message: /6 measurements, .* fewer than 7/,
        })
    })
})
