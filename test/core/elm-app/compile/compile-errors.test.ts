import assert from 'node:assert/strict'
import { test } from 'node:test'

import {
    compileError,
    isCollision,
    isDebugRemnants,
} from '../../../../src/core/elm-app/compile/compile-errors.js'

const packages = { elmHome: '/home/elm', isComplete: false, missing: [] }
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
    test(`a report of ${what} is ${code}, with a next step, and with the report where it is about the app`, () => {
        const error = compileError(report, packages)
        assert.equal(error.code, code, error.message)
        // What elm says when it crashes is for its authors.
        assert.equal(error.output, code === 'file-system' ? undefined : report)
        assert.ok(error.hint !== undefined)
        assert.equal(isCollision(report), false)
    })
}

test('the hint about packages says how to bring them along', () => {
    const error = compileError('-- PROBLEM LOADING PACKAGE LIST ---', packages)
    assert.match(error.hint!, /elm make.*package\.elm-lang\.org.*--elm-home/s)
})

test('a file that elm cannot use is named', () => {
    const error = compileError('elm: /a b/lock: openFd: permission denied (Permission denied)\n', packages)
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

test('packages that are missing are named, with the home that was looked in and what gets them', () => {
    const missing = ['elm/json 1.1.3', 'elm/time 1.0.0']
    const error = compileError('-- PROBLEM LOADING PACKAGE LIST ---', { ...packages, missing })
    assert.match(
        error.message,
        /elm\/json 1\.1\.3, elm\/time 1\.0\.0, which the Elm home \/home\/elm does not have/,
    )
    assert.match(error.hint!, /this very command.*package\.elm-lang\.org.*--elm-home/s)
})
