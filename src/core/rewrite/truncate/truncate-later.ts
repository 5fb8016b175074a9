// Carries the truncation of a store of 2020-05 or later out. The order of the steps makes every moment
// between them a sound store of which hosts start in the same state: first the archive, then values that
// only removed records name, each before what names it, then reductions, then records, the oldest first. A
// run that was killed finds all that is left by those records, and finishes the work.
import { dirname, join, resolve } from 'node:path'

import { ComplogError } from '../../errors.js'
import { headFile } from '../../generations/head-file.js'
import { inOrderOfParts, type ListedLater, listLater } from '../../later/list-later.js'
import { readLater, readListed } from '../../later/read-later.js'
import type { ValueHash } from '../../later/value.js'
import type { ValueFile } from '../../later/value-files.js'
import { checkRead } from '../../later/verify-later.js'
import type { WorkOptions } from '../../progress.js'
import { removeAllDurably, removeEmptyFolders } from '../../store/durable-files.js'
import { listFiles, type StoreFile } from '../../store/list-files.js'
import { readPart } from '../../store/read-part.js'
import { readWholeFile } from '../../store/read-whole.js'
import { laterStoreAt } from '../../store/recognise.js'
import { removeLogFiles } from '../../store/remove-log-files.js'
import { carryingOverAppends } from '../../store/replaced-files.js'
import { type Staging, withStaging } from '../../store/staging.js'
import { stagingFolderName, type StoreLock } from '../../store/store-lock.js'
import { assertSameFiles, isEmptyFolder } from '../../store/unchanged.js'
import { laterToChange } from '../later-store.js'
import { refuseWithin } from '../outside-store.js'
import type { LaterTruncatePlan } from './plan-truncate-later.js'
import type { Truncated } from './truncate.js'

/** How a truncation is carried out. */
export interface TruncateLaterOptions extends WorkOptions {
    /** Folder of another process store that keeps what is removed. */
    readonly archive?: string | undefined
    /** The lock of the store, where the caller has it already. */
    readonly lock?: StoreLock | undefined
}

/**
 * Carries a plan out.
 * @throws ComplogError `store-changed` where the store is no longer what was planned with, and what
 * `checkArchiveOfLater` throws; then nothing was touched
 */
export async function truncateLater(
    plan: LaterTruncatePlan,
    options: TruncateLaterOptions = {},
): Promise<Truncated> {
    const { listed } = plan.read
    if (plan.records.removed === 0) return { archivedBytes: 0, milliseconds: { archive: 0, cut: 0 } }
    const { planned } = laterToChange(listed)
    await assertSameFiles(planned)
    if (options.archive !== undefined) await checkArchiveOfLater(plan, options.archive, options)
    const work = async (staging: Staging) => {
        const begin = performance.now()
        const archivedBytes =
            options.archive === undefined ? 0 : await archive(plan, options.archive, options)
        const archived = performance.now()
        await assertSameFiles(planned)
        options.signal?.throwIfAborted()
        await remove(plan, staging)
        return {
            archivedBytes,
            milliseconds: { archive: archived - begin, cut: performance.now() - archived },
        }
    }
    return withStaging({ root: listed.store.root, command: 'truncate', held: options.lock }, work)
}

async function remove(plan: LaterTruncatePlan, staging: Staging): Promise<void> {
    const { removedFiles, removedValues, removedReductions, removedHead, read } = plan
    const { root } = staging
    const logFolder = laterToChange(read.listed).layout.compositionPath
    const pathsOf = (files: readonly StoreFile[]) => files.map(({ absolutePath }) => absolutePath)
    await removeAllDurably(pathsOf(removedValues))
    await removeAllDurably(pathsOf(removedReductions))
    const inLog = new Set(read.listed.logFiles)
    const ofOwn = removedFiles.filter((file) => !inLog.has(file))
    // The head file must never name a record that is not there.
    const newest = removedHead === undefined ? [] : ofOwn.slice(-1)
    await removeAllDurably(pathsOf(ofOwn.slice(0, ofOwn.length - newest.length)))
    if (removedHead !== undefined) await removeAllDurably(pathsOf([removedHead, ...newest]))
    await carryingOverAppends((replaced) =>
        removeLogFiles(
            removedFiles.filter((file) => inLog.has(file)),
            logFolder,
            { staging, replaced },
        ),
    )
    for (const folder of new Set(pathsOf([...removedValues, ...ofOwn]).map((path) => dirname(path))))
        await removeEmptyFolders(folder, root)
}

// What goes is kept in a folder that is a store of its own; further truncations go on in it.

/**
 * Refuses an archive that could not take the records, before anything is written.
 * @throws ComplogError `usage`, `output-not-empty`
 */
