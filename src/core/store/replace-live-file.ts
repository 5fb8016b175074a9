// A host may append to a log at any moment, also while it is being cut, and takes no lock of ours. What it
// appends must be in the file that is there in the end: what comes before a replacement is seen here, what
// comes behind it is carried over by ./late-appends.
import { open } from 'node:fs/promises'

import { attempt } from '../file-system-error.js'
import { removeDurably } from './durable-files.js'
import type { LateAppends } from './late-appends.js'
import { readPartOf } from './read-part.js'
import type { StagedFile, Staging } from './staging.js'
import type { OwnChanges } from './unchanged.js'

const roundsMax = 10

/** How files of a log change to which a host may append. */
export interface LiveChange {
    readonly staging: Staging
    readonly lateAppends: LateAppends
}

/**
 * Replaces a file by what stands in it from an offset on. What is appended before the replacement is staged
 * as well.
 * @param first what stood there from that offset on, on its way to the file
 */
export async function keepFrom(
    fromBytes: number,
    first: StagedFile,
    { staging, lateAppends }: LiveChange,
): Promise<void> {
    const path = first.targetPath
    let staged = first
    await attempt('replace', path, async () => {
        const old = await open(path, 'r')
        try {
            for (let round = 0; round < roundsMax; round++) {
                const { size } = await old.stat()
                if (size === fromBytes + staged.sizeBytes) break
                staged = await staging.stage(path, readPartOf({ handle: old, path }, fromBytes, size), path)
            }
        } finally {
            await old.close()
        }
    })
    await lateAppends.hold(path, fromBytes + staged.sizeBytes)
    await staging.commit(staged)
}

/**
 * Puts a staged file in the place of one that nobody else has written to.
 * @throws ComplogError `store-changed` where somebody has; every record then stands in some file
 */
export async function replaceUntouched(
    own: OwnChanges,
    staged: StagedFile,
    { staging, lateAppends }: LiveChange,
): Promise<void> {
    const path = staged.targetPath
    await lateAppends.hold(path)
    await own.assertUntouched(path)
    await own.noteReplacement(path, staged.temporaryPath)
    await staging.commit(staged)
}

/**
 * Removes a file for good.
 * @param sizeBytes what it must have had
 */
export async function removeUntouched(
    path: string,
    sizeBytes: number,
    lateAppends: LateAppends,
): Promise<void> {
    await lateAppends.hold(path, sizeBytes)
    await removeDurably(path)
}
