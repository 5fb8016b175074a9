import assert from 'node:assert/strict'
import { once } from 'node:events'
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

import { compileApp } from '../../../../src/core/elm-app/compile/compile.js'
import { packagesInHome } from '../../../../src/core/elm-app/compile/elm-packages.js'
import { readAppSource } from '../../../../src/core/elm-app/source/app-source.js'
import { rejectsWith } from '../rejects.js'
import { setEnvironment, temporaryFolder } from '../temporary.js'

/** One of its own, since these tests take packages away. */
function copyOfElmHome(t: TestContext): string {
    const folder = temporaryFolder(t)
    cpSync('fixtures/elm-home', folder, { recursive: true })
    return folder
}

const elmJson = readFileSync('fixtures/apps/counter/elm-app/elm.json')
const aPackage = join('0.19.1', 'packages', 'elm', 'json', '1.1.3')

test('an Elm home with every package of the app needs no network, and one without names what it lacks', async (t) => {
    const elmHome = copyOfElmHome(t)
    const look = (home: string, json = elmJson) => packagesInHome(home, json)
    assert.deepEqual(await look(elmHome), { elmHome, isComplete: true, missing: [] })
    for (const json of ['{}', 'no json']) {
        assert.deepEqual(await look(elmHome, Buffer.from(json)), { elmHome, isComplete: false, missing: [] })
    }
    rmSync(join(elmHome, aPackage), { recursive: true })
    assert.deepEqual(await look(elmHome), { elmHome, isComplete: false, missing: ['elm/json 1.1.3'] })
    const { missing } = await look(temporaryFolder(t))
    assert.ok(missing.includes('elm/core 1.0.5') && missing.includes('elm/json 1.1.3'))
})

/** Stands where elm would go through to the package site, and counts who comes by. */
async function proxy(t: TestContext): Promise<() => number> {
    let visitors = 0
    const server = createServer().on('connect', (_, socket) => {
        visitors += 1
        socket.destroy()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    setEnvironment(t, { https_proxy: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
    t.after(() => server.close())
    return () => visitors
}

test('compiling with all packages there asks nobody, and without some of them it asks', async (t) => {
    const source = await readAppSource('fixtures/apps/counter', undefined)
    assert.equal(source.kind, 'sources')
    const visitors = await proxy(t)
    const elmHome = copyOfElmHome(t)
    const options = { elmHome: { path: elmHome, mustExist: true }, signal: undefined }
    await compileApp(source, options)
    assert.equal(visitors(), 0)

    rmSync(join(elmHome, aPackage), { recursive: true })
    const error = await rejectsWith(
        compileApp(source, options),
        'app-packages-missing',
        /needs elm\/json 1\.1\.3, which/,
    )
    assert.ok(error.message.includes(elmHome))
    assert.ok(visitors() > 0, 'elm would have asked')
})
