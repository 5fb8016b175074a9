// Keeps what a truncation of a store of 2020-05 or later removes: whole files, and of the values all that the
// removed records and reductions name. Further truncations go on in it.
import { join, resolve } from 'node:path'

import { headFile } from '../../generations/head-file.js'
import { headFileName, inOrderOfParts, type ListedLater, listLater } from '../../later/reading/list-later.js'
import { readLater, readListed } from '../../later/reading/read-later.js'
import type { ValueHash } from '../../later/values/value.js'
import { checkRead } from '../../later/verify-later.js'
import type { WorkOptions } from '../../progress.js'
import { isEmptyFolder } from '../../store/changes/unchanged.js'
import { withStaging } from '../../store/durable/staging.js'
import { stagingFolderName } from '../../store/durable/store-lock.js'
import { type FileList, listFiles, type StoreFile } from '../../store/listing/list-files.js'
import { laterStoreAt } from '../../store/recognise.js'
import { type LaterTruncatePlan, notAlone, notContinued, unsoundArchive } from './truncate-plan.js'

/**
 * Refuses an archive that could not take the records, before anything is written.
 * @throws ComplogError `usage`, `output-not-empty`
 */
export async function checkArchiveOfLater(
    plan: LaterTruncatePlan,
    folder: string,
    options: WorkOptions,
): Promise<void> {
    if (plan.records.removed === 0) return
    const { store } = plan.read
    const root = resolve(folder)
    const listed = (await isEmptyFolder(folder))
        ? undefined
        : await listLater({ ...store, root, path: folder, older: [] })
    const isOwn = listed === undefined || laterStoreAt(folder) !== undefined || (await isBegun(plan, root))
    if (!isOwn) throw notContinued(folder, 'what')
    const sizes = new Map(listed?.logFiles.map(({ path, sizeBytes }) => [path, sizeBytes]))
    const isOther = ({ path, sizeBytes }: StoreFile) => (sizes.get(path) ?? sizeBytes) !== sizeBytes
    if (plan.removedFiles.some(isOther)) throw notContinued(folder, 'what')
    const headNamed = newestRemoved(plan)
    const whole = checkRead(await readListed(together(plan, root, listed), { ...options, headNamed }))
    if (whole.isSound && whole.head === headNamed) return
    if (listed !== undefined) throw notContinued(folder, 'what')
    throw notAlone(folder, `would be no sound store of their own: ${whole.findings.list[0]?.message ?? ''}`)
}

/** Whether a run that was killed has put what lies there, and nothing else does. */
async function isBegun(plan: LaterTruncatePlan, root: string): Promise<boolean> {
    const own = new Set(copies(plan).map(({ path }) => path))
    const { files, findings } = await listFiles(root)
    const isOwn = ({ path }: StoreFile) => own.has(path) || path.startsWith(`${stagingFolderName}/`)
    return findings.length === 0 && files.every(isOwn)
}

function newestRemoved({ read: { log }, records }: LaterTruncatePlan): ValueHash | undefined {
    return records.removed === 0 ? undefined : log.table.hashAt(records.removed - 1)
}

/** Whether the newest record that goes is a value, so that a head file in the archive is to name it. */
function isOfHeadFile({ read: { log }, records }: LaterTruncatePlan): boolean {
    return records.removed > 0 && log.table.placeAt(records.removed - 1).line === undefined
}

/** The archive as it would be: what goes, and what is there already. */
function together(plan: LaterTruncatePlan, root: string, there: ListedLater | undefined): ListedLater {
    const { read, removedReductions, removedFiles, removedHead } = plan
    const { listed } = read
    const inLog = new Set(listed.logFiles.map(({ path }) => path))
    const added = (old: FileList = [], more: readonly StoreFile[]) => {
        const paths = new Set(old.map(({ path }) => path))
        return [...old, ...more.filter(({ path }) => !paths.has(path))]
    }
    const copied = new Set(copies(plan).map(({ path }) => path))
    const own = listed.values.byHash.filtered(({ path }) => copied.has(path))
    const byHash = there?.values.byHash.plus(own) ?? own
    const older = removedHead === undefined ? [] : [headFile]
    const { generation } = listed.store
    return {
        store: {
            path: root,
            root,
            ...(isOfHeadFile(plan) ? { generation: headFile, older: [] } : { generation, older }),
        },
        logFiles: inOrderOfParts(
            added(
                there?.logFiles,
                removedFiles.filter(({ path }) => inLog.has(path)),
            ),
        ),
        logFindings: there?.logFindings ?? [],
        reductions: {
            files: added(there?.reductions.files, removedReductions),
            findings: there?.reductions.findings ?? [],
        },
        values: { byHash, strangers: [], findings: [] },
        headFile: removedHead,
    }
}

/** All files that the archive is to hold, but for the head file. */
function copies(plan: LaterTruncatePlan): readonly StoreFile[] {
    const { namedValues, removedReductions, removedFiles } = plan
    return [...namedValues, ...removedReductions, ...removedFiles]
}

/** Gives the bytes that were copied, for good: nothing of what is there already. */
export async function archiveOfLater(
    plan: LaterTruncatePlan,
    folder: string,
    options: WorkOptions,
): Promise<number> {
    const root = resolve(folder)
    const { removedHead } = plan
    const newest = newestRemoved(plan)
    const copied = await withStaging({ root, command: 'truncate --archive' }, async (staging) => {
        let sizeBytes = 0
        const { files } = await listFiles(root)
        const there = new Map(files.map((file) => [file.path, file]))
        for (const file of new Map(copies(plan).map((each) => [each.path, each])).values()) {
            options.signal?.throwIfAborted()
            const old = there.get(file.path)
            const isThere = old?.sizeBytes === file.sizeBytes
            if (!isThere) sizeBytes += file.sizeBytes
            await staging.copyUnsynced(isThere ? old : file, join(root, file.path))
        }
        if (newest !== undefined && isOfHeadFile(plan))
            await staging.stageUnsynced(join(root, headFileName), Buffer.from(newest, 'hex'))
        else if (removedHead !== undefined)
            await staging.copyUnsynced(removedHead, join(root, removedHead.path))
        await staging.commitAll()
        return sizeBytes
    })
    const store = laterStoreAt(folder)
    const archived = store && checkRead(await readLater(store, options))
    if (archived?.isSound === true && archived.head === newest) return copied
    throw unsoundArchive(folder, archived?.findings.list.at(0)?.place)
}
