import assert from 'node:assert/strict'
import { once } from 'node:events'
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { readAppSource } from '../../../src/core/elm-app/app-source.js'
import { compileApp } from '../../../src/core/elm-app/compile.js'
import { hasAllPackages } from '../../../src/core/elm-app/elm-packages.js'
import { setEnvironment, temporaryFolder } from './temporary.js'

/** One of its own, since these tests take packages away. */
function copyOfElmHome(t: TestContext): string {
    const folder = temporaryFolder(t)
    cpSync('fixtures/elm-home', folder, { recursive: true })
    return folder
}

const elmJson = readFileSync('fixtures/apps/counter/elm-app/elm.json')
const aPackage = join('0.19.1', 'packages', 'elm', 'json', '1.1.3')

test('an Elm home with every package of the app needs no network, and one without does', async (t) => {
    const elmHome = copyOfElmHome(t)
    assert.equal(await hasAllPackages(elmHome, elmJson), true)
    assert.equal(await hasAllPackages(elmHome, Buffer.from('{}')), false)
    assert.equal(await hasAllPackages(elmHome, Buffer.from('no json')), false)
    rmSync(join(elmHome, aPackage), { recursive: true })
    assert.equal(await hasAllPackages(elmHome, elmJson), false)
    assert.equal(await hasAllPackages(temporaryFolder(t), elmJson), false)
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
    await assert.rejects(compileApp(source, options), { code: 'app-packages-missing' })
    assert.ok(visitors() > 0, 'elm would have asked')
})
