import assert from 'node:assert/strict'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'

import { parseRef } from '../../../../src/core/composition/ref.js'
import type { LoadedElmApp } from '../../../../src/core/elm-app/elm-app.js'
import { loadElmApp } from '../../../../src/core/elm-app/load-app.js'
import { givenState } from '../../../../src/core/later/contents/given-state.js'
import { readLaterUpTo } from '../../../../src/core/later/contents/row-at.js'
import { type RestoreLaterOptions, restoreLater } from '../../../../src/core/restore/later/restore-later.js'
import { laterStoreAt } from '../../../../src/core/store/recognise.js'
import { isError } from '../../../support/is-error.js'
import { expectedOfLater, unpackLater } from '../../../support/later-stores.js'
import { fixturesFolder } from '../../../support/stores.js'
import { temporaryFolder } from '../../../support/temporary.js'
import { thinned } from '../../../support/thinned.js'

const folder = temporaryFolder({ after })
cpSync(join(fixturesFolder, 'elm-home'), join(folder, 'elm-home'), { recursive: true })

const loaded = new Map<string, Promise<LoadedElmApp>>()

/** Compiles each app once. */
const load: NonNullable<RestoreLaterOptions['load']> = (files, origin) => {
    const key = [...files.values()].map((bytes) => Buffer.from(bytes).toString('base64')).join()
    const elmHome = join(folder, 'elm-home')
    const cacheDirectory = join(folder, 'cache')
    const app = loaded.get(key) ?? loadElmApp({ path: origin, files, elmHome, cacheDirectory })
    loaded.set(key, app)
    return app
}

async function read(path: string) {
    const store = laterStoreAt(path)
    assert.ok(store)
    return readLaterUpTo(store, {})
}

const at = (hash: string) => parseRef(hash)

