import assert from 'node:assert/strict'
import { test } from 'node:test'

import { readJson } from '../../src/core/json.js'

test('what is no JSON is said in words, whatever the engine says of it', () => {
    const problemOf = (text: string) => {
        const read = readJson(Buffer.from(text))
        return 'problem' in read ? read.problem : undefined
    }
    assert.equal(problemOf(''), 'This is empty.')
    assert.equal(problemOf('\0\0\0'), 'This is nothing but zeros.')
    for (const cut of ['{"a', '{"a":', '["b"', ' ']) {
        assert.equal(problemOf(cut), 'This is not JSON: it breaks off.', cut)
    }
    assert.match(problemOf('{"a":}') ?? '', /^This is not JSON: ./)
    assert.equal(problemOf('{}'), undefined)
})
