import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'

import { restore } from '../../../../src/core/restore/restore.js'
import { planRepair } from '../../../../src/core/rewrite/repair/plan-repair.js'
import { openProcessStore } from '../../../../src/core/store/process-store.js'
import { inProcessCounter } from '../../../support/in-process-app.js'
import { listing } from '../../../support/listing.js'
import { counterLog, type LogWriter, logFile, reductionFile } from '../../../support/log-writer.js'
import { planAndRepair, putTogether } from '../../../support/repaired.js'
import { openAndCheck, summaries } from '../../../support/stores.js'
import { filePaths, readFiles, temporaryFolder, writeFiles } from '../../../support/temporary.js'
import { thinned } from '../../../support/thinned.js'

const name = 'composition/2019-04-28/2019-04-28T10.composition.jsonl'
const before = 'composition/2019-04-28/2019-04-28T09.composition.jsonl'

/** One byte in so many in each of three ways, or each one where that is asked for. */
const bytesPerCut = thinned(61, 1)

async function assertRepaired(
    folder: string,
    log: LogWriter,
    records: number,
    original: Readonly<Record<string, Buffer>>,
): Promise<void> {
    await planAndRepair(folder)
    const checked = await openAndCheck(folder)
    assert.equal(checked.findings.counts.error, 0, summaries(checked).join())
    assert.equal(checked.longest.length, records)
    const restored = await restore(await openProcessStore(folder), inProcessCounter())
    assert.deepEqual(
        [restored.state, restored.hash],
        [String((records * (records + 1)) / 2), log.hashes[records - 1]],
    )
    assert.deepEqual(putTogether(folder), original)
    const again = listing(folder)
    assert.deepEqual((await planAndRepair(folder)).parts, [])
    assert.deepEqual(listing(folder), again)
    assert.ok(!filePaths(folder).some((path) => path.startsWith('.complog')))
}

describe('a tail torn at any byte is cut, and kept', () => {
    const log = counterLog(4)
    const whole = logFile(log.lines.slice(0, 3))
    const last = Buffer.from(log.lines[3]!)
    const cuts = [...Array(last.length + 1).keys()]

    for (const [way, zeros] of [0, 1, 700].entries()) {
        test(`with ${zeros} zeros behind it`, async (t) => {
            const wanted = (cut: number) => (cut + way * 7) % bytesPerCut === 0 || cut >= last.length - 1
            for (const cut of cuts.filter(wanted)) {
                const tail = Buffer.concat([last.subarray(0, cut), Buffer.alloc(zeros)])
                const folder = temporaryFolder(t)
                const content = Buffer.concat([whole, tail])
                writeFiles(folder, { [name]: content })
                // All of the record is there, whatever became of its line end.
                const records = cut === last.length ? 4 : 3
                await assertRepaired(folder, log, records, { [name.slice(12)]: content })
                const kept = readFiles(join(folder, 'quarantine'))
                const cutFile = Object.entries(kept).find(([path]) => path.endsWith('.cut'))?.[1]
                const expected = records === 4 ? Buffer.alloc(zeros) : tail
                assert.deepEqual(cutFile ?? Buffer.alloc(0), expected)
            }
        })
    }

    test('with half a line end between a whole record and the zeros, which is no part of the record', async (t) => {
        const folder = temporaryFolder(t)
        const content = Buffer.concat([whole, last, Buffer.from('\r\0\0\0')])
        writeFiles(folder, { [name]: content })
        await assertRepaired(folder, log, 4, { [name.slice(12)]: content })
    })

    test('where it is all that its file holds: the file goes, and its folder', async (t) => {
        const folder = temporaryFolder(t)
        const tail = last.subarray(0, 30)
        writeFiles(folder, { [before]: whole, 'composition/2019-04-29/a.jsonl': tail })
        await assertRepaired(folder, log, 3, {
            [before.slice(12)]: whole,
            '2019-04-29/a.jsonl': tail,
        })
        assert.deepEqual(filePaths(join(folder, 'composition')), [before.slice(12)])
    })

    test('behind records of all generations, CRLF and a byte order mark', async (t) => {
        for (const generation of ['2018-11', '2019-03', '2019-04'] as const) {
            const old = counterLog(4, generation)
            for (let cut = 1; cut < old.lines[3]!.length; cut += bytesPerCut) {
                const folder = temporaryFolder(t)
                const content = Buffer.concat([
                    Buffer.from('\uFEFF'),
                    logFile(old.lines.slice(0, 3), '\r\n'),
                    Buffer.from(old.lines[3]!.slice(0, cut)),
                ])
                writeFiles(folder, { [name]: content })
                await assertRepaired(folder, old, 3, { [name.slice(12)]: content })
            }
        }
    })
})

test('a tail whose record has a reduction is not cut: the record was lost, and a person must know', async (t) => {
    const { lines, hashes } = counterLog(4)
    const folder = temporaryFolder(t)
    writeFiles(folder, {
        [name]: Buffer.concat([logFile(lines.slice(0, 3)), Buffer.from(lines[3]!.slice(0, 40))]),
        [`reduction/${hashes[3]!}`]: reductionFile(hashes[3]!, '10'),
    })
    const all = listing(folder)
    await assert.rejects(planRepair(await openProcessStore(folder)), {
        code: 'error-findings',
        message: /reduction-without-record/,
    })
    assert.deepEqual(listing(folder), all)
})

test('a torn line anywhere else is no torn tail, and is not cut', async (t) => {
    const { lines } = counterLog(4)
    const torn = lines[3]!.slice(0, 40)
    for (const files of [
        {
            [before]: Buffer.concat([logFile(lines.slice(0, 2)), Buffer.from(torn)]),
            [name]: logFile([lines[2]!]),
        },
        { [name]: logFile([...lines.slice(0, 3), torn]) },
        { [name]: Buffer.concat([logFile(lines.slice(0, 3)), Buffer.from('garbage')]) },
    ]) {
        const folder = temporaryFolder(t)
        writeFiles(folder, files)
        const all = listing(folder)
        await assert.rejects(planRepair(await openProcessStore(folder)), {
            code: 'error-findings',
            message: /malformed-record/,
            hint: /repair --quarantine/,
        })
        assert.deepEqual(listing(folder), all)
    }
})
