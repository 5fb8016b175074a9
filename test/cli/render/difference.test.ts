import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { Chalk } from 'chalk'

import { renderDifference } from '../../../src/cli/render/difference.js'
import { differenceOf } from '../../../src/core/difference/difference.js'

const style = { chalk: new Chalk({ level: 0 }), columns: 100 }

function rendered(before: string, after: string): readonly string[] {
    return renderDifference(differenceOf(before, after), style).split('\n')
}

describe('a difference as text', () => {
    test('is a change a line, with what was and what is', () => {
        const before = '{"a":1,"list":[{"id":7,"n":1},{"id":8}],"gone":null}'
        const after = '{"a":"\u{9b}31m","list":[{"id":9},{"id":8},{"id":7,"n":2}]}'
        assert.deepEqual(rendered(before, after), [
            '~ /a  1 → "\\u009b31m"',
            '+ /list/0 (9)  {"id":9}',
            '> /list/1 (8) from /list/1',
            '~ /list/2/n (7)  1 → 2',
            '- /gone  null',
        ])
    })

    test('says that there is none', () => assert.deepEqual(rendered('[1]', '[1.0]'), ['no change']))

    test('counts what would push the rest from the screen', () => {
        const lines = rendered(JSON.stringify(Array(5000).fill(1)), JSON.stringify(Array(5000).fill(2)))
        assert.equal(lines.length, 41)
        assert.equal(lines.at(-1), '… and 4,960 more changes')
    })

    test('shows of long values where they begin to differ', () => {
        const long = 'x'.repeat(5000)
        const [first, was, is] = rendered(`{"text":"${long}one${long}"}`, `{"text":"${long}two${long}"}`)
        assert.equal(first, '~ /text')
        assert.match(was!, /^ {4}- …x{20}onex+… \(\d,\d{3} characters\)$/)
        assert.match(is!, /^ {4}\+ …x{20}twox+… \(\d,\d{3} characters\)$/)
    })

    test('of texts that are no JSON names the line, and lets nothing of them through to a terminal', () => {
        assert.deepEqual(rendered('state\n\u001b[2J', 'state\n\u001b[3J'), [
            '~ line 2, character 8 of the text  "2" → "3"',
        ])
        assert.deepEqual(rendered('a', 'a\u001b]0;x\u0007\n'), [
            '~ line 1, character 1 of the text  "" → "\\u001b]0;x\\u0007\\n"',
        ])
    })
})
