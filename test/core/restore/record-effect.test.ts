import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { checkLog } from '../../../src/core/check/check-log.js'
import { effectOfRecord } from '../../../src/core/restore/record-effect.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { fixtureApp } from '../../support/apps.js'
import { inProcessCounter } from '../../support/in-process-app.js'
import { isError } from '../../support/is-error.js'
import { additionEvent, LogWriter, reductionFile } from '../../support/log-writer.js'
import { fixtureStores, makeStore } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'

describe('what a record did', () => {
    for (const { name, path, app: appName, expected, responses } of fixtureStores) {
        test(`is what the hosts answered, for every event of ${name}`, async () => {
            const app = await fixtureApp(appName)
            const store = await openProcessStore(path)
            const { longest: chain } = await checkLog(store)
            const answered: string[] = []
            let after: string | undefined
            for (let position = 1; position <= chain.length; position++) {
                const effect = await effectOfRecord(store, app, { chain, position })
                assert.equal(effect.record.position, position)
                if (after !== undefined) assert.equal(effect.before, after)
                after = effect.after
                answered.push(...(effect.responses ?? []))
                const reduced = expected.reductions[effect.record.hash]
                if (reduced !== undefined) assert.equal(after, reduced)
            }
            assert.deepEqual(answered, responses)
            assert.equal(after, expected.state)
        })
    }

    test('is only the state after it, for the oldest of a truncated log', async (t) => {
        const log = new LogWriter()
        for (const n of [1, 2, 3]) log.add({ events: [additionEvent(n)] })
        const folder = temporaryFolder(t)
        const hash = log.hashes[1]!
        makeStore(folder, log.lines.slice(1), { [hash]: reductionFile(hash, '3') })
        const store = await openProcessStore(folder)
        const { longest: chain } = await checkLog(store)
        const oldest = await effectOfRecord(store, inProcessCounter(), { chain, position: 1 })
        assert.deepEqual([oldest.before, oldest.after, oldest.responses], [undefined, '3', undefined])
        const next = await effectOfRecord(store, inProcessCounter(), { chain, position: 2 })
        assert.deepEqual([next.before, next.after, next.responses], ['3', '6', ['6']])
    })

    test('on which the app fails is told with its place', async (t) => {
        const folder = temporaryFolder(t)
        const log = new LogWriter()
        log.add({ events: [additionEvent(1), 'no JSON'] })
        makeStore(folder, log.lines)
        const store = await openProcessStore(folder)
        const { longest: chain } = await checkLog(store)
        const app = inProcessCounter()
        const failing = effectOfRecord(store, app, { chain, position: 1 })
        await assert.rejects(failing, isError('app-threw', /record #1 .*event 2 of 2/))
        assert.equal(app.started, app.closed)
    })
})
