import assert from 'node:assert/strict'
import { test } from 'node:test'

import { checkStore } from '../../../src/core/check/check-store.js'
import { restore } from '../../../src/core/restore/restore.js'
import { verifyStore } from '../../../src/core/restore/verify-store.js'
import type { StoreFile } from '../../../src/core/store/listing/list-files.js'
import { openProcessStore, type ProcessStore } from '../../../src/core/store/process-store.js'
import { inProcessCounter } from '../../support/in-process-app.js'
import { counterLog, reductionFile } from '../../support/log-writer.js'
import { dailyFile, makeStore, summaries, writeLog } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'

const { lines, hashes } = counterLog(9)
const second = '2019-04-02.composition.jsonl'
const third = '2019-04-03.composition.jsonl'
const reductions = {
    [hashes[1]!]: reductionFile(hashes[1]!, '3'),
    [hashes[6]!]: reductionFile(hashes[6]!, '28'),
}
const skip = process.platform !== 'linux' && 'needs a file that answers EIO'

/** Reading it is an error of the system for everybody, root as well. */
const broken = (file: StoreFile): StoreFile => file.with({ absolutePath: '/proc/self/mem' })

async function open(folder: string, path: string): Promise<ProcessStore> {
    const store = await openProcessStore(folder)
    const of = (file: StoreFile) => (file.path === path ? broken(file) : file)
    const reductionFiles = new Map([...store.reductionFiles].map(([hash, file]) => [hash, of(file)]))
    return { ...store, logFiles: store.logFiles.map(of), reductionFiles }
}

test('a log file that cannot be read is a finding, and all others are checked', { skip }, async (t) => {
    const folder = makeStore(temporaryFolder(t), [], { ...reductions, 'notes.txt': 'mine' })
    writeLog(folder, { [dailyFile]: lines.slice(0, 3), [second]: lines.slice(3, 6), [third]: lines.slice(6) })
    const verified = await verifyStore(await open(folder, second))
    const [first] = summaries(verified)
    assert.equal(first, `unreadable-file (error) ${second}`)
    assert.match(verified.findings.list[0]!.message, /^Cannot read .*: EIO\.$/)
    assert.ok(summaries(verified).includes('reduction-misnamed (error) reduction/notes.txt'))
    assert.deepEqual([verified.isSound, verified.isOneChain, verified.counts.records], [false, false, 6])
    assert.equal(verified.findings.count('reduction-without-record'), 0)
    // A reduction is needed where its record stands in what could not be read.
    const { findings } = await verifyStore(await open(folder, third))
    const without = findings.list.find(({ id }) => id === 'reduction-without-record')
    assert.deepEqual([without?.severity, without?.hash], ['warning', hashes[6]])
    assert.match(without?.help ?? '', /^Check again when all of the log can be read/)
    // Whoever relies on the log does not go on.
    await assert.rejects(checkStore(await open(folder, second)), { code: 'file-system' })
    await assert.rejects(restore(await open(folder, second), inProcessCounter()), { code: 'file-system' })
})

test('so is a reduction, and a restore begins at an older one and says so', { skip }, async (t) => {
    const folder = makeStore(temporaryFolder(t), lines, reductions)
    const verified = await verifyStore(await open(folder, hashes[6]!))
    assert.deepEqual(summaries(verified), [`unreadable-file (error) reduction/${hashes[6]!}`])
    for (const fromEnd of [false, true]) {
        const restored = await restore(await open(folder, hashes[6]!), inProcessCounter(), { fromEnd })
        assert.deepEqual([restored.state, restored.records], ['45', 7])
        assert.deepEqual(
            restored.findings.map(({ id }) => id),
            ['unreadable-file'],
        )
    }
})

test('a truncated log whose only reduction cannot be read fails with the error of the system', {
    skip,
}, async (t) => {
    const folder = makeStore(temporaryFolder(t), lines.slice(6), {
        [hashes[6]!]: reductions[hashes[6]!]!,
    })
    const restoring = restore(await open(folder, hashes[6]!), inProcessCounter())
    await assert.rejects(restoring, { code: 'file-system', message: /: EIO\.$/ })
})
