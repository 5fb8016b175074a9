// Disks that fill up, or fail, under commands that change or copy a store since 2020-05: at whatever call, nothing that
// could be read is lost, and once the disk is well the same command ends the work.
import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

import { ComplogError } from '../../../src/core/errors.js'
import { readLater } from '../../../src/core/later/reading/read-later.js'
import { verifyLater } from '../../../src/core/later/verify-later.js'
import { planReorder } from '../../../src/core/rewrite/reorder/plan-reorder.js'
import { reorderTo } from '../../../src/core/rewrite/reorder/reorder.js'
import { planRepair } from '../../../src/core/rewrite/repair/plan-repair.js'
import { repair } from '../../../src/core/rewrite/repair/repair.js'
import { planTruncate } from '../../../src/core/rewrite/truncate/plan-truncate.js'
import { truncate } from '../../../src/core/rewrite/truncate/truncate.js'
import { laterStoreAt } from '../../../src/core/store/recognise.js'
import { type FailingCall, failingDisk } from '../../support/failing-disk.js'
import { unpackLater } from '../../support/later-stores.js'
import { readFiles, temporaryFolder } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'

interface Subject {
    readonly name: string
    readonly stores: readonly string[]
    readonly damage?: (store: string) => void
    /** Plans and does the work, the result of which beside the store is at `other`. */
    readonly run: (store: string, other: string) => Promise<unknown>
}

function opened(path: string) {
    const store = laterStoreAt(path)
    assert.ok(store)
    return store
}

const faults: readonly (readonly [FailingCall, string])[] = [
    ['write', 'ENOSPC'],
    ['fsync', 'EIO'],
]

const mend = async (store: string) => repair(await planRepair(opened(store)))

const subjects: readonly Subject[] = [
    {
        name: 'truncate --archive',
        stores: ['g2-history', 'g3d-plain', 'plain-v2022-03-20', 'v0418-plain'],
        run: async (store, other) =>
            truncate(await planTruncate(opened(store), undefined), { archive: other }),
    },
    {
        name: 'reorder --output',
        stores: ['g2-history', 'truncated-v2022-03-20', 'v053-history'],
        run: async (store, other) => reorderTo(await planReorder(opened(store), undefined), other),
    },
    {
        name: 'repair',
        stores: ['g2-two-records-on-one-line', 'torn-then-same-minute-v2022-03-20', 'v0418-c12_crlf'].map(
            (name) => `damaged/${name}`,
        ),
        run: mend,
    },
    {
        name: 'repair of a head file',
        stores: ['g3-history'],
        damage: (store) => writeFileSync(join(store, 'composition-log-head-hash'), 'torn'),
        run: mend,
    },
]

async function hashesIn(store: string): Promise<readonly string[]> {
    if (!existsSync(store) || laterStoreAt(store) === undefined) return []
    const { log } = await readLater(opened(store))
    return Array.from({ length: log.table.length }, (_, row) => log.table.hashAt(row))
}

/** Whether the work came to its end before the disk failed. */
async function isDoneOn(
    t: TestContext,
    fails: readonly [FailingCall, string],
    { fromCall, work }: { readonly fromCall: number; readonly work: () => Promise<unknown> },
): Promise<boolean> {
    const restore = await failingDisk(t, fails, fromCall)
    try {
        await work()
        return true
    } catch (error) {
        assert.ok(error instanceof ComplogError, String(error))
        assert.equal(error.code, 'file-system')
        return false
    } finally {
        restore()
    }
}

for (const { name, stores, damage, run } of subjects) {
    for (const [nth, from] of stores.entries()) {
        for (const fault of thinned([faults[nth % 2]!], faults)) {
            test(`${name}, ${from}: ${fault.join(' with ')} loses nothing, and the same command ends it`, async (t) => {
                for (
                    let [fromCall, isDone] = [1, false];
                    !isDone;
                    fromCall += fromCall < 2 ? 1 : thinned(180, 3)
                ) {
                    const folder = temporaryFolder(t)
                    const [store, other] = [unpackLater(from, folder), join(folder, 'other')]
                    damage?.(store)
                    const [before, files] = [await hashesIn(store), readFiles(store)]
                    isDone = await isDoneOn(t, fault, { fromCall, work: () => run(store, other) })
                    const left = new Set([...(await hashesIn(store)), ...(await hashesIn(other))])
                    for (const hash of before) assert.ok(left.has(hash), `${fromCall}: ${hash}`)
                    if (!isDone) await run(store, other)
                    assert.ok((await verifyLater(opened(store))).isSound)
                    const kept = {
                        ...readFiles(folder),
                        ...readFiles(store),
                        ...(existsSync(other) && readFiles(other)),
                    }
                    if (!name.startsWith('repair'))
                        for (const path of Object.keys(files)) assert.ok(path in kept, path)
                }
            })
        }
    }
}
