import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'

import { Chalk } from 'chalk'
import stringWidth from 'string-width'

import { keyValues, shortenPath, shortenText, table } from '../../../src/cli/text/table.js'

const withColours = new Chalk({ level: 1 })

test('colours take no room: a line breaks where it would without them', () => {
    const [word, next] = ['x'.repeat(30), 'y'.repeat(8)]
    const render = (value: string) =>
        stripVTControlCharacters(keyValues({ key: value }, { chalk: withColours, columns: 30 }))
    assert.equal(render(`${withColours.green(word)} ${next}`), render(`${word} ${next}`))
})

test('what is to be copied is there in full, however narrow the terminal is', () => {
    const hash = 'A'.repeat(64)
    for (const columns of [30, 60, 80]) {
        const text = keyValues({ head: hash }, { chalk: new Chalk({ level: 0 }), columns })
        assert.ok(text.includes(hash), text)
    }
})

test('a table fits a terminal of 40 columns, and all of it is there', () => {
    const rows = [
        ['#1', 'A'.repeat(40), 'was there, equal', '12 kB'],
        ['#20', '事件'.repeat(10), 'written', '1 B'],
    ]
    const columns = { record: 'right', hash: 'left', reduction: 'left', size: 'left' } as const
    for (const width of [40, 80]) {
        const text = table(columns, rows, { chalk: new Chalk({ level: 0 }), columns: width })
        for (const line of text.split('\n')) assert.ok(stringWidth(line) <= width, text)
        for (const [character, count] of [
            ['A', 40],
            ['事', 10],
            ['件', 10],
        ] as const)
            assert.equal(text.split(character).length - 1, count, text)
        assert.ok(/was there/.test(text) && /equal/.test(text), text)
    }
})

test('wide characters take two columns: columns stand below each other, and a path is shortened by them', () => {
    const style = { chalk: new Chalk({ level: 0 }), columns: 80 }
    const lines = table(
        { kind: 'left', n: 'left' },
        [
            ['事件', 'x'],
            ['ab', 'x'],
        ],
        style,
    ).split('\n')
    assert.deepEqual(
        lines.slice(1).map((line) => stringWidth(line)),
        [9, 9],
    )
    assert.equal(shortenPath('事件事件', 8), '事件事件')
    assert.equal(shortenPath('事件事件', 7), '…件事件')
    assert.equal(shortenPath('abcdef', 4), '…def')
})

test('a text that is too long is cut between characters, at the columns that they take', () => {
    assert.equal(shortenText('事件事件', 8), '事件事件')
    assert.equal(shortenText('事件事件', 7), '事件事…')
    assert.equal(shortenText('事件事件', 6), '事件…')
    // Each is two code units.
    assert.equal(shortenText('😀😀😀', 4), '😀…')
    assert.equal(shortenText('POST /api', 9), 'POST /api')
})
