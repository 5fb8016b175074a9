// Entrance of core/rewrite/reorder/: a log whose lines stand in chain order again, in a folder beside it or
// in place.
//
// Writes a log anew so that its lines stand in chain order, every record byte for byte as it was.
import { dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'

import { refuseDistance } from '../../check/choose-chain.js'
import type { WorkOptions } from '../../progress.js'
import { removeUntouched, replaceUntouched } from '../../store/changes/replace-live-file.js'
import { carryingOverAppends, type ReplacedFiles } from '../../store/changes/replaced-files.js'
import { assertSameFiles, changedMeanwhile, ExpectedFiles } from '../../store/changes/unchanged.js'
import { removeAllDurably, removeEmptyFolders } from '../../store/durable/durable-files.js'
import { type StagedFile, type Staging, withStaging } from '../../store/durable/staging.js'
import type { StoreFile } from '../../store/listing/list-files.js'
import { readPart } from '../../store/reading/read-part.js'
import { outsideFolder } from '../../store/recognise.js'
import { rootOf, type WorkUnderLock } from '../outside-store.js'
import { type FileOrder, filesPerTurn, type LogOrder } from './log-order.js'
import { orderedLines, singleLines } from './ordered-lines.js'
import { type Reordered, type ReorderPlan, writeCopy } from './output-folder.js'
import { linesOutsideChain, stageOutside } from './outside-chain.js'

/**
 * Writes the reordered log, and all else that hosts read of it, into an empty folder as a process store. A
 * run that was killed is finished by the same one; where the folder holds all of it already, nothing is left
 * to do.
 * @throws ComplogError `output-not-empty`, `usage`, `store-changed`, `file-system`
 */
export async function reorderTo(
    plan: ReorderPlan,
    folder: string,
    options: WorkOptions = {},
): Promise<Reordered> {
    await plan.store.refuseFolder(folder, '--output')
    await using copy = plan.copy(options)
    return await writeCopy(plan, copy, folder)
}

/** Replaces or removes one file. */
type Step = (replaced: ReplacedFiles) => Promise<void>

/**
 * Writes the log over itself, in two rounds so that at every moment each record stands in some file: first
 * each file becomes what it will be, preceded by the records that belong elsewhere; then those are dropped.
 * The last file goes first, so that the last line is the head from the first step on; and where a sound log
 * goes back to an older head, so that every step leaves the beginning of the chain. For the same reason files
 * that hold nothing of the chain are removed in their turn.
 * @throws ComplogError `store-changed` where the log is not what was planned with, `usage` where the head was
 * named by its distance from another, `generation-not-read`; then nothing was touched
 */
export async function reorderInPlace(plan: ReorderPlan, options: WorkUnderLock = {}): Promise<Reordered> {
    const order = plan.inPlace()
    const root = rootOf(plan.store, 'reorder in place')
    refuseDistance(order.headRef, order.head)
    return withStaging({ root, command: 'reorder --in-place', held: options.lock }, (staging) =>
        writeInPlace(order, staging, options),
    )
}

async function writeInPlace(plan: LogOrder, staging: Staging, options: WorkOptions): Promise<Reordered> {
    const { compositionPath } = plan.store.layout
    await using lines = orderedLines(plan, options)
    const todo = await filesToDo(plan)
    const filled = todo.filter(({ rows }) => rows.length > 0)
    const expected = new ExpectedFiles(plan.store.logFiles)
    const put = (staged: StagedFile) => (replaced: ReplacedFiles) =>
        replaceUntouched(expected, staged, { staging, replaced })
    const remove = (file: StoreFile) => async (replaced: ReplacedFiles) => {
        await expected.assertUntouched(file.absolutePath)
        await removeUntouched(file.absolutePath, file.sizeBytes, replaced)
        await removeEmptyFolders(dirname(file.absolutePath), compositionPath)
    }
    // All bytes are on disk before the first file changes, so that a full disk costs nothing.
    const first: Step[] = []
    const second: Step[] = []
    for (const order of todo) {
        if (order.rows.length === 0) {
            first.unshift(remove(order.file))
            continue
        }
        const { absolutePath } = order.file
        const final = await staging.stage(absolutePath, lines.contentOf(order), absolutePath)
        const leaving = leavingRows(order, plan)
        if (leaving.length === 0) {
            first.unshift(put(final))
            continue
        }
        const both = leavingAnd(singleLines(plan, { rows: leaving, ends: order.ends }, options), final)
        first.unshift(put(await staging.stage(absolutePath, both, absolutePath)))
        second.unshift(put(final))
    }
    const outside = await stageOutside(() => linesOutsideChain(plan, options), staging)
    const aside = reductionsOutside(plan)
    await staging.copyAside(aside, outsideFolder)
    await assertSameFiles(plan.store.planned)
    options.signal?.throwIfAborted()

    await staging.commitAll()
    // While their records are still in the log: a run that is killed can tell later that they go with
    // them.
    await removeAllDurably(aside.map(({ absolutePath }) => absolutePath))
    const [carried] = await carryingOverAppends(async (replaced) => {
        for (const step of [...first, ...second]) await step(replaced)
    })
    if (carried !== undefined) throw changedMeanwhile(carried)
    const filesRemoved = todo.length - filled.length
    return { filesWritten: filled.length, filesRemoved, moved: plan.moved, outside }
}

async function filesToDo({ files }: LogOrder): Promise<readonly FileOrder[]> {
    const todo: FileOrder[] = []
    for (const [i, order] of files.entries()) {
        if (i % filesPerTurn === 0) await setImmediate()
        if (!order.ends().isDone) todo.push(order)
    }
    return todo
}

/** Records that stand in the file now and belong into another. */
function leavingRows({ rows, firstRowNow, endRowNow }: FileOrder, { isOnChain }: LogOrder): Uint32Array {
    const stays = rows.toSorted()
    const leaving: number[] = []
    let next = 0
    for (let row = firstRowNow; row < endRowNow; row++) {
        while (next < stays.length && (stays[next] as number) < row) next++
        if (isOnChain(row) && stays[next] !== row) leaving.push(row)
    }
    return Uint32Array.from(leaving)
}

/** A file's records that leave it, and behind them what it will be. */
async function* leavingAnd(
    leaving: Iterable<Buffer>,
    { temporaryPath, sizeBytes }: StagedFile,
): AsyncGenerator<Buffer> {
    yield* leaving
    yield* readPart(temporaryPath, 0, sizeBytes)
}

/**
 * Reductions of records that are in the log, but not on the chain that stays: left behind, they would be
 * reductions without record.
 */
function reductionsOutside({ store, chain, index }: LogOrder): readonly StoreFile[] {
    return [...store.reductionFiles]
        .filter(([hash]) => !chain.reduced.has(hash) && index.table.find(hash) >= 0)
        .map(([, file]) => file)
}
