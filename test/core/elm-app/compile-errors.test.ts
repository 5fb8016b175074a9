import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileError, isCollision, isDebugRemnants } from '../../../src/core/elm-app/compile-errors.js'

const bypassed = '-- ERROR ---\n\nI ran into something that bypassed the normal error reporting process! I\n'

// Each as Elm 0.19.1 was seen to print it.
for (const [what, report, code] of [
    [
        'no list of packages',
        '-- PROBLEM LOADING PACKAGE LIST ----------\n\nI need the list',
        'app-packages-missing',
    ],
    [
        'no source of a package',
        '-- TROUBLE VERIFYING DEPENDENCIES ------- elm.json\n\nI could',
        'app-packages-missing',
    ],
    [
        'neither HOME nor ELM_HOME',
        `elm: HOME: getAppUserDataDirectory:getEnv: does not exist\n\n${bypassed}`,
        'app-packages-missing',
    ],
    [
        'a home it may not write to',
        `elm: /h/0.19.1/packages/lock: openFd: permission denied (Permission denied)\n\n${bypassed}`,
        'file-system',
    ],
    [
        'a home it cannot make',
        `elm: /proc/nope: createDirectory: does not exist (No such file or directory)\n\n${bypassed}`,
        'file-system',
    ],
    [
        'an error in the app',
        '-- TYPE MISMATCH ---------- Counter.elm\n\nSomething is off',
        'app-compile-failed',
    ],
    [
        'a package title inside of code',
        '-- TYPE MISMATCH ---------- A.elm\n\n3|  "-- PROBLEM LOADING PACKAGE LIST -"',
        'app-compile-failed',
    ],
] as const) {
    test(`a report of ${what} is ${code}, with the report in full and a next step`, () => {
        const error = compileError(report)
        assert.equal(error.code, code, error.message)
        assert.equal(error.output, report)
        assert.ok(error.hint !== undefined)
        assert.equal(isCollision(report), false)
    })
}

test('the hint about packages says how to bring them along', () => {
    const error = compileError('-- PROBLEM LOADING PACKAGE LIST ---')
    assert.match(error.hint!, /elm make.*package\.elm-lang\.org.*--elm-home/s)
})

test('a file that elm cannot use is named', () => {
    const error = compileError('elm: /a b/lock: openFd: permission denied (Permission denied)\n')
    assert.match(error.message, /\/a b\/lock: permission denied/)
})

test('the crashes of compilers that share a home are recognised', () => {
    assert.ok(isCollision(`${bypassed}\n>   Map.!: given key is not an element in the map`))
    assert.ok(isCollision(`elm: /tmp/d.dat: openBinaryFile: resource busy (file is locked)\n${bypassed}`))
})

test('remnants of Debug are recognised', () => {
    assert.ok(isDebugRemnants('-- DEBUG REMNANTS ------------\n\nThere are uses'))
    assert.ok(!isDebugRemnants('-- NAMING ERROR ---\n\n"-- DEBUG REMNANTS -"'))
})
