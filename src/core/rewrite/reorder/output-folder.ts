// The folder that a reordered log is written into: a new one, an empty one, or one that the same command has
// filled before, wholly or, where it was killed, in part. A mark in it tells the last, and that nothing but
// what the command itself writes is in it.
import { join, resolve } from 'node:path'

import type { CompositionHash, ValueHash } from '../../composition/hash.js'
import type { WorkOptions } from '../../progress.js'
import { assertSameFiles } from '../../store/changes/unchanged.js'
import { type Content, type Staging, withStaging } from '../../store/durable/staging.js'
import { stagingFolderName } from '../../store/durable/store-lock.js'
import { listFiles, type StoreFile } from '../../store/listing/list-files.js'
import { outsideFolder } from '../../store/recognise.js'
import { commitMarked, outputNotEmpty, unfinishedMark } from '../new-folder.js'
import type { StoreToChange } from '../outside-store.js'
import type { LogOrder } from './log-order.js'
import { type OutsideChain, type OutsideLine, stageOutside } from './outside-chain.js'

/** A log in order, of a store of whatever generation. */
export interface ReorderPlan {
    readonly store: StoreToChange
    /** The newest record; genesis where there is none. */
    readonly head: CompositionHash | ValueHash
    /** Number of records up to the head. */
    readonly length: number
    /** Number of the chain's records that end up in another line than they stand in. */
    readonly moved: number
    /** The store as it is written elsewhere. */
    readonly copy: (options: WorkOptions) => OrderedCopy
    /** The same written over itself. @throws ComplogError `generation-not-read` where that is not offered */
    readonly inPlace: () => LogOrder
}

/** What is wanted of a plan. */
export interface PlanReorderOptions extends WorkOptions {
    /** Refuses at once where a log is not written over itself. */
    readonly inPlace?: boolean | undefined
}

/** What is to be written into a folder of its own, of a store of whatever generation. */
export interface OrderedCopy extends AsyncDisposable {
    /** The files of the log, in the order in which they are asked for what they will hold. */
    readonly logFiles: readonly OrderedFile[]
    /** What else is to be there, as it is. */
    readonly others: readonly StoreFile[]
    /** Whether there is anything that is no part of the chain. */
    readonly hasOutside: boolean
    /** What that is; is asked for twice. */
    readonly outside: () => AsyncIterable<OutsideLine> | Iterable<OutsideLine>
}

/** A file of a log. All paths are relative to the folder of the store. */
export interface OrderedFile {
    readonly path: string
    readonly content: () => Content
    /** The one that it was. */
    readonly file: StoreFile
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
export async function writeCopy(
    { store, moved }: Pick<ReorderPlan, 'store' | 'moved'>,
    copy: OrderedCopy,
    folder: string,
): Promise<Reordered> {
    const root = resolve(folder)
    const paths = new Set([...copy.logFiles, ...copy.others].map(({ path }) => path))
    const state = () => stateOfOutput(root, { folder, paths, hasOutside: copy.hasOutside })
    await state()
    const command = 'reorder --output'
    return withStaging({ root, command }, async (staging) => {
        // Once more, now that nobody else can write there.
        const isFilled = (await state()) === 'filled'
        const outside = await stageCopy(copy, staging)
        const reordered = { filesWritten: copy.logFiles.length, filesRemoved: 0, moved, outside }
        await assertSameFiles(store.planned)
        if (isFilled) {
            if (await staging.isInPlace()) return reordered
            throw outputNotEmpty(folder)
        }
        await commitMarked(staging, command)
        return reordered
    })
}

async function stageCopy(copy: OrderedCopy, staging: Staging): Promise<OutsideChain> {
    const { root } = staging
    const outside = await stageOutside(copy.outside, staging)
    for (const { path, content, file } of copy.logFiles)
        await staging.stageUnsynced(join(root, path), content(), file.absolutePath)
    for (const file of copy.others) await staging.copyUnsynced(file, join(root, file.path))
    return outside
}

/** `filled`: every file that the command writes is there, whether or not it holds the same. */
type OutputState = 'empty' | 'unfinished' | 'filled'

interface Wanted {
    readonly folder: string
    readonly paths: ReadonlySet<string>
    readonly hasOutside: boolean
}

async function stateOfOutput(root: string, { folder, paths, hasOutside }: Wanted): Promise<OutputState> {
    const { files, findings } = await listFiles(root)
    const others = files.filter(({ path }) => !path.startsWith(`${stagingFolderName}/`))
    const isMarked = files.find(({ path }) => path === unfinishedMark) !== undefined
    if (findings.length === 0 && others.length === 0) return isMarked ? 'unfinished' : 'empty'
    const isOurs = (path: string) => paths.has(path) || path.startsWith(`${outsideFolder}/`)
    if (findings.length > 0 || !others.every(({ path }) => isOurs(path))) throw outputNotEmpty(folder)
    if (isMarked) return 'unfinished'
    const there = new Set(others.map(({ path }) => path))
    const isComplete = [...paths].every((path) => there.has(path))
    if (isComplete && there.size === paths.size + (hasOutside ? 1 : 0)) return 'filled'
    throw outputNotEmpty(folder)
}
