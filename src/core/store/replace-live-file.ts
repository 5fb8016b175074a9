// A host may append to a log at any moment, also while it is being cut, and takes no lock of ours. What it appends
// must be in the file that is there in the end.
import { type FileHandle, open } from 'node:fs/promises'

import { attempt } from './file-system-error.js'
import { readPartOf } from './read-part.js'
import type { StagedFile, Staging } from './staging.js'

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
    await attempt('replace', path, async () => {
        const old = await open(path, 'r')
        try {
            let staged = first
            for (let round = 0; round < roundsMax; round++) {
                const { size } = await old.stat()
                if (size === fromBytes + staged.sizeBytes) break
                staged = await staging.stage(path, readPartOf(old, path, fromBytes, size), path)
            }
            await staging.commit(staged)
            const { size } = await old.stat()
            if (size > fromBytes + staged.sizeBytes)
                await append(path, old, fromBytes + staged.sizeBytes, size)
        } finally {
            await old.close()
        }
    })
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
