// A host may append to a log at any moment, also while it is being cut, and takes no lock of ours. What it
// appends must be in the file that is there in the end: what comes before a replacement is seen here, what
// comes behind it is carried over by ./replaced-files.

import { attemptOn, removeDurably } from '../durable/durable-files.js'
import type { StagedFile, Staging } from '../durable/staging.js'
import { readPartOf } from '../reading/read-part.js'
import type { ReplacedFiles } from './replaced-files.js'
import type { ExpectedFiles } from './unchanged.js'

const roundsMax = 10

/** How files of a log change to which a host may append. */
export interface LiveChange {
    readonly staging: Staging
    readonly replaced: ReplacedFiles
}

/**
 * Replaces a file by what stands in it from an offset on. What is appended before the replacement is staged
 * as well.
 * @param first what stood there from that offset on, on its way to the file
 */
export async function keepFrom(
    fromBytes: number,
    first: StagedFile,
    { staging, replaced }: LiveChange,
): Promise<void> {
    const path = first.targetPath
    let staged = first
    await attemptOn({ doing: 'replace', path, flags: 'r' }, async (handle) => {
        for (let round = 0; round < roundsMax; round++) {
            const { size } = await handle.stat()
            if (size === fromBytes + staged.sizeBytes) break
            staged = await staging.stage(path, readPartOf({ handle, path }, fromBytes, size), path)
        }
    })
    await replaced.hold(path, fromBytes + staged.sizeBytes)
    await staging.commit(staged)
}

/**
 * Puts a staged file in the place of one that nobody else has written to.
 * @throws ComplogError `store-changed` where somebody has; every record then stands in some file
 */
export async function replaceUntouched(
    expected: ExpectedFiles,
    staged: StagedFile,
    { staging, replaced }: LiveChange,
): Promise<void> {
    const path = staged.targetPath
    await replaced.hold(path)
    await expected.assertUntouched(path)
    await expected.noteReplacement(path, staged.temporaryPath)
    await staging.commit(staged)
}

/**
 * Removes a file for good.
 * @param sizeBytes what it must have had
 */
export async function removeUntouched(
    path: string,
    sizeBytes: number,
    replaced: ReplacedFiles,
): Promise<void> {
    await replaced.hold(path, sizeBytes)
    await removeDurably(path)
}
