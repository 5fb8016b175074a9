import assert from 'node:assert/strict'
import { test } from 'node:test'

import { restore } from '../../../src/core/restore/restore.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { inProcessCounter } from '../../support/in-process-app.js'
import { counterLog, reductionFile } from '../../support/log-writer.js'
import { makeStore, openAndCheck, summaries } from '../../support/stores.js'
import { temporaryFolder, writeFiles } from '../../support/temporary.js'

const { lines, hashes } = counterLog(6)

test('a stray file among the reductions is a finding, and never the reason why a log is no chain', async (t) => {
    const folder = makeStore(temporaryFolder(t), lines.toSpliced(2, 1), { 'notes.txt': 'mine' })
    assert.deepEqual(summaries(await openAndCheck(folder)).toSorted(), [
        `altered-record (error) 2019-04-01.composition.jsonl:2`,
        'reduction-misnamed (error) reduction/notes.txt',
    ])
    await assert.rejects(restore(await openProcessStore(folder), inProcessCounter()), (thrown: Error) => {
        assert.match(thrown.message, /^The log is not one whole chain: This line was changed/)
        return true
    })
})

test('a torn tail is told as one, whatever lies among the reductions', async (t) => {
    const folder = makeStore(temporaryFolder(t), lines, { 'notes.txt': 'mine' })
    writeFiles(folder, {
        'composition/2019-04-02.composition.jsonl': lines[5]!.slice(0, 40),
    })
    await assert.rejects(restore(await openProcessStore(folder), inProcessCounter()), { code: 'torn-tail' })
})

test('a restore goes on past such a file, and names it', async (t) => {
    for (const reductions of [{}, { [hashes[2]!]: reductionFile(hashes[2]!, '6') }]) {
        const folder = makeStore(temporaryFolder(t), lines, { ...reductions, 'notes.txt': 'mine' })
        const restored = await restore(await openProcessStore(folder), inProcessCounter())
        assert.equal(restored.state, '21')
        assert.deepEqual(
            restored.findings.map(({ id }) => id),
            ['reduction-misnamed'],
        )
    }
})
