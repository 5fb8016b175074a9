import assert from 'node:assert/strict'
import { rmSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { parseRef } from '../../../src/core/composition/ref.js'
import type { ComplogError } from '../../../src/core/errors.js'
import { restore } from '../../../src/core/restore/restore.js'
import { planRepair } from '../../../src/core/rewrite/repair/plan-repair.js'
import { repair } from '../../../src/core/rewrite/repair/repair.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { inProcessCounter } from '../../support/in-process-app.js'
import { counterLog, reductionFile } from '../../support/log-writer.js'
import { makeStore, openAndCheck } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'

const { lines, hashes, head } = counterLog(6)

test('a log whose newest records are gone is not restored to an older state in silence', async (t) => {
    const folder = makeStore(temporaryFolder(t), lines.slice(0, 4), { [head]: reductionFile(head, '21') })
    const store = await openProcessStore(folder)
    await assert.rejects(restore(store, inProcessCounter()), {
        code: 'broken-chain',
        message: /Records are lost/,
    })
    const chosen = await restore(store, inProcessCounter(), { head: parseRef(hashes[3]!) })
    assert.equal(chosen.state, '10')
})

test('nor is one that is gone as a whole, read from either end', async (t) => {
    const folder = makeStore(temporaryFolder(t), lines, { [head]: reductionFile(head, '21') })
    rmSync(join(folder, 'composition'), { recursive: true })
    for (const fromEnd of [false, true]) {
        const restoring = restore(await openProcessStore(folder), inProcessCounter(), { fromEnd })
        await assert.rejects(restoring, { code: 'broken-chain', message: /the log was lost/ })
    }
})

test('a truncated log says nothing about reductions of records before it', async (t) => {
    const reductions = {
        [hashes[1]!]: reductionFile(hashes[1]!, '3'),
        [hashes[2]!]: reductionFile(hashes[2]!, '6'),
    }
    const folder = makeStore(temporaryFolder(t), lines.slice(2), reductions)
    assert.equal((await restore(await openProcessStore(folder), inProcessCounter())).state, '21')
})

test('of a torn record that was reduced one thing is told to help, and does', async (t) => {
    const folder = makeStore(temporaryFolder(t), lines, { [head]: reductionFile(head, '21') })
    const log = (await openProcessStore(folder)).logFiles.at(0)!.absolutePath
    truncateSync(log, statSync(log).size - 40)
    const { list } = (await openAndCheck(folder)).findings
    assert.deepEqual(list.map(({ id }) => id).sort(), ['reduction-without-record', 'torn-tail'])
    for (const { help } of list) assert.match(help, /may be the reduced record.* move the reduction out/)
    await assert.rejects(restore(await openProcessStore(folder), inProcessCounter()), (error) => {
        const { code, hint } = error as ComplogError
        assert.deepEqual(
            [code, hint],
            [
                'torn-tail',
                `${list[0]!.help} \`complog replay --head ${hashes[4]!.slice(0, 12)}\` restores without it.`,
            ],
        )
        return true
    })
    await assert.rejects(planRepair(await openProcessStore(folder)), { code: 'error-findings' })
    rmSync(join(folder, 'reduction', head))
    await repair(await planRepair(await openProcessStore(folder)))
    assert.deepEqual((await openAndCheck(folder)).findings.list, [])
})

test('where the only record is torn, none is advised to be restored', async (t) => {
    const folder = makeStore(temporaryFolder(t), [lines[0]!], {
        [hashes[0]!]: reductionFile(hashes[0]!, '1'),
    })
    const log = (await openProcessStore(folder)).logFiles.at(0)!.absolutePath
    truncateSync(log, statSync(log).size - 40)
    await assert.rejects(restore(await openProcessStore(folder), inProcessCounter()), (error) => {
        const { hint } = error as ComplogError
        assert.match(hint!, /may be the reduced record.* move the reduction out/)
        assert.doesNotMatch(hint!, /--head/)
        return true
    })
    rmSync(join(folder, 'reduction', hashes[0]!))
    await repair(await planRepair(await openProcessStore(folder)))
    assert.deepEqual((await openAndCheck(folder)).findings.list, [])
})
