// A folder that a command fills at once: it is new or empty before, and where a kill left it in part, a mark
// in it says so.
import { basename, join, resolve } from 'node:path'

import { ComplogError } from '../errors.js'
import { makeFolder, removeDurably } from '../store/durable/durable-files.js'
import { namesIfThere, type Staging, withStaging } from '../store/durable/staging.js'
import { stagingFolderName } from '../store/durable/store-lock.js'

/** Path of the mark below the folder. */
export const unfinishedMark = `${stagingFolderName}/unfinished-output`

export interface NewFolder {
    /** As the user named it. */
    readonly output: string
    /** What the mark names as the writer. */
    readonly command: string
    /** By their paths relative to the folder. */
    readonly files: ReadonlyMap<string, Uint8Array>
    /** Reads again what was written, before the mark goes. Throws where it is not that. */
    readonly prove?: ((root: string) => Promise<void>) | undefined
}

/** @throws ComplogError `output-not-empty` */
export async function refuseFilled(output: string): Promise<void> {
    const root = resolve(output)
    const names = (await namesIfThere(root)).filter((name) => name !== stagingFolderName)
    if (names.length === 0) return
    const own = await namesIfThere(join(root, stagingFolderName))
    if (!own.includes(basename(unfinishedMark))) throw outputNotEmpty(output)
    throw new ComplogError('output-not-empty', `${output} holds a part of what a killed run has written.`, {
        hint: 'Remove the folder, and run the same command again.',
    })
}

/**
 * Writes files into a new or empty folder, so that a crash undoes none of them.
 * @throws ComplogError `output-not-empty`, `app-malformed` where one would lie among complog's own temporary
 * files, `store-locked`, `file-system`, and what `prove` throws
 */
export async function writeNewFolder({ output, command, files, prove }: NewFolder): Promise<void> {
    const root = resolve(output)
    await refuseFilled(output)
    const own = [...files.keys()].find((path) => path.split('/')[0]?.toLowerCase() === stagingFolderName)
    if (own !== undefined)
        throw new ComplogError('app-malformed', `The file ${own} would lie among complog's temporary files.`)
    await withStaging({ root, command }, async (staging) => {
        // Once more, now that nobody else can write there.
        await refuseFilled(output)
        // What goes into one folder, at once.
        const paths = [...files].sort(([a], [b]) => (a < b ? -1 : 1))
        for (const [path, bytes] of paths) await staging.stageUnsynced(join(root, path), Buffer.from(bytes))
        await commitMarked(staging, command, prove)
    })
}

/** Puts all that is staged into its place; a run that is killed meanwhile leaves the mark. */
export async function commitMarked(
    staging: Staging,
    command: string,
    prove?: NewFolder['prove'],
): Promise<void> {
    const { root } = staging
    const mark = join(root, unfinishedMark)
    const content = Buffer.from(`Written by complog ${command}, which did not end.\n`)
    // An empty store is a folder with nothing in it.
    await makeFolder(root)
    await staging.commit(await staging.stage(mark, content))
    await staging.commitAll()
    await prove?.(root)
    await removeDurably(mark)
}

export function outputNotEmpty(folder: string): ComplogError {
    return new ComplogError('output-not-empty', `The folder ${folder} is not empty.`, {
        hint: 'Name a new or empty folder.',
    })
}
