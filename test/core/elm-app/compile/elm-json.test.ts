import assert from 'node:assert/strict'
import { test } from 'node:test'

import { prepareElmJson } from '../../../../src/core/elm-app/compile/elm-json.js'
import { throwsWith } from '../rejects.js'

test('elm-version 0.19.0 becomes 0.19.1, all else stays, and a note says so', () => {
    const before = {
        type: 'application',
        'elm-version': '0.19.0',
        dependencies: { direct: { 'elm/core': '1.0.2' } },
    }
    const { bytes, notes } = prepareElmJson(Buffer.from(JSON.stringify(before)))
    assert.deepEqual(JSON.parse(Buffer.from(bytes).toString()), { ...before, 'elm-version': '0.19.1' })
    assert.deepEqual(notes, ['elm.json says elm-version 0.19.0; compiled as 0.19.1 in a copy'])
})

test('any other elm.json is passed on byte by byte, for the compiler to judge', () => {
    for (const text of ['{"elm-version":"0.19.1"}', '{"elm-version":"0.18.0"}', '{ broken', '[]', '']) {
        const { bytes, notes } = prepareElmJson(Buffer.from(text))
        assert.equal(Buffer.from(bytes).toString(), text)
        assert.deepEqual(notes, [])
    }
})

test('an elm.json of a package is refused: the app must be an application', () => {
    const text = JSON.stringify({ type: 'package', name: 'a/b', 'elm-version': '0.19.0 <= v < 0.20.0' })
    throwsWith(() => prepareElmJson(Buffer.from(text)), 'app-malformed', /must be an application\.$/)
})

test('source directories outside of the app are refused', () => {
    for (const folder of ['../other', '/etc', 'C:\\x', 'src/../../x', '..\\x']) {
        const text = JSON.stringify({ 'source-directories': ['.', folder] })
        throwsWith(() => prepareElmJson(Buffer.from(text)), 'app-malformed', /outside of the app/)
    }
})
