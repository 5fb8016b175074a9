// A truncation that was killed half-way has removed what its reduction was proven by. It leaves word of the proof beside
// the store, so that the same command run again can finish.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { isSystemError } from '../errors.js'
import { removeDurably } from '../store/durable-files.js'
import { attempt } from '../store/file-system-error.js'
import type { Staging } from '../store/staging.js'
import { stagingFolderName } from '../store/store-lock.js'
import type { TruncatePlan } from './plan-truncate.js'

function fileIn(root: string): string {
    return join(root, stagingFolderName, 'proven')
}

export async function rememberProof(root: string, plan: TruncatePlan, staging: Staging): Promise<void> {
    await staging.commit(await staging.stage(fileIn(root), Buffer.from(await wordOf(plan))))
}

/** The record, and the reduction of it that was proven: another one would have to be proven anew. */
async function wordOf({ store, target }: TruncatePlan): Promise<string> {
    const path = store.reductionFiles.get(target.hash)?.absolutePath ?? ''
    const reduction = await attempt('read', path, () => readFile(path))
    return `${target.hash} ${createHash('sha256').update(reduction).digest('hex')}\n`
}

/** Whether a truncation that was killed had proven this very reduction. */
export async function isProven(root: string, plan: TruncatePlan): Promise<boolean> {
    const text = await textIn(root)
    return text !== '' && text === (await wordOf(plan))
}

/** Empty where there is no word of a proof. */
async function textIn(root: string): Promise<string> {
    return attempt('read', fileIn(root), async () => {
        try {
            return await readFile(fileIn(root), 'utf8')
        } catch (error) {
            if (isSystemError(error) && error.code === 'ENOENT') return ''
            throw error
        }
    })
}

/** Whether a truncation was killed between the proof and its end. */
export async function isProofThere(root: string): Promise<boolean> {
    return (await textIn(root)) !== ''
}

export async function forgetProof(root: string): Promise<void> {
    try {
        await removeDurably(fileIn(root))
    } catch (error) {
        const cause = error instanceof Error ? error.cause : undefined
        if (!isSystemError(cause) || cause.code !== 'ENOENT') throw error
    }
}
