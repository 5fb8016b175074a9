import assert from 'node:assert/strict'
import { test } from 'node:test'

import { functionsOfModule, parseAppMap } from '../../../../src/core/elm-app/source/app-map.js'
import { throwsWith } from '../rejects.js'
import { counterMap } from '../temporary.js'

function parse(text: string): ReturnType<typeof parseAppMap> {
    return parseAppMap(Buffer.from(text), 'app/elm-app.map.json')
}

test('a map names the entry file and the four functions', () => {
    assert.deepEqual(parse(counterMap), {
        entryFile: 'Counter.elm',
        functions: functionsOfModule('Counter'),
    })
})

test('a map may start with a byte order mark, and name its file as Windows does', () => {
    assert.equal(
        parse(`\uFEFF${counterMap.replace('Counter.elm', '.\\\\src\\\\Counter.elm')}`).entryFile,
        'src/Counter.elm',
    )
})

for (const [what, text, message] of [
    ['is not JSON', '{', /app\/elm-app\.map\.json cannot be used: .*JSON/],
    ['is not UTF-8', '\ud800'.padStart(3, '{'), /cannot be used/],
    ['has another shape', '{"Other": 1}', /WithCustomSerialization: /],
    [
        'lacks a function',
        counterMap.replace('pathToSerializeStateFunction', 'x'),
        /pathToSerializeStateFunction/,
    ],
    [
        'names no module',
        counterMap.replace('Counter.initState', 'initState'),
        /pathToInitialStateFunction: expected/,
    ],
    [
        'smuggles code in',
        counterMap.replace('Counter.initState', 'Counter.a);evil('),
        /pathToInitialStateFunction/,
    ],
    ['names no Elm file', counterMap.replace('Counter.elm', 'Counter.js'), /ends in \.elm/],
] as const) {
    test(`a map that ${what} is malformed, and the message says where`, () => {
        const error = throwsWith(() => parse(text), 'app-map-malformed', message)
        assert.match(error.hint!, /pathToFileWithElmEntryPoint/)
    })
}

test('an entry that is no module name is a mistake of usage', () => {
    assert.equal(functionsOfModule('Backend.Main').initState, 'Backend.Main.initState')
    for (const name of ['counter', 'Counter.elm', '', 'A;B'])
        throwsWith(() => functionsOfModule(name), 'usage')
})

test('a map is read as leniently as people wrote it', () => {
    const text = counterMap
        .replace('WithCustomSerialization', 'withCustomSerialization')
        .replace('"pathToFileWithElmEntryPoint"', '/* here */ PathToFileWithElmEntryPoint')
        .replace('}}', ',}} // that is all')
    assert.equal(parse(text).entryFile, 'Counter.elm')
})
