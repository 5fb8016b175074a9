// Writes a log anew so that its lines stand in chain order, every record byte for byte as it was.
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

import { placeInStore } from '../check/chain-by-index.js'
import { changed } from '../check/chain-in-order.js'
import { hashOfLine } from '../composition/hash.js'
import { ComplogError } from '../errors.js'
import { chunkSizeBytes } from '../limits.js'
import type { WorkOptions } from '../progress.js'
import { makeFolder, removeDurably, removeEmptyFolders } from '../store/durable-files.js'
import { attempt } from '../store/file-system-error.js'
import { RecordReader } from '../store/record-reader.js'
import { type StagedFile, type Staging, withStaging } from '../store/staging.js'
import type { StoreLock } from '../store/store-lock.js'
import { OwnChanges, assertUnchanged, isEmptyFolder } from '../store/unchanged.js'
import { type OutsideChain, outsideFolder, stageOutside } from './outside-chain.js'
import type { FileOrder, ReorderPlan } from './plan-reorder.js'
import { reductionsToSetAside, setReductionsAside } from './reductions-aside.js'
import { refuseHostFolders, rootOf } from './root.js'

/** What a reordering did. */
export interface Reordered {
    /** Files of the log that were written, and those that had nothing left in them and were removed. */
    readonly filesWritten: number
    readonly filesRemoved: number
    /** Records that stand in another line now. */
    readonly moved: number
    readonly outside: OutsideChain
}

/** How a log is written over itself. */
export interface ReorderInPlaceOptions extends WorkOptions {
    /** The lock of the store, where the caller has it already; otherwise it is taken for the time of the work. */
    readonly lock?: StoreLock | undefined
}

/**
 * Writes the reordered log, and the reductions of its records, into an empty folder as a process store.
 * @throws ComplogError `output-not-empty`, `usage`, `file-system`
 */
export async function reorderTo(
    plan: ReorderPlan,
    folder: string,
    options: WorkOptions = {},
): Promise<Reordered> {
    const root = resolve(folder)
    refuseHostFolders(plan.store, folder, '--output')
    await refuseUnlessEmpty(root, folder)
    return withStaging(root, 'reorder --output', undefined, (staging) =>
        // Once more, now that nobody else can write there.
        refuseUnlessEmpty(root, folder).then(() => writeTo(plan, root, staging, options)),
    )
}

async function refuseUnlessEmpty(root: string, folder: string): Promise<void> {
    if (await isEmptyFolder(root)) return
    throw new ComplogError('output-not-empty', `The folder ${folder} is not empty.`, {
        hint: 'Name a new or empty folder.',
    })
}

async function writeTo(
    plan: ReorderPlan,
    root: string,
    staging: Staging,
    options: WorkOptions,
): Promise<Reordered> {
    const reader = new RecordReader(plan.store.logFiles)
    try {
        const { outside } = await stageOutside(plan, root, staging, options)
        const filled = plan.files.filter(({ rows }) => rows.length > 0)
        for (const order of filled) {
            const target = join(root, 'composition', order.file.path)
            await staging.stage(target, inOrder(plan, order, reader, options), order.file.absolutePath)
        }
        for (const hash of plan.chain.reduced.keys()) {
            const file = plan.store.reductionFiles.get(hash)
            if (file === undefined) continue
            const content = await attempt('read', file.absolutePath, () => readFile(file.absolutePath))
            await staging.stage(join(root, 'reduction', file.path), content, file.absolutePath)
        }
        await assertUnchanged(plan.store)
        // An empty store is a folder with nothing in it.
        await makeFolder(root)
        await staging.commitAll()
        return { filesWritten: filled.length, filesRemoved: 0, moved: plan.moved, outside }
    } finally {
        reader.close()
    }
}

/**
 * Writes the log over itself, in two rounds so that at every moment each record stands in some file: first each file
 * becomes what it will be, preceded by the records that belong elsewhere; then those are dropped.
 * The last file goes first, so that the last line is the head from the first step on.
 * @throws ComplogError `store-changed` where the log is not what was planned with; then nothing was touched
 */
export async function reorderInPlace(
    plan: ReorderPlan,
    options: ReorderInPlaceOptions = {},
): Promise<Reordered> {
    const root = rootOf(plan.store, 'reorder in place')
    return withStaging(root, 'reorder --in-place', options.lock, (staging) =>
        writeInPlace(plan, root, staging, options),
    )
}

async function writeInPlace(
    plan: ReorderPlan,
    root: string,
    staging: Staging,
    options: WorkOptions,
): Promise<Reordered> {
    const { compositionPath } = plan.store.layout
    const reader = new RecordReader(plan.store.logFiles)
    const todo = plan.files.filter(({ isDone }) => !isDone)
    const filled = todo.filter(({ rows }) => rows.length > 0).reverse()
    const emptied = todo.filter(({ rows }) => rows.length === 0)
    try {
        // All bytes are on disk before the first file changes, so that a full disk costs nothing.
        const first: StagedFile[] = []
        const second: StagedFile[] = []
        for (const order of filled) {
            const { absolutePath } = order.file
            const leaving = leavingRows(order)
            if (leaving.length > 0) {
                const both = { ...order, rows: Uint32Array.from([...leaving, ...order.rows]) }
                first.push(
                    await staging.stage(absolutePath, inOrder(plan, both, reader, options), absolutePath),
                )
            }
            const final = await staging.stage(
                absolutePath,
                inOrder(plan, order, reader, options),
                absolutePath,
            )
            ;(leaving.length > 0 ? second : first).push(final)
        }
        const { outside, staged: kept } = await stageOutside(plan, root, staging, options)
        await assertUnchanged(plan.store)
        options.signal?.throwIfAborted()

        if (kept) await staging.commit(kept)
        // While their records are still in the log: a run that is killed can tell later that they go with them.
        await setReductionsAside(reductionsToSetAside(plan), join(root, outsideFolder, 'reduction'), staging)
        const own = new OwnChanges(plan.store.logFiles)
        for (const staged of [...first, ...second]) {
            await own.assertUntouched(staged.targetPath)
            await staging.commit(staged)
            await own.note(staged.targetPath)
        }
        for (const { file } of emptied) {
            await own.assertUntouched(file.absolutePath)
            await removeDurably(file.absolutePath)
            await removeEmptyFolders(dirname(file.absolutePath), compositionPath)
        }
        return { filesWritten: filled.length, filesRemoved: emptied.length, moved: plan.moved, outside }
    } finally {
        reader.close()
    }
}

/** Records that stand in the file now and belong into another. */
function leavingRows({ rows, rowsNow }: FileOrder): readonly number[] {
    const stays = new Set(rows)
    return [...rowsNow].filter((row) => !stays.has(row)).sort((a, b) => a - b)
}

function* inOrder(
    plan: ReorderPlan,
    { rows, lineEnd }: FileOrder,
    reader: RecordReader,
    options: WorkOptions,
): Generator<Buffer> {
    const { table } = plan.index
    let pieces: Buffer[] = []
    let sizeBytes = 0
    for (const row of rows) {
        const place = table.place(row)
        const bytes = reader.read(place.file, place.offsetBytes, place.sizeBytes)
        if (hashOfLine(bytes) !== table.hash(row)) throw changed(placeInStore(plan.store, place))
        pieces.push(bytes, lineEnd)
        sizeBytes += place.sizeBytes + lineEnd.length
        if (sizeBytes < chunkSizeBytes) continue
        options.signal?.throwIfAborted()
        yield Buffer.concat(pieces)
        pieces = []
        sizeBytes = 0
    }
    if (pieces.length > 0) yield Buffer.concat(pieces)
}
