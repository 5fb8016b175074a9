import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'

import { publishFunctions } from '../../../../src/core/elm-app/compile/publish.js'
import { functionsOfModule } from '../../../../src/core/elm-app/source/app-map.js'
import { throwsWith } from '../rejects.js'

function published(script: string): Record<string, unknown> {
    const text = publishFunctions(script, functionsOfModule('A.B'))
    let app: Record<string, unknown> = {}
    runInNewContext(text, {
        complogPublish(value: Record<string, unknown>) {
            app = value
        },
    })
    return app
}

test('functions are found by the names of Elm 0.19.1 and of 0.19.0', () => {
    for (const prefix of ['$', '']) {
        const app = published(`var _Platform_export = function () {};
            var A2 = 'a2', ${prefix}author$project$A$B$initState = 'state';
            _Platform_export({});`)
        assert.equal(app['initState'], 'state')
        assert.equal(app['applyTwo'], 'a2')
        assert.equal(app['serializeState'], undefined)
    }
})

test('the statement goes before the last export, wherever else the words stand', () => {
    const app = published(`function _Platform_export(x) {}
        var text = '_Platform_export(';
        var $author$project$A$B$initState = text;
        _Platform_export({});`)
    assert.equal(app['initState'], '_Platform_export(')
})

test('a script that elm make did not write is refused', () => {
    throwsWith(() => publishFunctions('console.log(1)', functionsOfModule('A')), 'app-malformed')
})
