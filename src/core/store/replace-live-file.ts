// A host may append to a log at any moment, also while it is being cut, and takes no lock of ours. What it appends
// must be in the file that is there in the end.
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'

import { removeDurably, syncFolder } from './durable-files.js'
import { attempt } from './file-system-error.js'
import { readPartOf } from './read-part.js'
import type { StagedFile, Staging } from './staging.js'
import { type OwnChanges, changedMeanwhile } from './unchanged.js'

const roundsMax = 10

/**
 * Replaces a file by what stands in it from an offset on. What is appended before the replacement is staged as well;
 * what is appended in the very moment of it, to the file that is no longer there, is appended to the new one.
 */
export async function keepFrom(
    path: string,
    fromBytes: number,
    first: StagedFile,
    staging: Staging,
): Promise<void> {
    await withOpen(path, async (old) => {
        let staged = first
        for (let round = 0; round < roundsMax; round++) {
            const { size } = await old.stat()
            if (size === fromBytes + staged.sizeBytes) break
            staged = await staging.stage(path, readPartOf(old, path, fromBytes, size), path)
        }
        await staging.commit(staged)
        const { size } = await old.stat()
        if (size > fromBytes + staged.sizeBytes) await append(path, old, fromBytes + staged.sizeBytes, size)
    })
}

/**
 * Puts a staged file in the place of one that nobody else has written to.
 * @throws ComplogError `store-changed` where somebody has, or does so in this very moment; every record then stands in
 * the file that is there
 */
export async function replaceUntouched(own: OwnChanges, staged: StagedFile, staging: Staging): Promise<void> {
    const path = staged.targetPath
    await withOpen(path, async (old) => {
        const { size } = await old.stat()
        await own.assertUntouched(path)
        await own.noteReplacement(path, staged.temporaryPath)
        await staging.commit(staged)
        await saveAppended(path, old, size)
    })
}

/**
 * Removes a file for good.
 * @param sizeBytes what it must have had
 * @throws ComplogError `store-changed` where somebody appends to it in this very moment; that is then all it holds
 */
export async function removeUntouched(path: string, sizeBytes: number): Promise<void> {
    await withOpen(path, async (old) => {
        await removeDurably(path)
        await saveAppended(path, old, sizeBytes)
    })
}

async function withOpen(path: string, work: (old: FileHandle) => Promise<void>): Promise<void> {
    await attempt('replace', path, async () => {
        const old = await open(path, 'r')
        try {
            await work(old)
        } finally {
            await old.close()
        }
    })
}

/** What was appended to a file that is no longer there. */
async function saveAppended(path: string, old: FileHandle, sizeBytes: number): Promise<void> {
    const { size } = await old.stat()
    if (size <= sizeBytes) return
    await append(path, old, sizeBytes, size)
    await syncFolder(dirname(path))
    throw changedMeanwhile(path)
}

async function append(path: string, old: FileHandle, from: number, to: number): Promise<void> {
    const file = await open(path, 'a')
    try {
        for await (const piece of readPartOf(old, path, from, to)) await file.appendFile(piece)
        await file.sync()
    } finally {
        await file.close()
    }
}
