import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'

import { Chalk } from 'chalk'

import { keyValues } from '../../../src/cli/render/table.js'

const withColours = new Chalk({ level: 1 })

test('colours take no room: a line breaks where it would without them', () => {
    const [word, next] = ['x'.repeat(30), 'y'.repeat(8)]
    const render = (value: string) =>
        stripVTControlCharacters(keyValues([['key', value]], { chalk: withColours, columns: 30 }))
    assert.equal(render(`${withColours.green(word)} ${next}`), render(`${word} ${next}`))
})

test('what is to be copied is there in full, however narrow the terminal is', () => {
    const hash = 'A'.repeat(64)
    for (const columns of [30, 60, 80]) {
        const text = keyValues([['head', hash]], { chalk: new Chalk({ level: 0 }), columns })
        assert.ok(text.includes(hash), text)
    }
})
