// A truncation that was killed half-way has removed what its reduction was proven by, and what its record was
// counted from. It leaves word of both beside the store, so that it can be finished, and is not taken for
// another one.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { CompositionRecord } from '../../check/chain.js'
import type { CheckedStore } from '../../check/check-store.js'
import { type CompositionHash, genesis, hashFromHex, shortHash } from '../../composition/hash.js'
import type { Ref } from '../../composition/ref.js'
import type { LoadedElmApp } from '../../elm-app/elm-app.js'
import { ComplogError } from '../../errors.js'
import { attempt } from '../../file-system-error.js'
import { removeDurably } from '../../store/durable/durable-files.js'
import type { Staging } from '../../store/durable/staging.js'
import { stagingFolderName } from '../../store/durable/store-lock.js'
import type { ProcessStore } from '../../store/process-store.js'
import { readTextIfThere } from '../../store/reading/read-part.js'
import { noLongerThatRecord } from './truncate-plan.js'

/** Stands where otherwise the app stands by whose replay the reduction was proven. */
const unproven = 'unproven'

/** An app, as far as one is told from another. */
export type ProvingApp = Pick<LoadedElmApp, 'scriptHash'>

/** What a truncation is told from another by. */
interface Truncation {
    readonly store: ProcessStore
    /** The reduced record that will be the oldest one. */
    readonly target: CompositionRecord
}

function fileIn(root: string): string {
    return join(root, stagingFolderName, 'proven')
}

/**
 * To be called before anything is removed.
 * @param provenWith the app whose replay has proven the reduction, if one has
 */
export async function rememberTruncation(
    plan: Truncation,
    staging: Staging,
    provenWith: ProvingApp | undefined,
): Promise<void> {
    const { root } = staging
    const subject = await subjectOf(plan)
    const now = await textIn(root)
    // What a killed run has proven stays proven, also where its work is finished without an app.
    const wasProven = now.startsWith(`${subject} `) && now !== intentText(subject, undefined)
    if (provenWith === undefined && wasProven) return
    await staging.commit(await staging.stage(fileIn(root), Buffer.from(intentText(subject, provenWith))))
}

function intentText(subject: string, provenWith: ProvingApp | undefined): string {
    return `${subject} ${provenWith?.scriptHash ?? unproven}\n`
}

/** The record, and the reduction of it: another one would have to be proven anew. */
async function subjectOf({ store, target }: Truncation): Promise<string> {
    const path = store.reductionFiles.get(target.hash)?.absolutePath ?? ''
    const reduction = await attempt('read', path, () => readFile(path))
    return `${target.hash} ${createHash('sha256').update(reduction).digest('hex')}`
}

/** Whether a killed truncation had proven this reduction with this app: another might read it otherwise. */
export async function isProven(root: string, plan: Truncation, app: ProvingApp): Promise<boolean> {
    const text = await textIn(root)
    return text !== '' && text === intentText(await subjectOf(plan), app)
}

/** Empty where no truncation was killed. */
function textIn(root: string): Promise<string> {
    return readTextIfThere(fileIn(root))
}

/** Whether a truncation was killed before its end. */
export async function isTruncationBegun(root: string): Promise<boolean> {
    return (await textIn(root)) !== ''
}

/**
 * The record before which a killed truncation was to cut, where it is in the log.
 * @param root undefined where only a log was named, which nothing can be removed from
 */
export async function begunTarget(
    root: string | undefined,
    { longest }: CheckedStore,
): Promise<CompositionHash | undefined> {
    if (root === undefined) return undefined
    const hash = hashFromHex((await textIn(root)).split(/\s/)[0] ?? '')
    return hash !== undefined && (await longest.find(hash)).length > 0 ? hash : undefined
}

/**
 * A number counts from the oldest record that is there: where a truncation, done or killed, has taken the
 * older ones, the same number is another record, and the same command would cut further.
 * @throws ComplogError `usage`
 */
export function refuseNumber(ref: Ref, { longest }: CheckedStore, begun: CompositionHash | undefined): void {
    if (ref.kind !== 'number' || longest.oldestParent === genesis) return
    if (begun !== undefined) throw notFinished(begun)
    throw noLongerThatRecord(
        ref.position,
        'Name the record by its hash, which stays the same: the files in `reduction/` are named after it.',
    )
}

/** @throws ComplogError `usage` where another truncation was killed half-way */
export function refuseOther(target: CompositionHash, begun: CompositionHash | undefined): void {
    if (begun !== undefined && begun !== target) throw notFinished(begun)
}

function notFinished(begun: CompositionHash): ComplogError {
    return new ComplogError(
        'usage',
        `A truncation before the record ${shortHash(begun)}… was begun and did not end.`,
        { hint: `Finish it first: --before ${shortHash(begun)}.` },
    )
}

export async function forgetTruncation(root: string): Promise<void> {
    if (await isTruncationBegun(root)) await removeDurably(fileIn(root))
}