describe('the app in the store replays to the state that its host had', () => {
    /** Of a migration and what comes behind it up to the next deployment, no replay gives the state. */
    const plain = [
        'g2-plain',
        'g3-plain',
        'g3b-plain',
        'g3b-threshold',
        'g3d-plain',
        'cont-g3d-g4',
        'cont-g2-g3',
    ]
    for (const name of plain) {
        test(`${name}: at the head, and at each record that has a reduction, from the deployment`, async () => {
            const store = await read(unpackLater(name, folder))
            const { state, reductions, head } = expectedOfLater(name)
            const fromDeployment = await restoreLater(store, { fromGenesis: true, load })
            assert.equal(fromDeployment.state, state)
            assert.equal(fromDeployment.hash, head)
            assert.notEqual(fromDeployment.given.kind, 'reduction')
            assert.deepEqual([fromDeployment.decodeErrors, fromDeployment.unread], [0, undefined])
            const near = await restoreLater(store, { load })
            assert.equal(near.state, state)
            assert.ok(near.events <= fromDeployment.events)
            for (const [nth, [hash, reduced]] of Object.entries(reductions).entries()) {
                if (nth % thinned(3, 1) !== 0) continue
                if (reduced === null || !store.log.reduced.has(hash as never)) continue
                const restored = await restoreLater(store, { until: at(hash), fromGenesis: true, load })
                assert.equal(restored.state, reduced)
                // Without asking for a replay, nothing is loaded.
                const unused = () => Promise.reject(new Error('There is no need for an app.'))
                const given = await restoreLater(store, { until: at(hash), load: unused })
                assert.deepEqual([given.state, given.records], [reduced, 0])
            }
        })
    }

    for (const name of ['g2-history', 'g3-history']) {
        test(`${name}: also behind reverts, deployments and states that were set`, async () => {
            const store = await read(unpackLater(name, folder))
            const { state, records } = expectedOfLater(name)
            assert.equal((await restoreLater(store, { load })).state, state)
            let replayed = 0
            for (const [nth, [hash, , event]] of records.entries()) {
                if (event === 'UpdateElmAppStateForEvent' && nth % thinned(3, 1) !== 0) continue
                const until = at(hash)
                const asGiven = () => givenState(store, until).state
                const restored = await restoreLater(store, { until, fromGenesis: true, load }).catch(
                    (error: unknown) => {
                        assert.ok(isError('no-reduction', /Record #5 migrates the state/)(error))
                    },
                )
                if (restored === undefined) continue
                replayed++
                if (event === 'SetElmAppState') assert.equal(restored.given.hash, hash)
                // Where the store says it too, it says the same.
                try {
                    asGiven()
                } catch {
                    continue
                }
                assert.equal(restored.state, asGiven())
            }
            assert.ok(replayed >= thinned(5, 10), `${replayed} records`)
        })
    }
})

test('another app replays in the place of the one in the store, also where the store gives the state', async () => {
    const store = await read(unpackLater('g3-plain', folder))
    const { reductions } = expectedOfLater('g3-plain')
    const [hash = ''] = Object.keys(reductions).filter((each) => store.log.reduced.has(each as never))
    const counter = await loadElmApp({
        path: join(fixturesFolder, 'apps', 'counter'),
        elmHome: join(folder, 'elm-home'),
        cacheDirectory: join(folder, 'cache'),
    })
    const restored = await restoreLater(store, { until: at(hash), app: counter, load })
    assert.match(restored.unread ?? '', /^The app does not read the state of #\d+ as it was written: of /)
    assert.equal(restored.state, '0')
})

describe('no state is made up where', () => {
    const refused = async (name: string, until: string, message: RegExp) => {
        const store = await read(unpackLater(name, folder))
        const options = { until: at(until), fromGenesis: true, load }
        await assert.rejects(restoreLater(store, options), isError('no-reduction', message))
    }

    test('hosts add code to the sources of the app', async () => {
        await refused('plain-v2022-03-20', '#3', /code that they add to its sources/)
        await refused('function-v2023-03-16', '#9', /applies a function to the state/)
        await refused('g3-history', '#6', /migrates the state/)
        await refused('v0418-plain', '#3', /an engine of their own|code that they add/)
    })

    test('the app lacks a function that hosts of the time made', async () => {
        await refused('plain-v2021-07-14', '#3', /lacks interfaceToHost_serializeState/)
    })

    test('the log does not go back to a deployment', async () => {
        await refused('g3-truncated', 'head', /does not go back to a deployment/)
    })

    test('a line of the log is gone or altered', async () => {
        const path = unpackLater('g2-plain', join(folder, 'altered'))
        rmSync(join(path, 'composition-log/2020-05-03/2020-05-03T10.composition.jsonl'))
        const altered = await read(path)
        await assert.rejects(
            restoreLater(altered, { fromGenesis: true, load }),
            isError('error-findings', /not one whole history/),
        )
    })

    test('no head file says which of two newest records counts', async () => {
        const path = unpackLater('g3-head-lost-redeployed', join(folder, 'headless'))
        rmSync(join(path, 'composition-log-head-hash'))
        await assert.rejects(restoreLater(await read(path), { load }), {
            code: 'error-findings',
            hint: /`replay --head HASH`: --head 8448607f5ffc \(witness: the reduction of 8448607f5ffc\), --head cd1db0835e2a \(/,
        })
        const chosen = await readLaterUpTo(laterStoreAt(path)!, { head: at('cd1db0835e2a') })
        const { hash } = await restoreLater(chosen, { load, isHeadNamed: true })
        assert.equal(hash.slice(0, 12), 'cd1db0835e2a')
    })

    test('an event is gone', async () => {
        const path = unpackLater('g3-plain', join(folder, 'lost'))
        const store = await read(path)
        const named = store.log.namedBy(4) ?? ''
        rmSync(join(path, 'component', named.slice(0, 2), named))
        const restored = restoreLater(await read(path), { fromGenesis: true, load })
        await assert.rejects(restored, isError('error-findings', /of the event is missing/))
    })
})
