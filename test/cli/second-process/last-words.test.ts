import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { LastWords } from '../../../src/cli/second-process/last-words.js'

function pass(pieces: readonly string[]): { readonly shown: string; readonly held: string } {
    let shown = ''
    const lastWords = new LastWords((text) => (shown += text))
    for (const piece of pieces) lastWords.add(piece)
    return { shown, held: lastWords.held }
}

const words = [
    '\n<--- Last few GCs --->\n\n[1:0x1] 10 ms: Mark-Compact\nFATAL ERROR: Reached heap limit',
    '\n#\n# Fatal error in , line 0\n# Fatal JavaScript invalid size error 1\n#\n',
    '\n\n#\n# Fatal error in , line 0\n# Check failed: x.\n#\n',
    '\nFATAL ERROR: something\n 1: 0xb7a940 node::Abort()\n',
]

for (const last of words) {
    test(`what V8 writes as it ends a process is held back: ${JSON.stringify(last.slice(0, 20))}`, () => {
        for (const before of ['', 'Warning: one.', 'Warning: one.\nWarning: two.']) {
            for (let at = 0; at <= last.length; at += 1) {
                const { shown, held } = pass([before, last.slice(0, at), last.slice(at), 'and so on'])
                // A line break may have ended a line.
                assert.deepEqual([shown.replace(/\n+$/, ''), held], [before, `${last}and so on`.trim()])
            }
        }
        // V8 begins with a line break of its own, which a line may have ended with already.
        assert.equal(pass([last.slice(1)]).shown, '')
    })
}

test('a line is shown with its end at once, not when the next one comes', () => {
    for (const pieces of [['a line\n'], ['a line', '\n'], ['one\n', 'two\n'], ['one\n\n'], ['\n']])
        assert.equal(pass(pieces).shown, pieces.join(''))
})

test('any other text is shown in full, however it comes in pieces', () => {
    const piece = fc.oneof(
        fc.string(),
        fc.constantFrom('\n', '\n#', '\n#\n# Fatal', '\n<--- Last', '<', '\n\n'),
    )
    fc.assert(
        fc.property(fc.array(piece), (pieces) => {
            let shown = ''
            const lastWords = new LastWords((text) => (shown += text))
            for (const text of pieces) lastWords.add(text)
            lastWords.pass()
            assert.equal(shown, pieces.join(''))
        }),
    )
})

test('a process that lives on is not silenced: what was held back comes, and what is too long at once', () => {
    let shown = ''
    const lastWords = new LastWords((text) => (shown += text))
    lastWords.add('\nFATAL ERROR: not at all\n')
    assert.equal(shown, '')
    lastWords.add('x'.repeat(300_000))
    assert.equal(shown.length, 300_024 + 1)
    lastWords.add('more')
    lastWords.pass()
    assert.ok(shown.startsWith('\nFATAL ERROR: not at all\n') && shown.endsWith('more'))
})
