import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { foreignPath } from '../../src/core/foreign-files.js'

for (const [name, path] of [
    ['elm-app/Counter.elm', 'elm-app/Counter.elm'],
    ['elm-app\\Api\\Main.elm', 'elm-app/Api/Main.elm'],
    ['./elm-app//elm.json', 'elm-app/elm.json'],
    ['elm-app/', 'elm-app'],
    ['a..b/c', 'a..b/c'],
] as const) {
    test(`the name ${JSON.stringify(name)} is the path ${path}`, () =>
        assert.deepEqual(foreignPath(name), { path }))
}

for (const [name, problem] of [
    ['/etc/passwd', /absolute/],
    ['\\\\server\\share\\x', /absolute/],
    ['C:\\x.elm', /drive letter/],
    ['c:x.elm', /drive letter/],
    ['../x.elm', /"\.\."/],
    ['elm-app/../../x.elm', /"\.\."/],
    ['elm-app\\..\\..\\x.elm', /"\.\."/],
    ['elm-app/x\u0000.elm', /control character/],
    ['elm-app/x.elm:stream', /colon/],
    ['elm-app/.. /x.elm', /dot or a space/],
    ['elm-app./x.elm', /dot or a space/],
    ['a\ud800.elm', /half a character/],
    ['', /empty/],
    ['./', /empty/],
    ['d/'.repeat(70), /nested deeper/],
] as const) {
    test(`the name ${JSON.stringify(name)} is refused`, () => {
        const judged = foreignPath(name)
        assert.ok('problem' in judged)
        assert.match(judged.problem, problem)
    })
}

test('no name whatever yields a path that leaves its folder', () => {
    const part = fc.constantFrom('..', '.', '', '/', '\\', 'a', 'C:', '.. ', '\u0000', 'é')
    fc.assert(
        fc.property(
            fc.oneof(
                fc.string(),
                fc.array(part).map((parts) => parts.join('/')),
                fc.array(part).map((parts) => parts.join('')),
            ),
            (name) => {
                const judged = foreignPath(name)
                if ('problem' in judged) return
                const parts = judged.path.split('/')
                assert.ok(parts.every((text) => text !== '' && text !== '.' && text !== '..'))
                assert.ok(!judged.path.includes('\\') && !judged.path.includes(':'))
            },
        ),
    )
})
