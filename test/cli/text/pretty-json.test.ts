import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import fc from 'fast-check'

import { prettyJson } from '../../../src/cli/text/pretty-json.js'

const pretty = (text: string, linesMax = 100_000) => prettyJson(text, true, { indent: '', linesMax })

describe('JSON for people', () => {
    test('says what the text says', () => {
        const holds = fc.property(fc.json(), (text) =>
            assert.deepEqual(JSON.parse(pretty(text)), JSON.parse(text)),
        )
        fc.assert(holds, { numRuns: 1000 })
    })

    test('has a value a line, and short ones together', () => {
        const list = [
            { name: 'x'.repeat(25), tags: ['a', 'b'] },
            { name: 'y'.repeat(25), tags: [] },
        ]
        assert.equal(
            pretty(JSON.stringify({ list, n: 1 })),
            `{
  "list": [
    {"name": "${'x'.repeat(25)}", "tags": ["a", "b"]},
    {"name": "${'y'.repeat(25)}", "tags": []}
  ],
  "n": 1
}`,
        )
    })

    test('keeps numbers as they were written', () =>
        assert.equal(pretty('{"n":9007199254740993,"m":1.0e2}'), '{"n": 9007199254740993, "m": 1.0e2}'))

    test('is cut where it is too long for a screen', () => {
        const lines = pretty(JSON.stringify(Array(10_000).fill('x'.repeat(70))), 20).split('\n')
        assert.equal(lines.length, 21)
        assert.equal(lines.at(-1), '… (730,001 characters in all)')
        const long = pretty(JSON.stringify(['x'.repeat(5_000_000)]), 20)
        assert.ok(long.length < 2000)
    })

    test('goes as deep as the text does, and not as far to the right', () => {
        const text = pretty('['.repeat(1_000_000) + ']'.repeat(1_000_000), 100)
        assert.ok(text.length < 10_000, String(text.length))
    })

    test('lets no control character of a text through, JSON or not', () => {
        const text = `a\u001b[2Jb\n\u009b31m\u202e`
        assert.equal(
            prettyJson(text, false, { indent: '  ', linesMax: 9 }),
            '  a\\u001b[2Jb\n  \\u009b31m\\u202e',
        )
        assert.equal(pretty('["\u009b31m"]'), '["\\u009b31m"]')
    })
})
