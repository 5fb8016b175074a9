import assert from 'node:assert/strict'
import { appendFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { contents } from '../../support/listing.js'
import { counterLog, logFile } from '../../support/log-writer.js'
import { dailyFile, makeStore, openAndCheck, summaries } from '../../support/stores.js'
import { readFiles, temporaryFolder } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'
import { add, clockAt, opened } from './opening.js'

const log = counterLog(4)
const whole = logFile(log.lines)
const lastLineBytes = Buffer.byteLength(log.lines.at(-1) ?? '') + 1
const now = clockAt('2019-03-01T00:00:00Z')

test('a record that a crash has torn, at any of its bytes, is set aside, and the process goes on before it', async (t) => {
    for (let cut = 2; cut < lastLineBytes; cut += thinned(29, 13)) {
        const store = makeStore(temporaryFolder(t), log.lines)
        truncateSync(join(store, 'composition', dailyFile), whole.length - cut)
        const process = await opened(t, store, { now })
        assert.equal(await process.serializeState(), '6')
        assert.match(process.findings.map(({ message }) => message).join(), /bytes are kept in .*quarantine/)
        const offsetBytes = whole.length - lastLineBytes
        assert.deepEqual(
            process.findings.map(({ place }) => place),
            [{ file: dailyFile, line: 4, offsetBytes, sizeBytes: lastLineBytes - cut }],
        )
        assert.deepEqual(await add(process, 10), ['16'])
        await process.close()
        assert.deepEqual(summaries(await openAndCheck(store)), [])
        const kept = Object.entries(readFiles(join(store, 'quarantine'))).find(([name]) =>
            name.endsWith('.cut'),
        )
        assert.deepEqual(kept?.[1], whole.subarray(whole.length - lastLineBytes, whole.length - cut))
    }
})

test('where only zeros stand behind a whole record, just they are set aside, and told with their place', async (t) => {
    const store = makeStore(temporaryFolder(t), log.lines)
    const path = join(store, 'composition', dailyFile)
    truncateSync(path, whole.length - 1)
    appendFileSync(path, Buffer.alloc(40))
    const process = await opened(t, store, { now })
    assert.equal(await process.serializeState(), '10')
    assert.deepEqual(
        process.findings.map(({ id, place }) => [id, place]),
        [['torn-tail', { file: dailyFile, line: 4, offsetBytes: whole.length - 1, sizeBytes: 40 }]],
    )
    assert.deepEqual(readFiles(join(store, 'composition'))[dailyFile], whole)
})

test('other damage is refused, and nothing is touched', async (t) => {
    const store = makeStore(temporaryFolder(t), log.lines.toSpliced(1, 1))
    appendFileSync(join(store, 'composition', dailyFile), '{"ParentHash')
    const before = contents(store)
    await assert.rejects(opened(t, store, { now }), { name: 'ComplogError' })
    assert.deepEqual(contents(store), before)
})
