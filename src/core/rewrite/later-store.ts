// A store of 2020-05 or later, as those need it that change it or write a copy of it.
import { join } from 'node:path'

import { ComplogError } from '../errors.js'
import { allFilesOf, type ListedLater, listLater } from '../later/reading/list-later.js'
import { type ReadLater, type ReadListedOptions, readListed } from '../later/reading/read-later.js'
import { checkRead, type VerifiedLater } from '../later/verify-later.js'
import type { PlannedFiles } from '../store/changes/unchanged.js'
import type { StoreFile } from '../store/listing/list-files.js'
import type { LaterStore } from '../store/recognise.js'
import { refuseWithin, type StoreToChange } from './outside-store.js'

export function laterToChange(listed: ListedLater): StoreToChange {
    const { root, path, generation } = listed.store
    return {
        layout: { root, path, compositionPath: join(root, generation.logFolder ?? '') },
        logFiles: listed.logFiles,
        planned: plannedFilesOfLater(listed),
        refuseFolder: (folder, flag) => refuseWithin(root, folder, flag),
    }
}

function plannedFilesOfLater(listed: ListedLater): PlannedFiles {
    return {
        files: () => allFilesOf(listed),
        findings: [...listed.logFindings, ...listed.reductions.findings, ...listed.values.findings],
        again: async () => plannedFilesOfLater(await listLater(listed.store)),
    }
}

/** What is left of a store without some of its files. */
export function withoutFiles(listed: ListedLater, gone: readonly StoreFile[]): ListedLater {
    const paths = new Set(gone.map(({ absolutePath }) => absolutePath))
    const stays = ({ absolutePath }: StoreFile) => !paths.has(absolutePath)
    const { store, headFile, values } = listed
    const hasHead = headFile === undefined || stays(headFile)
    const byHash = values.byHash.filtered(stays)
    return {
        // Without its head file, what is left is of the newer generation alone.
        store: hasHead
            ? store
            : { ...store, older: store.older.filter(({ order }) => order !== 'head-file') },
        logFiles: listed.logFiles.filter(stays),
        logFindings: listed.logFindings,
        reductions: { ...listed.reductions, files: listed.reductions.files.filter(stays) },
        values: { ...values, byHash },
        headFile: hasHead ? headFile : undefined,
    }
}

/** What would be said of a store that was read, once it is what is listed here, with no more values. */
export async function checkAfter(
    { values }: ReadLater,
    listed: ListedLater,
    options: ReadListedOptions = {},
): Promise<VerifiedLater> {
    return checkRead(await readListed(listed, { ...options, values: values.within(listed.values.byHash) }))
}

/** Says that a command is not offered for a generation. */
export function notOffered({ path, generation }: LaterStore, what: string, hint: string): ComplogError {
    return new ComplogError(
        'generation-not-read',
        `${path} is a store of ${generation.project}, as hosts ${generation.written} write it: ${what}.`,
        { hint },
    )
}
