// The folder that a reordered log is written into: a new one, an empty one, or one that the same command has
// filled before, wholly or, where it was killed, in part. A mark in it tells the last, and that nothing but
// what the command itself writes is in it.
import { join, resolve } from 'node:path'

import { ComplogError } from '../../errors.js'
import { makeFolder, removeDurably } from '../../store/durable-files.js'
import { listFiles } from '../../store/list-files.js'
import { type Staging, withStaging } from '../../store/staging.js'
import { stagingFolderName } from '../../store/store-lock.js'
import { type OutsideChain, outsideFolder } from './outside-chain.js'

const markPath = `${stagingFolderName}/unfinished-output`

/** What is to be written into a folder of its own, of a store of whatever generation. */
export interface OrderedCopy {
    /** Of the files, relative to the folder; beside them a file of what is no part of the chain. */
    readonly paths: ReadonlySet<string>
    readonly hasOutside: boolean
    /** Stages all of it. */
    readonly stage: (staging: Staging) => Promise<Reordered>
    /** @throws ComplogError `store-changed` */
    readonly assertUnchanged: () => Promise<void>
}

/** What a reordering did. */
export interface Reordered {
    /** Files of the log that were written, and those that had nothing left in them and were removed. */
    readonly filesWritten: number
    readonly filesRemoved: number
    /** Records that stand in another line now. */
    readonly moved: number
    readonly outside: OutsideChain
}

/**
 * Writes a copy into a folder that is new, empty, or was filled by the same command before.
 * @param folder as the user named it
 * @throws ComplogError `output-not-empty`, `store-changed`, `file-system`
 */
export async function writeCopy(copy: OrderedCopy, folder: string): Promise<Reordered> {
    const root = resolve(folder)
    await stateOfOutput(copy, root, folder)
    return withStaging({ root, command: 'reorder --output' }, async (staging) => {
        // Once more, now that nobody else can write there.
        const isFilled = (await stateOfOutput(copy, root, folder)) === 'filled'
        const reordered = await copy.stage(staging)
        await copy.assertUnchanged()
        if (isFilled) {
            if (await staging.isInPlace()) return reordered
            throw outputNotEmpty(folder)
        }
        // An empty store is a folder with nothing in it.
        await makeFolder(root)
        await markUnfinished(root, staging, 'reorder --output')
        await staging.commitAll()
        await markFinished(root)
        return reordered
    })
}

/**
 * `filled`: every file that the command writes is there, and it remains to be seen whether it holds the same.
 */
type OutputState = 'empty' | 'unfinished' | 'filled'

async function stateOfOutput(
    { paths, hasOutside }: OrderedCopy,
    root: string,
    folder: string,
): Promise<OutputState> {
    const { files, findings } = await listFiles(root)
    const others = files.filter(({ path }) => !path.startsWith(`${stagingFolderName}/`))
    const isMarked = files.some(({ path }) => path === markPath)
    if (findings.length === 0 && others.length === 0) return isMarked ? 'unfinished' : 'empty'
    const isOurs = (path: string) => paths.has(path) || path.startsWith(`${outsideFolder}/`)
    if (findings.length > 0 || !others.every(({ path }) => isOurs(path))) throw outputNotEmpty(folder)
    if (isMarked) return 'unfinished'
    const there = new Set(others.map(({ path }) => path))
    const isComplete = [...paths].every((path) => there.has(path))
    if (isComplete && there.size === paths.size + (hasOutside ? 1 : 0)) return 'filled'
    throw outputNotEmpty(folder)
}

export function outputNotEmpty(folder: string): ComplogError {
    return new ComplogError('output-not-empty', `The folder ${folder} is not empty.`, {
        hint: 'Name a new or empty folder.',
    })
}

/** From here on the folder is filled; a run that is killed leaves the mark. */
export async function markUnfinished(root: string, staging: Staging, command: string): Promise<void> {
    const content = Buffer.from(`Written by complog ${command}, which did not end.\n`)
    await staging.commit(await staging.stage(join(root, markPath), content))
}

/** Whether a run that was killed has left the mark. */
export async function isUnfinished(root: string): Promise<boolean> {
    return (await listFiles(join(root, stagingFolderName))).files.some(({ path }) =>
        markPath.endsWith(`/${path}`),
    )
}

export async function markFinished(root: string): Promise<void> {
    await removeDurably(join(root, markPath))
}
