import assert from 'node:assert/strict'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'

import type { CommandName } from '../../src/cli/json/versions.js'
import { appPath, withApp, withAppAt } from '../support/cli.js'
import { errorOf } from '../support/envelope.js'
import { listing } from '../support/listing.js'
import { copyStore, fixtureStores } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { elmHome } from '../support/test-folder.js'
import { warmComplog } from '../support/warm.js'

const { path } = fixtureStores[2]!
const needApp: readonly (readonly [CommandName, ...string[]])[] = [
    ['replay'],
    ['reduce', '--replace'],
    ['truncate', '--yes'],
    ['profile'],
]

/** A copy of the counter app, in which a file was changed. */
function changedApp(t: TestContext, file: string, change: (text: string) => string): string {
    const app = temporaryFolder(t)
    cpSync(appPath('counter'), app, { recursive: true })
    const changed = change(readFileSync(join(app, file), 'utf8'))
    writeFileSync(join(app, file), changed)
    return app
}

/** Runs replay, which must touch nothing, and returns the error. */
async function refused(t: TestContext, flags: readonly string[]): ReturnType<typeof errorOf> {
    const store = temporaryFolder(t)
    copyStore(path, store)
    const before = listing(store)
    const error = await errorOf('replay', [store, ...flags])
    assert.deepEqual(listing(store), before)
    const text = await warmComplog(['replay', store, ...flags])
    assert.deepEqual([text.exitCode, text.stdout], [error.exitCode, ''])
    const told = text.stderr.replaceAll(/\s+/g, ' ')
    for (const part of [error.message, error.hint ?? '', error.output ?? '']) {
        assert.ok(told.includes(part.trim().replaceAll(/\s+/g, ' ')), text.stderr)
    }
    return error
}

describe('commands that need an app', () => {
    for (const [command, ...flags] of needApp) {
        test(`${command} without --app ends with 2 and says what to give`, async (t) => {
            const store = temporaryFolder(t)
            copyStore(path, store)
            const before = listing(store)
            const error = await errorOf(command, [store, ...flags])
            assert.deepEqual([error.exitCode, error.code], [2, 'usage'])
            assert.match(error.hint ?? '', /--app/)
            assert.deepEqual(listing(store), before)
        })
    }
})

describe('an app that cannot be loaded ends with 14', () => {
    test('no app there', async (t) => {
        const error = await refused(t, ['--app', join(temporaryFolder(t), 'none')])
        assert.deepEqual([error.exitCode, error.code], [14, 'app-not-found'])
        assert.match(error.hint ?? '', /Kalmit folder, an elm-app\.zip/)
    })

    test('a folder without a map file', async (t) => {
        const app = changedApp(t, 'elm-app.map.json', (text) => text)
        rmSync(join(app, 'elm-app.map.json'))
        const error = await refused(t, withAppAt(app))
        assert.deepEqual([error.exitCode, error.code], [14, 'app-map-missing'])
        assert.match(error.message, /There is no elm-app\.map\.json in/)
        const inside = await refused(t, withAppAt(join(app, 'elm-app')))
        assert.match(
            inside.hint ?? '',
            /Put the Elm project into elm-app\/, and beside it elm-app\.map\.json/,
        )
    })

    test('a map file that is no map', async (t) => {
        for (const text of ['', '{', '{}', '[]', '{"WithCustomSerialization":{}}']) {
            const app = changedApp(t, 'elm-app.map.json', () => text)
            const error = await errorOf('replay', [path, ...withAppAt(app)])
            assert.deepEqual([error.exitCode, error.code], [14, 'app-map-malformed'])
            assert.ok(error.message.includes(join(app, 'elm-app.map.json')))
            assert.match(error.hint ?? '', /WithCustomSerialization/)
        }
    })

    test('a map that names a function which is not there: the name, as the map spells it', async (t) => {
        const app = changedApp(t, 'elm-app.map.json', (text) =>
            text.replace('Counter.serializeState', 'Counter.serialiseState'),
        )
        const error = await refused(t, withAppAt(app))
        assert.deepEqual([error.exitCode, error.code], [14, 'app-function-missing'])
        assert.equal(error.message, 'The compiled app has no Counter.serialiseState.')
        assert.match(error.hint ?? '', /map file/)
    })

    test("one that does not compile: the compiler's report reaches the person in full", async (t) => {
        const app = changedApp(t, 'elm-app/Counter.elm', (text) =>
            text.replace('stateBefore + addition', 'stateBefore + "one"'),
        )
        const before = listing(app)
        const error = await refused(t, withAppAt(app))
        assert.deepEqual([error.exitCode, error.code], [14, 'app-compile-failed'])
        assert.match(error.output ?? '', /^-- TYPE MISMATCH -/)
        assert.match(error.output ?? '', /stateBefore \+ "one"/)
        assert.match(error.output ?? '', /Hint: Switch to the \(\+\+\) operator/)
        assert.match(error.hint ?? '', /`elm make`/)
        assert.deepEqual(listing(app), before)
    })

    test('an Elm home that is not there, or without the packages', async (t) => {
        const folder = temporaryFolder(t)
        for (const home of [join(folder, 'none'), folder]) {
            const error = await errorOf('replay', [path, '--app', appPath('counter'), '--elm-home', home], {
                // Whatever the compiler tries to reach, it must not.
                env: { https_proxy: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://127.0.0.1:9' },
            })
            assert.deepEqual([error.exitCode, error.code], [14, 'app-packages-missing'])
            assert.match(error.hint ?? '', /--elm-home/)
        }
    })

    test('a file that is neither a zip nor a compiled script', async (t) => {
        const file = join(temporaryFolder(t), 'app.js')
        writeFileSync(file, 'console.log("no Elm")')
        const error = await refused(t, ['--app', file])
        assert.deepEqual([error.exitCode, error.code], [14, 'app-malformed'])
        assert.match(error.hint ?? '', /elm make/)
    })

    test('a module that is named though the map names the functions: exit code 2', async (t) => {
        const error = await refused(t, [...withApp(), '--entry', 'Counter'])
        assert.deepEqual([error.exitCode, error.code], [2, 'usage'])
    })
})

describe('the Elm home', () => {
    test('may be named by ELM_HOME, which --elm-home overrides', async () => {
        const args = ['replay', path, '--app', appPath('counter'), '--no-cache']
        const byEnvironment = await warmComplog(args, { env: { ELM_HOME: elmHome } })
        assert.equal(byEnvironment.exitCode, 0, byEnvironment.stderr)
        const byFlag = await warmComplog([...args, '--elm-home', elmHome], { env: { ELM_HOME: '/nowhere' } })
        assert.equal(byFlag.exitCode, 0, byFlag.stderr)
    })
})
