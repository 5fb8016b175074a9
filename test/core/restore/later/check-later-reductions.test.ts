import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'

import type { LoadedElmApp } from '../../../../src/core/elm-app/elm-app.js'
import { loadElmApp } from '../../../../src/core/elm-app/load-app.js'
import { deployedApp, filesOfApp } from '../../../../src/core/later/contents/deployed-app.js'
import { type ReadLater, readLater } from '../../../../src/core/later/reading/read-later.js'
import { checkLaterReductions } from '../../../../src/core/restore/later/check-later-reductions.js'
import { laterStoreAt } from '../../../../src/core/store/recognise.js'
import { fixtureApp } from '../../../support/apps.js'
import { isError } from '../../../support/is-error.js'
import { unpackLater } from '../../../support/later-stores.js'
import { temporaryFolder } from '../../../support/temporary.js'
import { cacheFolder, elmHome } from '../../../support/test-folder.js'

const folder = temporaryFolder({ after })

async function read(path: string): Promise<ReadLater> {
    const store = laterStoreAt(path)
    assert.ok(store)
    return readLater(store)
}

function newestApp(store: ReadLater): Promise<LoadedElmApp> {
    const files = filesOfApp(store.values, deployedApp(store).app)
    return loadElmApp({ path: 'app', files, elmHome, cacheDirectory: cacheFolder })
}

async function check(store: ReadLater, load = () => newestApp(store)) {
    const { proven, notCompared, findings, records } = await checkLaterReductions(store, load)
    return { proven, notCompared: notCompared.join(), findings, records }
}

const noApp = () => Promise.reject(new Error('There is no need for an app.'))

describe('each reduction of the app of the newest deployment is what replay gives', () => {
    // Records of other apps, from before the newest deployment, are not fed to it.
    for (const [name, proven, fed, notCompared] of [
        ['g2-plain', 3, 19, /^$/],
        ['cont-g3d-g4', 18, 30, /^$/],
        // Behind states that were set, reverts, and records that these made void.
        ['g3-history', 5, 8, /^[^,]*: 5 from before the newest deployment, of another app\.$/],
        ['g3-truncated', 1, 3, /^[^,]*: 1 that nothing before can prove: [^,]+, [^,]+, [^,]+\.$/],
    ] as const) {
        test(name, async () => {
            const checked = await check(await read(unpackLater(name, folder)))
            assert.deepEqual([checked.proven, checked.records, checked.findings], [proven, fed, []])
            assert.match(checked.notCompared, notCompared)
        })
    }
})

test('one that replay does not give is an error, and others are judged for themselves', async () => {
    const store = await read(unpackLater('damaged/g2-reduction-plausible-lie', folder))
    const { proven, findings } = await check(store)
    assert.equal(proven, 3)
    const [{ id, severity, message, place, help } = assert.fail(), ...others] = findings
    assert.deepEqual([id, severity, others], ['reduction-differs', 'error', []])
    assert.match(message, /is "\{\\"total\\":777,.*; replay gives "/)
    assert.match(place?.file ?? '', /^provisional-reduction\/29618cfe3eb0/)
    assert.doesNotMatch(help, /complog reduce/)
})

test('an app that does not read the state to start from is told, and none is proven by it', async () => {
    const store = await read(unpackLater('g3-truncated', folder))
    const { proven, findings } = await check(store, () => fixtureApp('counter'))
    assert.equal(proven, 0)
    assert.ok(findings.some(({ id, severity }) => id === 'reduction-not-round-trip' && severity === 'error'))
})

test('behind an event that is gone, the next reduction is believed, not judged', async () => {
    const path = unpackLater('g3-plain', join(folder, 'lost'))
    const named = (await read(path)).log.namedBy(4) ?? ''
    rmSync(join(path, 'component', named.slice(0, 2), named))
    const { proven, findings, notCompared } = await check(await read(path))
    assert.deepEqual([proven, findings], [3, []])
    assert.match(notCompared, /: 1 that nothing before can prove/)
})

test('nothing is compared, and no app is loaded, where no replay says anything', async () => {
    const forked = await check(await read(unpackLater('damaged/g2-fork', folder)), noApp)
    assert.match(forked.notCompared, /not one whole history/)
    for (const [name, why] of [
        ['v040-plain', /Hosts since 0\.4\.0 run apps in an engine of their own/],
        ['v0418-plain', /Record #22 applies a function to the state/],
    ] as const) {
        const store = await read(unpackLater(name, folder))
        await assert.rejects(checkLaterReductions(store, noApp), isError('no-reduction', why))
    }
})
