// Keeps what a truncation removes in another folder that is a process store of its own. Repeated truncations
// go on in the same archive, so that it grows into the whole history.
import { stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

import { hashAt, recordAt } from '../../check/chain.js'
import { indexLog } from '../../check/check-log.js'
import { type CheckedStore, checkStore } from '../../check/check-store.js'
import { type CompositionHash, genesis } from '../../composition/hash.js'
import { attemptIfThere } from '../../file-system-error.js'
import type { WorkOptions } from '../../progress.js'
import { isEmptyFolder } from '../../store/changes/unchanged.js'
import { syncAll, syncFolders } from '../../store/durable/durable-files.js'
import { type Staging, withStaging } from '../../store/durable/staging.js'
import { stagingFolderName } from '../../store/durable/store-lock.js'
import type { StoreFile } from '../../store/listing/list-files.js'
import { archivedName } from '../../store/listing/log-file-name.js'
import { openProcessStore } from '../../store/process-store.js'
import { readPart, readTextIfThere } from '../../store/reading/read-part.js'
import {
    isProvable,
    notAlone,
    notContinued,
    type ProvablePlan,
    type TruncatePlan,
    unsoundArchive,
} from './truncate-plan.js'

/**
 * Refuses an archive that could not take the records, before anything is written.
 * @throws ComplogError `usage`, `output-not-empty`, `no-reduction`
 */
export async function checkArchive(
    plan: TruncatePlan,
    folder: string,
    options: WorkOptions = {},
): Promise<void> {
    await plan.store.refuseFolder(folder, '--archive')
    if (!isProvable(plan))
        return (await import('./archive-later.js')).checkArchiveOfLater(plan, folder, options)
    if (await isEmptyFolder(folder)) {
        refuseUnrestorableArchive(plan, folder)
        return
    }
    const archived = await openBegun(plan, folder, options)
    if (archived.findings.counts.error === 0 && (await archivedUpTo(plan, archived)) !== undefined) return
    throw notContinued(folder, 'a log that')
}

/**
 * Copies what will be removed, and checks that the archive holds all of it, for good. Returns the bytes
 * copied: nothing of what a run that was killed has copied before.
 */
export async function archive(
    plan: TruncatePlan,
    folder: string,
    options: WorkOptions = {},
): Promise<number> {
    if (!isProvable(plan)) return (await import('./archive-later.js')).archiveOfLater(plan, folder, options)
    const root = resolve(folder)
    const { position, parentHash, hash } = plan.target
    const last = position === 1 ? parentHash : await hashAt(plan.checked.longest, position - 1)
    const sizeBytes = await withStaging({ root, command: 'truncate --archive' }, async (staging) => {
        let copied = 0
        const { parts, standing } = await partsToArchive(plan, folder, options)
        const names = new Map<string, Part[]>()
        for (const part of parts) {
            const { file, from, to } = part
            const name = file === plan.cutFile ? archivedName(file.path) : file.path
            // The beginning of a file may be there as a file already.
            names.set(name, [...(names.get(name) ?? []), part])
            copied += to - from
        }
        for (const [name, its] of names) await stageParts(staging, join(root, 'composition', name), its)
        for (const file of plan.removedReductions) {
            copied += file.sizeBytes
            await staging.copyUnsynced(file, join(root, 'reduction', file.path))
        }
        if (last !== parentHash) await staging.stageUnsynced(nextIn(root), Buffer.from(nextText(last, hash)))
        await staging.commitAll()
        await keep(standing, root)
        return copied
    })
    const { findings, longest } = await openArchive(folder, options)
    if (findings.counts.error === 0 && longest.head === last) return sizeBytes
    throw unsoundArchive(folder, findings.list[0]?.place)
}

interface Part {
    readonly file: StoreFile
    readonly from: number
    readonly to: number
}

interface ToArchive {
    readonly parts: readonly Part[]
    /** What the archive held before, where an interrupted run has put some of it there. */
    readonly standing: readonly StoreFile[]
}

/** What goes, but for what an interrupted run has archived already. */
async function partsToArchive(plan: ProvablePlan, folder: string, options: WorkOptions): Promise<ToArchive> {
    const { target, removedFiles, cutFile, checked } = plan
    const parts: Part[] = removedFiles.map((file) => ({ file, from: 0, to: file.sizeBytes }))
    if (cutFile) parts.push({ file: cutFile, from: 0, to: target.place.offsetBytes })

    const archived = (await isEmptyFolder(folder)) ? undefined : await openBegun(plan, folder, options)
    const done = archived === undefined ? 0 : await archivedUpTo(plan, archived)
    // It was the right one when it was checked; somebody has written to it since.
    if (done === undefined) throw notContinued(folder, 'a log that')
    if (archived === undefined || done === 0) return { parts, standing: [] }
    const standing = [...archived.store.logFiles, ...archived.store.reductionFiles.values()]
    if (done === target.position - 1) return { parts: [], standing }
    const { place } = await recordAt(checked.longest, done + 1)
    const first = parts.findIndex(({ file }) => file.path === place.file)
    const rest = parts
        .slice(first)
        .map((part, i) => (i === 0 && place.line !== 1 ? { ...part, from: place.offsetBytes } : part))
    return { parts: rest, standing }
}

/**
 * Makes sure that what the archive holds is there for good: a run that was killed may have put it there, and
 * not have synced it.
 */
async function keep(standing: readonly StoreFile[], root: string): Promise<void> {
    const folders = new Set<string>()
    for (const { absolutePath } of standing) {
        for (let at = dirname(absolutePath); at !== root && at.startsWith(root); at = dirname(at))
            folders.add(at)
    }
    await syncAll(new Set(standing.map(({ absolutePath }) => absolutePath)))
    await syncFolders(folders.add(root))
}

/**
 * Position of the newest record that the archive holds of those that go; 0 where it ends directly before them
 * or is empty; undefined where it is the archive of something else.
 */
async function archivedUpTo(plan: ProvablePlan, archived: CheckedStore): Promise<number | undefined> {
    const { head } = archived.longest
    const { longest } = plan.checked
    if (head === longest.oldestParent || archived.counts.records === 0) return 0
    const [position] = await longest.find(head)
    if (position !== undefined) return position < plan.target.position ? position : undefined
    const next = await readTextIfThere(nextIn(archived.store.layout.root ?? ''))
    return next === nextText(head, await hashAt(longest, 1)) ? 0 : undefined
}

/**
 * Where a host never wrote what stood between the newest record of an archive and the oldest one that stays,
 * this file in the archive says that the one is followed by the other: nothing else does.
 */
function nextIn(root: string): string {
    return join(root, stagingFolderName, 'followed-by')
}

function nextText(head: CompositionHash, next: CompositionHash): string {
    return `${head} ${next}\n`
}

/** Records without a beginning and without a reduction could not be restored from a new archive. */
function refuseUnrestorableArchive(
    { checked, removedReductions, records }: ProvablePlan,
    folder: string,
): void {
    if (checked.longest.oldestParent === genesis || removedReductions.length > 0 || records.removed === 0)
        return
    throw notAlone(folder, 'have neither a beginning nor a reduction to start from.')
}

/** Goes on in the file that an earlier truncation archived the beginning of. */
async function stageParts(staging: Staging, targetPath: string, parts: readonly Part[]): Promise<void> {
    const before = (await attemptIfThere('look at', targetPath, () => stat(targetPath)))?.size
    const [{ file, from, to }] = parts as [Part]
    if (before === undefined && parts.length === 1 && from === 0 && to === file.sizeBytes)
        return staging.copyUnsynced(file, targetPath)
    const content = async function* () {
        yield* readPart(targetPath, 0, before ?? 0)
        for (const part of parts) yield* readPart(part.file.absolutePath, part.from, part.to)
    }
    return staging.stageUnsynced(targetPath, content(), file.absolutePath)
}

async function openArchive(folder: string, options: WorkOptions): Promise<CheckedStore> {
    return checkStore(await openProcessStore(folder), options)
}

/**
 * With the reductions of its records that an interrupted run has not come to: a chain that was cut starts
 * from one, and what was never written is known by another.
 */
async function openBegun(plan: ProvablePlan, folder: string, options: WorkOptions): Promise<CheckedStore> {
    const archived = await openArchive(folder, options)
    if (archived.findings.counts.error === 0) return archived
    const { index } = await indexLog(archived.store, options)
    const reductionFiles = new Map(archived.store.reductionFiles)
    for (const hash of plan.checked.longest.reduced.keys()) {
        const file = plan.store.reductionFiles.get(hash)
        if (file && index.table.find(hash) >= 0) reductionFiles.set(hash, file)
    }
    return checkStore({ ...archived.store, reductionFiles }, options)
}
