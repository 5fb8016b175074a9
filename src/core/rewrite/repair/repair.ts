// Entrance of core/rewrite/repair/: a log without what is no record of its chain. `plan-repair.ts` says what
// goes, `quarantine.ts` keeps it, and here it is carried out.
//
// Carries a repair out. What leaves the log is kept first, for good; then each file is replaced by what stays
// of it, the last one first. At every moment each byte stands in the log or in the quarantine, and the same
// command run again finishes the work.
import { dirname, join } from 'node:path'

import { ComplogError } from '../../errors.js'
import { headFileName } from '../../later/reading/list-later.js'
import type { WorkOptions } from '../../progress.js'
import { carryingOverAppends } from '../../store/changes/replaced-files.js'
import { assertSameFiles, ExpectedFiles } from '../../store/changes/unchanged.js'
import { removeAllDurably, removeDurably, removeEmptyFolders } from '../../store/durable/durable-files.js'
import { type StagedFile, type Staging, withStaging } from '../../store/durable/staging.js'
import { readPart } from '../../store/reading/read-part.js'
import { quarantineFolder } from '../../store/recognise.js'
import { rootOf, type WorkUnderLock } from '../outside-store.js'
import { type Quarantined, stageQuarantine } from './quarantine.js'
import { isEmptied, keptOf, type RemovedPart } from './removed-lines.js'
import { type HeadToWrite, isNothingToRepair, type RepairPlan } from './repair-plan.js'

/** What a repair did. */
export interface Repaired {
    /** What left the log, one entry a log file that lost something, in the order of the files. */
    readonly quarantined: readonly Quarantined[]
    /** Line ends that were put between records. */
    readonly lineEndsAdded: number
    /** Log files of which nothing was left, and which were removed. */
    readonly filesRemoved: number
    /** Reductions, and files of values, that went with it. */
    readonly filesMoved: number
}

/** A part with what is to be put in its place. */
interface Work {
    readonly part: RemovedPart
    /** Undefined where nothing of the file stays. */
    readonly log: StagedFile | undefined
}

/**
 * Carries a plan out.
 * @throws ComplogError `store-changed` where the store is no longer what was planned with; then nothing was
 * touched
 */
export async function repair(plan: RepairPlan, options: WorkUnderLock = {}): Promise<Repaired> {
    if (isNothingToRepair(plan)) return { quarantined: [], lineEndsAdded: 0, filesRemoved: 0, filesMoved: 0 }
    const root = rootOf(plan.store, 'repair')
    await assertSameFiles(plan.store.planned)
    return withStaging({ root, command: 'repair', held: options.lock }, (staging) =>
        carryOut(plan, staging, options),
    )
}

async function carryOut(plan: RepairPlan, staging: Staging, options: WorkOptions): Promise<Repaired> {
    const work: Work[] = []
    const quarantined: Quarantined[] = []
    for (const part of plan.parts) {
        options.signal?.throwIfAborted()
        const log = isEmptied(part) ? undefined : await stageRest(part, staging)
        if (part.lines.length > 0) quarantined.push(await stageQuarantine(part, staging))
        work.push({ part, log })
    }
    const { movedFiles, headFile } = plan
    await staging.copyAside(movedFiles, quarantineFolder)
    const head = headFile && (await stageHead(headFile, staging))
    await assertSoundAfter(plan, work, options)
    await assertSameFiles(plan.store.planned)
    options.signal?.throwIfAborted()

    await staging.commitAll()
    // Before the record that it names now may go.
    if (head) await staging.commit(head)
    await removeAllDurably(movedFiles.map(({ absolutePath }) => absolutePath))
    await replaceFiles(plan, work, staging)
    return {
        quarantined,
        lineEndsAdded: work.reduce((sum, { part }) => sum + part.added.length, 0),
        filesRemoved: work.filter(({ log }) => log === undefined).length,
        filesMoved: movedFiles.length,
    }
}

async function stageRest(part: RemovedPart, staging: Staging): Promise<StagedFile> {
    const { absolutePath, sizeBytes } = part.file
    const rest = async function* () {
        for (const kept of keptOf(part)) {
            if ('text' in kept) yield Buffer.from(kept.text)
            else yield* readPart(absolutePath, ...kept)
        }
    }
    const addedBytes = part.added.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)
    return staging.stageOfSize(absolutePath, rest(), sizeBytes - part.sizeBytes + addedBytes)
}

/** What it held, for the quarantine, and then the file itself: at no moment is there none. */
async function stageHead({ hash, file }: HeadToWrite, staging: Staging): Promise<StagedFile> {
    if (file !== undefined && file.sizeBytes > 0) await staging.copyAside([file], quarantineFolder)
    const path = join(staging.root, headFileName)
    return staging.stage(path, Buffer.from(hash, 'hex'), file?.absolutePath)
}

/** The store as it will be, read from the very bytes that will be in it. */
async function assertSoundAfter(
    { worstAfter }: RepairPlan,
    work: readonly Work[],
    options: WorkOptions,
): Promise<void> {
    const staged = new Map(work.map(({ part, log }) => [part.file.path, log]))
    const worst = await worstAfter((file) => {
        if (!staged.has(file.path)) return file
        const log = staged.get(file.path)
        return log && file.with({ absolutePath: log.temporaryPath, sizeBytes: log.sizeBytes })
    }, options)
    if (worst === undefined) return
    throw new ComplogError('broken-chain', 'The repaired store would not be sound. Nothing was touched.', {
        place: worst.place,
        hint: 'Wait for whatever changes the log to end, and run the same command again.',
    })
}

async function replaceFiles(plan: RepairPlan, work: readonly Work[], staging: Staging): Promise<void> {
    const expected = new ExpectedFiles(plan.store.logFiles)
    const [carried] = await carryingOverAppends(async (replaced) => {
        for (const { part, log } of work.toReversed()) {
            const { absolutePath, sizeBytes } = part.file
            // What is appended to a tail belongs behind it: then the tail was not torn, but being written.
            const tail = part.lines.findLast(({ toBytes }) => toBytes === sizeBytes)
            await expected.assertUntouched(absolutePath)
            await replaced.hold(absolutePath, sizeBytes, tail?.fromBytes ?? sizeBytes)
            if (log) await staging.commit(log)
            else {
                await removeDurably(absolutePath)
                await removeEmptyFolders(dirname(absolutePath), plan.store.layout.compositionPath)
            }
        }
    })
    if (carried === undefined) return
    throw new ComplogError('store-changed', 'A host appended to the log while it was being repaired.', {
        hint: 'Nothing is lost. Stop the host that writes to the log, and run the same command again.',
    })
}
