// A live host takes no lock of ours. So whoever is about to change a store looks once more whether it still
// is what was checked.
import { lstat, stat } from 'node:fs/promises'

import type { Finding } from '../../composition/finding.js'
import { ComplogError } from '../../errors.js'
import { attempt } from '../../file-system-error.js'
import { stagingFolderName } from '../durable/store-lock.js'
import { listFiles, type StoreFile } from '../listing/list-files.js'
import { openProcessStore, type ProcessStore } from '../process-store.js'

/** The files that some work was planned with, and how to list them once more. */
export interface PlannedFiles {
    readonly files: () => Iterable<StoreFile>
    /** What the listing alone showed, such as second paths to a file. */
    readonly findings: readonly Finding[]
    readonly again: () => Promise<PlannedFiles>
}

export function plannedFilesOf({
    layout,
    limits,
    logFiles,
    reductionFiles,
    findings,
    reductionFindings,
}: ProcessStore): PlannedFiles {
    return {
        files: () => [...logFiles, ...reductionFiles.values()],
        findings: [...findings, ...reductionFindings],
        again: async () => plannedFilesOf(await openProcessStore(layout.path, limits)),
    }
}

/** @throws ComplogError `store-changed` when a file was added, removed, or changed its size or time since */
export async function assertSameFiles(planned: PlannedFiles): Promise<void> {
    const now = await planned.again()
    const changed = firstDifference(planned.files(), now.files())
    if (changed === undefined) {
        refuseLinksAmong(now)
        return
    }
    throw new ComplogError(
        'store-changed',
        `The store changed while complog was working: ${changed}. Nothing was touched.`,
        {
            hint: 'Stop the host that writes to it, and run the same command again.',
        },
    )
}

/**
 * For whoever adds to a store and takes nothing away: a host may go on appending meanwhile, but another
 * writer may not have cut or rewritten the log.
 * @returns the store as it is now
 * @throws ComplogError `store-changed` when a log file is gone or shorter
 */
export async function assertOnlyGrown(store: ProcessStore): Promise<ProcessStore> {
    const now = await openProcessStore(store.layout.path, store.limits)
    const sizes = new Map(now.logFiles.map((file) => [file.absolutePath, file.sizeBytes]))
    const cut = store.logFiles.find((file) => (sizes.get(file.absolutePath) ?? -1) < file.sizeBytes)
    if (cut === undefined) return now
    throw new ComplogError(
        'store-changed',
        `The store changed while complog was working: ${cut.path} is gone or shorter. Nothing was touched.`,
        { hint: 'Wait for whatever changes the log to end, and run the same command again.' },
    )
}

/**
 * For whoever has proven reductions while others could store some.
 * @throws ComplogError `store-changed` when a reduction was added, removed, or written to
 */
export async function assertSameReductions(store: ProcessStore): Promise<void> {
    const now = await openProcessStore(store.layout.path, store.limits)
    const changed = firstDifference([...store.reductionFiles.values()], [...now.reductionFiles.values()])
    if (changed === undefined) return
    throw new ComplogError(
        'store-changed',
        `Another process worked on the reductions meanwhile: ${changed}. Nothing was touched.`,
        { hint: 'Run the same command again; a host does so by itself after its next reduction.' },
    )
}

/**
 * To replace a link would leave the file that it leads to as it is, and nobody would look there again. And
 * what two paths lead to is more than its listing shows.
 * @throws ComplogError `usage`, `error-findings`
 */
export function refuseLinks(store: ProcessStore): void {
    refuseLinksAmong(plannedFilesOf(store))
}

function refuseLinksAmong({ files, findings }: PlannedFiles): void {
    const second = findings.find(({ id }) => id === 'second-path')
    if (second !== undefined) {
        throw new ComplogError('error-findings', `${second.message} Nothing was touched.`, {
            place: second.place,
            hint: second.help,
        })
    }
    for (const { isLink, absolutePath } of files()) if (isLink) throw isLinkError(absolutePath)
}

/** @throws ComplogError `usage` where a file that is to be replaced is a link */
export async function refuseLink(path: string): Promise<void> {
    const stats = await attempt('look at', path, () => lstat(path))
    if (stats.isSymbolicLink()) throw isLinkError(path)
}

function isLinkError(path: string): ComplogError {
    return new ComplogError('usage', `${path} is a link: complog changes files only where they are.`, {
        hint: 'Put the file itself in the place of the link.',
    })
}

function firstDifference(before: Iterable<StoreFile>, after: Iterable<StoreFile>): string | undefined {
    // Both are listed in one order: what is known and was not met again are a few.
    const known = new Map<string, StoreFile>()
    const rest = before[Symbol.iterator]() as Iterator<StoreFile, undefined>
    for (const file of after) {
        let old = known.get(file.absolutePath)
        while (old === undefined) {
            const { value: next } = rest.next()
            if (next === undefined) return `${file.path} is new`
            known.set(next.absolutePath, next)
            old = known.get(file.absolutePath)
        }
        if (old.sizeBytes !== file.sizeBytes || old.modifiedMilliseconds !== file.modifiedMilliseconds) {
            return `${file.path} was written to`
        }
        known.delete(file.absolutePath)
    }
    const [gone = rest.next().value] = known.values()
    return gone === undefined ? undefined : `${gone.path} is gone`
}

/** Whether a folder is missing or holds nothing, except for what a killed process left on its way. */
export async function isEmptyFolder(path: string): Promise<boolean> {
    const { files, findings } = await listFiles(path)
    return findings.length === 0 && files.every((file) => file.path.startsWith(`${stagingFolderName}/`))
}

/**
 * What files look like as long as nobody but this command changes them: as they were listed, or as it has
 * replaced them since.
 */
export class ExpectedFiles {
    readonly #known = new Map<string, string>()

    constructor(files: Iterable<StoreFile>) {
        for (const { absolutePath, sizeBytes, modifiedMilliseconds } of files) {
            this.#known.set(absolutePath, `${sizeBytes} ${modifiedMilliseconds}`)
        }
    }

    /** @throws ComplogError `store-changed`; every record still stands in some file */
    async assertUntouched(path: string): Promise<void> {
        if ((await stateOf(path)) !== this.#known.get(path)) throw changedMeanwhile(path)
    }

    /** Before a file is put in the place of another: whatever is written to it from then on, others write. */
    async noteReplacement(path: string, temporaryPath: string): Promise<void> {
        this.#known.set(path, await stateOf(temporaryPath))
    }
}

/** Where a file was found changed only after the command's first change. */
export function changedMeanwhile(path: string): ComplogError {
    return new ComplogError('store-changed', `${path} was written to while the log was being changed.`, {
        hint: 'No record is lost. Stop the host that writes to the log, and run the same command again: it finishes the work.',
    })
}

async function stateOf(path: string): Promise<string> {
    const { size, mtimeMs } = await attempt('look at', path, () => stat(path))
    return `${size} ${mtimeMs}`
}
