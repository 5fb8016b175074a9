import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'

import { PersistentProcess } from '../../src/core/process/persistent-process.js'
import { restore } from '../../src/core/restore/restore.js'
import { openProcessStore } from '../../src/core/store/process-store.js'
import { fixtureApp } from '../support/apps.js'
import { passwordEnvironment, setState, startHost, stateOf } from '../support/host-process.js'
import { assertAllThere, startLoad } from '../support/load.js'
import { openAndCheck, summaries } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { thinned } from '../support/thinned.js'
import { until } from '../support/until.js'

const rounds = Number(process.env['COMPLOG_KILL_ROUNDS'] ?? 2)
const connections = thinned(16, 64)

test(`killed ${rounds} times under load, no acknowledged request is lost, doubled or out of order`, async (t) => {
    const store = temporaryFolder(t)
    const app = await fixtureApp('string-builder')
    let acknowledgedBefore = 0
    let stateBefore = ''
    for (let round = 0; round < rounds; round++) {
        const host = await startHost(t, store, {
            args: ['--reduction-records', '50', '--keep-reductions', '3'],
            env: passwordEnvironment,
        })
        assert.equal(await stateOf(host), stateBefore)
        // A state of every round's own, so that requests do not become larger and larger.
        await setState(host, '')
        const load = startLoad(host.url, connections, String(round))
        await until(() => load.acknowledged.length > 0)
        await wait(Math.random() * 600)
        await host.end('SIGKILL')
        await load.stop()

        const checked = await openAndCheck(store)
        const findings = summaries(checked).filter((text) => !text.startsWith('torn-tail'))
        assert.deepEqual(findings, [])
        // As the next host does it, which sets a torn tail aside.
        const next = await PersistentProcess.open(store, app)
        const state = await next.serializeState()
        await next.close()
        const replayed = await restore(await openProcessStore(store), app, { fromGenesis: true })
        assert.equal(replayed.state, state)
        // The app's state is every body that was posted in this round, in the order of their records.
        assertAllThere(load.acknowledged, state)
        acknowledgedBefore += load.acknowledged.length
        stateBefore = state
    }
    assert.ok(acknowledgedBefore > rounds, `${acknowledgedBefore} acknowledged`)
    const { records } = (await openAndCheck(store)).counts
    assert.ok(records > acknowledgedBefore)
    t.diagnostic(`${acknowledgedBefore} writing requests acknowledged, ${records} records, none lost`)
})
