import assert from 'node:assert/strict'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { restore } from '../../../src/core/restore/restore.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { fixtureApp } from '../../support/apps.js'
import { additionEvent, LogWriter, logFile } from '../../support/log-writer.js'
import { copyStore, fixtureStores, makeStore } from '../../support/stores.js'
import { temporaryFolder, writeFiles } from '../../support/temporary.js'

test('a log that three generations of hosts wrote, with line ends of two systems, is restored', async (t) => {
    const [oldest] = fixtureStores
    assert.ok(oldest)
    const folder = join(temporaryFolder(t), 'store')
    copyStore(oldest.path, folder)
    const march = new LogWriter('2019-03', oldest.expected.tip)
    march.add({ events: [additionEvent(1000), additionEvent(1)] })
    const april = new LogWriter('2019-04', march.head)
    april.add({ events: [additionEvent(-2)] })
    april.add({ setState: '40', events: [additionEvent(2)] })
    const later = new LogWriter('2019-04', april.head).addAdditions(-1)
    writeFiles(folder, {
        'composition/2019-03-11.composition.jsonl': logFile(march.lines, '\r\n'),
        'composition/2019-04-28/2019-04-28T09.composition.jsonl': logFile(april.lines),
        'composition/2019-04-28/2019-04-28T10.composition.jsonl': logFile(later.lines, '\r\n'),
    })
    const responses: string[] = []
    const restored = await restore(await openProcessStore(folder), await fixtureApp('counter'), {
        fromGenesis: true,
        onResponses: (some) => void responses.push(...some),
    })
    assert.equal(restored.state, '41')
    const before = Number(oldest.expected.state)
    const added = [before + 1000, before + 1001, before + 999, 42, 41].map(String)
    assert.deepEqual(responses, [...oldest.responses, ...added])
    assert.deepEqual([restored.records, restored.setStates], [34, 2])
    const fromReduction = await restore(await openProcessStore(folder), await fixtureApp('counter'))
    assert.deepEqual([fromReduction.state, fromReduction.records], ['41', 4])
})

test('a state set through SetStateLiteralString is set, though hosts since April 2019 skip it', async (t) => {
    const log = new LogWriter('2019-03').addAdditions(1, 2)
    log.add({ setState: '100' })
    log.addAdditions(3)
    const store = await openProcessStore(makeStore(temporaryFolder(t), log.lines))
    const restored = await restore(store, await fixtureApp('counter'))
    assert.equal(restored.state, '103')
    assert.deepEqual(
        restored.findings.map(({ id }) => id),
        ['set-state-ignored-by-host'],
    )
})

test('events that a web app does not decode are counted with the place of the first', async (t) => {
    const web = fixtureStores.at(-1)!
    const folder = join(temporaryFolder(t), 'store')
    copyStore(web.path, folder)
    const more = new LogWriter('2019-04', web.expected.tip)
    more.add({ events: ['no event', '{"httpRequest":{}}'] })
    const last = 'composition/2019-04-29/2019-04-29T02.composition.jsonl'
    appendFileSync(join(folder, last), logFile(more.lines))
    const restored = await restore(await openProcessStore(folder), await fixtureApp('string-builder'))
    assert.equal(restored.state, web.expected.state)
    assert.equal(restored.decodeErrors, 2)
    assert.deepEqual([restored.firstDecodeError?.hash, restored.firstDecodeError?.eventIndex], [more.head, 0])
    assert.deepEqual(
        [restored.firstDecodeError?.place.file, restored.firstDecodeError?.place.line],
        [last.slice('composition/'.length), 2],
    )
})

test('an interrupt ends a restore with its own reason', async (t) => {
    const store = await openProcessStore(makeStore(temporaryFolder(t), new LogWriter().addAdditions(1).lines))
    const signal = AbortSignal.abort(new Error('stop'))
    await assert.rejects(restore(store, await fixtureApp('counter'), { signal }), /stop/)
})