export async function checkArchiveOfLater(
    plan: LaterTruncatePlan,
    folder: string,
    options: WorkOptions = {},
): Promise<void> {
    const { store } = plan.read
    await refuseWithin(store.root, folder, '--archive')
    const root = resolve(folder)
    const listed = (await isEmptyFolder(folder))
        ? undefined
        : await listLater({ ...store, root, path: folder, older: [] })
    const isOwn = listed === undefined || laterStoreAt(folder) !== undefined || (await isBegun(plan, root))
    if (!isOwn) throw notContinued(folder)
    const sizes = new Map(listed?.logFiles.map(({ path, sizeBytes }) => [path, sizeBytes]))
    const isOther = ({ path, sizeBytes }: StoreFile) => (sizes.get(path) ?? sizeBytes) !== sizeBytes
    if (plan.removedFiles.some(isOther)) throw notContinued(folder)
    const leaf = store.generation.order === 'head-file' ? newestRemoved(plan) : undefined
    const whole = checkRead(await readListed(together(plan, root, listed), { ...options, leaf }))
    if (whole.isSound && whole.head === newestRemoved(plan)) return
    if (listed !== undefined) throw notContinued(folder)
    throw new ComplogError(
        'no-reduction',
        `The records to archive in ${folder} would be no sound store of their own: ${whole.findings.list[0]?.message ?? ''}`,
        {
            hint: 'Name the archive of the earlier truncations of this store, which they continue, or go without.',
        },
    )
}

/** Whether a run that was killed has put what lies there, and nothing else does. */
async function isBegun(plan: LaterTruncatePlan, root: string): Promise<boolean> {
    const own = new Set(copies(plan).map(({ path }) => path))
    const { files, findings } = await listFiles(root)
    const isOwn = ({ path }: StoreFile) => own.has(path) || path.startsWith(`${stagingFolderName}/`)
    return findings.length === 0 && files.every(isOwn)
}

function notContinued(folder: string): ComplogError {
    return new ComplogError(
        'output-not-empty',
        `The archive ${folder} holds what these records do not continue.`,
        { hint: 'Name an empty folder, or the archive of earlier truncations of this store.' },
    )
}

function newestRemoved({ read: { log }, records }: LaterTruncatePlan): ValueHash | undefined {
    return records.removed === 0 ? undefined : log.table.hashAt(records.removed - 1)
}

/** The archive as it would be: what goes, and what is there already. */
function together(plan: LaterTruncatePlan, root: string, there: ListedLater | undefined): ListedLater {
    const { read, removedReductions, removedFiles, removedHead } = plan
    const { listed } = read
    const inLog = new Set(listed.logFiles)
    const added = (old: readonly StoreFile[] = [], more: readonly StoreFile[]) => {
        const paths = new Set(old.map(({ path }) => path))
        return [...old, ...more.filter(({ path }) => !paths.has(path))]
    }
    const copied = new Set(copies(plan).map(({ path }) => path))
    const byHash = new Map<ValueHash, readonly ValueFile[]>(there?.values.byHash)
    for (const [hash, files] of listed.values.byHash) {
        const own = files.filter(({ path }) => copied.has(path))
        if (own.length > 0 && !byHash.has(hash)) byHash.set(hash, own)
    }
    const isHeadFile = read.store.generation.order === 'head-file'
    const hasHead = !isHeadFile && (there?.headFile ?? removedHead) !== undefined
    const older = hasHead ? [headFile] : []
    return {
        store: { ...listed.store, root, path: root, older },
        logFiles: inOrderOfParts(
            added(
                there?.logFiles,
                removedFiles.filter((file) => inLog.has(file)),
            ),
        ),
        logFindings: there?.logFindings ?? [],
        reductions: {
            files: added(there?.reductions.files, removedReductions),
            findings: there?.reductions.findings ?? [],
        },
        values: { byHash, strangers: [], findings: [] },
        headFile: there?.headFile ?? removedHead ?? (isHeadFile ? listed.headFile : undefined),
    }
}

/** All files that the archive is to hold, but for the head file. */
function copies(plan: LaterTruncatePlan): readonly StoreFile[] {
    const { namedValues, removedReductions, removedFiles } = plan
    return [...namedValues, ...removedReductions, ...removedFiles]
}

/** Gives the bytes that were copied, for good: nothing of what is there already. */
async function archive(plan: LaterTruncatePlan, folder: string, options: WorkOptions): Promise<number> {
    const root = resolve(folder)
    const { read, removedHead } = plan
    const copied = await withStaging({ root, command: 'truncate --archive' }, async (staging) => {
        let sizeBytes = 0
        const { files } = await listFiles(root)
        const there = new Map(files.map((file) => [file.path, file]))
        for (const file of new Map(copies(plan).map((each) => [each.path, each])).values()) {
            options.signal?.throwIfAborted()
            const target = join(root, file.path)
            const old = there.get(file.path)
            const isThere = old?.sizeBytes === file.sizeBytes
            if (!isThere) sizeBytes += file.sizeBytes
            const { absolutePath } = isThere ? old : file
            await staging.stageUnsynced(target, readPart(absolutePath, 0, file.sizeBytes), file.absolutePath)
        }
        const newest = newestRemoved(plan)
        if (removedHead !== undefined)
            await staging.stageUnsynced(join(root, removedHead.path), readWholeFile(removedHead, 64))
        else if (read.store.generation.order === 'head-file' && newest !== undefined)
            await staging.stageUnsynced(
                join(root, read.listed.headFile?.path ?? ''),
                Buffer.from(newest, 'hex'),
            )
        await staging.commitAll()
        return sizeBytes
    })
    const store = laterStoreAt(folder)
    const archived = store && checkRead(await readLater(store, options))
    if (archived?.isSound === true && archived.head === newestRemoved(plan)) return copied
    throw new ComplogError('broken-chain', `The archive ${folder} is not sound. Nothing was removed.`, {
        place: archived?.findings.list[0]?.place,
        hint: 'Run `complog verify-chain` on it.',
    })
}
