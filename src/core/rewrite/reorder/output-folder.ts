// The folder that a reordered log is written into: a new one, an empty one, or one that the same command has
// filled before, wholly or, where it was killed, in part. A mark in it tells the last, and that nothing but
// what the command itself writes is in it.
import { join } from 'node:path'

import { ComplogError } from '../../errors.js'
import { removeDurably } from '../../store/durable-files.js'
import { listFiles } from '../../store/list-files.js'
import type { Staging } from '../../store/staging.js'
import { stagingFolderName } from '../../store/store-lock.js'
import { outsideFolder } from './outside-chain.js'
import type { ReorderPlan } from './plan-reorder.js'

const markPath = `${stagingFolderName}/unfinished-output`

/**
 * `filled`: every file that the command writes is there, and it remains to be seen whether it holds the same.
 */
export type OutputState = 'empty' | 'unfinished' | 'filled'

/**
 * @param folder as the user named it
 * @throws ComplogError `output-not-empty`
 */
export async function stateOfOutput(plan: ReorderPlan, root: string, folder: string): Promise<OutputState> {
    const { files, findings } = await listFiles(root)
    const others = files.filter(({ path }) => !path.startsWith(`${stagingFolderName}/`))
    const isMarked = files.some(({ path }) => path === markPath)
    if (findings.length === 0 && others.length === 0) return isMarked ? 'unfinished' : 'empty'
    const written = pathsWritten(plan)
    const isOurs = (path: string) => written.has(path) || path.startsWith(`${outsideFolder}/`)
    if (findings.length > 0 || !others.every(({ path }) => isOurs(path))) throw outputNotEmpty(folder)
    if (isMarked) return 'unfinished'
    const there = new Set(others.map(({ path }) => path))
    const isComplete = [...written].every((path) => there.has(path))
    if (isComplete && there.size === written.size + (plan.isWhole ? 0 : 1)) return 'filled'
    throw outputNotEmpty(folder)
}

/** @param folder as the user named it */
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

export async function markFinished(root: string): Promise<void> {
    await removeDurably(join(root, markPath))
}

function pathsWritten({ store, chain, files }: ReorderPlan): ReadonlySet<string> {
    const log = files.filter(({ rows }) => rows.length > 0).map(({ file }) => `composition/${file.path}`)
    const reductions = [...chain.reduced.keys()].map(
        (hash) => `reduction/${store.reductionFiles.get(hash)?.path ?? hash}`,
    )
    return new Set([...log, ...reductions])
}
