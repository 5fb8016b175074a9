import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import fc from 'fast-check'

import {
    countOf,
    formatBytes,
    formatCount,
    formatMilliseconds,
    formatPercent,
    formatSeconds,
    parseDuration,
    parseFraction,
    parseSize,
    parseTimeout,
} from '../../../src/cli/text/units.js'
import { ComplogError } from '../../../src/core/errors.js'

function refuses(parse: (text: string) => number, texts: readonly string[]): void {
    for (const text of texts) {
        assert.throws(
            () => parse(text),
            (error: unknown) =>
                error instanceof ComplogError &&
                error.code === 'usage' &&
                error.message.includes(`"${text}"`),
            text,
        )
    }
}

describe('what people write', () => {
    test('times to wait: no longer than a timer can', () => {
        assert.equal(parseTimeout('596h'), 596 * 3_600_000)
        assert.ok(parseTimeout(`${2 ** 31 - 1}ms`) === 2 ** 31 - 1)
        refuses(parseTimeout, ['597h', `${2 ** 31}ms`, '0s', 'x'])
    })

    test('sizes: bytes, and decimal and binary units in any case', () => {
        const sizes: Readonly<Record<string, number>> = {
            '1': 1,
            '1000': 1000,
            '12B': 12,
            '1kB': 1000,
            '1k': 1000,
            '1KiB': 1024,
            '64MiB': 64 * 1024 ** 2,
            '1.5GB': 1.5e9,
            '2 GiB': 2 * 1024 ** 3,
            ' 3mb ': 3e6,
        }
        for (const [text, bytes] of Object.entries(sizes)) assert.equal(parseSize(text), bytes, text)
        refuses(parseSize, ['', '0', '-1', 'x', '1 x', '1e3', '0x10', '1,000', 'MiB', '9999999999GB', '0.1'])
    })

    test('durations in milliseconds, seconds, minutes and hours', () => {
        const durations: Readonly<Record<string, number>> = {
            '500ms': 500,
            '30s': 30_000,
            '0.5s': 500,
            '2m': 120_000,
            '2 min': 120_000,
            '1h': 3_600_000,
        }
        for (const [text, expected] of Object.entries(durations)) assert.equal(parseDuration(text), expected)
        refuses(parseDuration, ['', '0s', '-1s', '10', 's', '1d', '1s2', 'abc', '0.1ms'])
    })

    test('fractions as such or in per cent', () => {
        const fractions: Readonly<Record<string, number>> = { '10%': 0.1, '0.1': 0.1, '0%': 0, '150 %': 1.5 }
        for (const [text, expected] of Object.entries(fractions)) assert.equal(parseFraction(text), expected)
        refuses(parseFraction, ['', '%', '-1%', 'x', '10%%', '1/2'])
    })
})

describe('what people read', () => {
    test('counts with commas, and one of a thing in the singular', () => {
        assert.equal(formatCount(0), '0')
        assert.equal(formatCount(1234567.8), '1,234,568')
        assert.equal(countOf(1, 'record'), '1 record')
        assert.equal(countOf(0, 'record'), '0 records')
        assert.equal(countOf(1200, 'entry', 'entries'), '1,200 entries')
    })

    test('bytes with three digits, never 1000 of a unit', () => {
        const bytes: Readonly<Record<number, string>> = {
            0: '0 B',
            999: '999 B',
            1000: '1.00 kB',
            7267: '7.27 kB',
            999_499: '999 kB',
            999_500: '1.00 MB',
            1e9: '1.00 GB',
            2.5e12: '2.50 TB',
        }
        for (const [value, text] of Object.entries(bytes)) assert.equal(formatBytes(Number(value)), text)
    })

    test('times from microseconds to minutes', () => {
        const times: Readonly<Record<string, string>> = {
            '0': '0 µs',
            '0.4564': '456 µs',
            '1': '1.00 ms',
            '59.29': '59.3 ms',
            '1500': '1.50 s',
            '119000': '119 s',
            '150000': '2 min 30 s',
        }
        for (const [value, text] of Object.entries(times))
            assert.equal(formatMilliseconds(Number(value)), text)
        assert.equal(formatSeconds(0.2), '1 s')
        assert.equal(formatSeconds(125), '2 min 5 s')
    })

    test('times never show sixty seconds, or a thousand of a unit', () => {
        const property = fc.property(fc.double({ min: 0, max: 1e8, noNaN: true }), (milliseconds) => {
            for (const text of [formatMilliseconds(milliseconds), formatSeconds(milliseconds / 1000)]) {
                assert.doesNotMatch(text, /min 60 s$|^1000 |e\+/)
            }
        })
        fc.assert(property, { examples: [[179_700], [999.7], [0.9997], [119_999.9], [119_600]] })
    })

    test('changes with their sign', () => {
        assert.equal(formatPercent(0.1), '+10.0 %')
        assert.equal(formatPercent(-0.0512), '-5.1 %')
        assert.equal(formatPercent(0), '+0.0 %')
    })
})
