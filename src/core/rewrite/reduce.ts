// Entrance of core/rewrite/: changes of a store that lose nothing: reduce (here), `truncate/`, `reorder/`,
// `repair/`. Each first plans, with nothing touched, and then carries out what was planned, under the lock.
//
// Stores the state after a record as a reduction, so that the next restore need not replay what came before.
import { join } from 'node:path'

import { type Chain, generationAt } from '../check/chain.js'
import { type CheckedLog, checkLog } from '../check/check-log.js'
import { chooseChain, positionOf } from '../check/choose-chain.js'
import { type FoundForm, writtenFormFinding } from '../check/reduction-forms.js'
import type { Finding } from '../composition/finding.js'
import { type CompositionHash, genesis, shortHash } from '../composition/hash.js'
import { refuseLoneSurrogate } from '../composition/record.js'
import type { Ref } from '../composition/ref.js'
import type { ElmAppInstance, LoadedElmApp } from '../elm-app/elm-app.js'
import { ComplogError } from '../errors.js'
import type { WorkOptions } from '../progress.js'
import { formWritten, isWrittenForm, type Reduction, serializeReduction } from '../reduction/reduction.js'
import { type AcceptedChange, newestAccepted, noteOfAppBefore } from '../restore/accepted-changes.js'
import { withInstance } from '../restore/app-errors.js'
import { type Replayed, replay } from '../restore/replay.js'
import { differsInJsonErrorsOnly, isSameState } from '../restore/same-state.js'
import {
    chooseStart,
    differentReduction,
    enterStart,
    type RestoreStart,
    unreadSetState,
} from '../restore/start.js'
import { assertEventsUnderstood, hintToTakeOther, stateNotUnderstood } from '../restore/understanding.js'
import { assertOnlyGrown, refuseLink } from '../store/changes/unchanged.js'
import { type Staging, withStaging } from '../store/durable/staging.js'
import { refuseWhileLocked } from '../store/durable/store-lock.js'
import { isFinding, type ProcessStore, readReduction } from '../store/process-store.js'
import { readPart } from '../store/reading/read-part.js'
import { rootOf } from './outside-store.js'

/** Which records to reduce, and what to do where a reduction is there already. */
export interface ReduceOptions extends WorkOptions {
    /** The record to reduce; default: the head. */
    readonly at?: Ref | undefined
    /** Reduce every Nth record of the chain instead. */
    readonly every?: number | undefined
    /** Overwrite reductions that differ from what replay gives, or say the same in an older form. */
    readonly replace?: boolean | undefined
    /** Replay and compare, but write nothing. */
    readonly dryRun?: boolean | undefined
    /** Start from the first record, not from an older reduction. */
    readonly fromGenesis?: boolean | undefined
}

/** A record whose reduction was written, or compared with the one there. */
export interface ReducedRecord {
    readonly hash: CompositionHash
    readonly position: number
    /**
     * `new`: there was none, or a file without content. `equal`: the one there says the same. `differs`: the
     * one there says something else, or cannot be read.
     */
    readonly outcome: 'new' | 'equal' | 'differs'
    /**
     * Whether it was written. False in a dry run, where it was equal in the form that is written today, or in
     * any form without `replace`, and wherever anything differs without `replace`.
     */
    readonly written: boolean
    /** Size in bytes of the reduction file that replay gives. */
    readonly sizeBytes: number
}

/** What became of the reductions. */
export interface Reduced {
    readonly reductions: readonly ReducedRecord[]
    /** False where one differs and was not replaced; then nothing at all was written. */
    readonly ok: boolean
    readonly records: number
    readonly events: number
    readonly findings: readonly Finding[]
}

/**
 * Takes the lock of the store where it may have to write.
 * @throws ComplogError as `restore` does, `state-not-understood` and `events-not-understood` where the app
 * does not understand what the state goes back to, the former as well where what would be replaced is of an
 * app of before that was given up for this one, and `usage` where STORE has no place for reductions,
 * `store-locked`
 */
export async function reduce(
    store: ProcessStore,
    app: LoadedElmApp,
    options: ReduceOptions = {},
): Promise<Reduced> {
    const root = rootOf(store, 'write a reduction')
    if (options.dryRun !== true) await refuseWhileLocked(root, 'reductions')
    const checked = await checkLog(store, options)
    const { chain, head } = await chooseChain(checked, undefined, options)
    const stops = await positionsToReduce(chain, head, options)
    const findings: Finding[] = [...checked.findings.list]
    if (stops.length === 0) return { reductions: [], ok: true, records: 0, events: 0, findings }

    const accepted = await newestAccepted(root, chain)
    const { generations } = checked.counts
    const found = { store, app, chain, generations, accepted, stops, findings }
    // Where each record has a reduction already, and none may be replaced, nothing will be written, whatever
    // they say.
    const present = new Map([...chain.reduced].map(([hash, position]) => [position, hash]))
    let mayWrite = options.replace === true
    for (const position of stops) {
        if (mayWrite) break
        const hash = present.get(position)
        mayWrite = hash === undefined || (await hasNoContent(store, hash))
    }
    if (options.dryRun === true || !mayWrite) return replayAndCompare(found, undefined, options)
    const work = async (staging: Staging) => {
        // Another may have stored reductions before the lock was there: what counts is what would be
        // overwritten now.
        const { reductionFiles } = await assertOnlyGrown(store)
        return replayAndCompare(found, { staging, reductionFiles }, options)
    }
    return withStaging({ root, command: 'reduce', kind: 'reductions' }, work)
}

interface ChainToReduce {
    readonly store: ProcessStore
    readonly app: LoadedElmApp
    readonly chain: Chain
    readonly generations: CheckedLog['counts']['generations']
    /** Reductions from before it are those of another version of the app. */
    readonly accepted: AcceptedChange | undefined
    readonly stops: readonly number[]
    readonly findings: Finding[]
}

interface Target {
    readonly staging: Staging
    /** As they are under the lock. */
    readonly reductionFiles: ProcessStore['reductionFiles']
}

/** @param target where to write; undefined: nowhere */
async function replayAndCompare(
    found: ChainToReduce,
    target: Target | undefined,
    options: ReduceOptions,
): Promise<Reduced> {
    const { app, chain, stops } = found
    const first = stops[0] as number
    const start = await startBefore(found, first, options)
    return withInstance(app, async (instance) => {
        const refuseUnread = refusingUnread(instance, await enterStart(instance, start))
        const compared: ComparedRecord[] = []
        const compare = async (hash: CompositionHash, position: number) => {
            const value = await instance.serializeState()
            refuseLoneSurrogate(value)
            const writing = { target, replace: options.replace }
            compared.push(await compareAndStage(found, { hash, value, position }, writing))
        }
        // Nothing older to start from: the state to reduce is the one that the start itself gives.
        if (start.kind === 'reduction' && start.position === first) {
            await refuseUnread(undefined)
            await compare(start.reduction.hash, first)
        }
        const replayed = await replay(chain, instance, {
            from: start.position + 1,
            to: stops.at(-1) as number,
            ...options,
            stops: stops.filter((position) => position > start.position),
            onStop: async ({ hash, position, replayed }) => {
                await refuseUnread(await replayed())
                await compare(hash, position)
            },
        })
        assertEventsUnderstood(replayed)
        const { records, events } = replayed
        const ok = options.replace === true || compared.every(({ outcome }) => outcome !== 'differs')
        const isWriting = ok && target !== undefined
        if (isWriting) await target.staging.commitAll()
        const last = compared.findLast(({ isStaged }) => isStaged)
        const ofForm = last && (await writtenFormFinding(last, chain, found.generations))
        if (ofForm !== undefined) found.findings.push(ofForm)
        const reductions = compared.map(({ hash, position, outcome, sizeBytes, isStaged }) => ({
            hash,
            position,
            outcome,
            written: isWriting && isStaged,
            sizeBytes,
        }))
        return { reductions, ok, records, events, findings: found.findings }
    })
}

/** A reduction that was made, and what it was compared with. */
interface ComparedRecord extends Omit<ReducedRecord, 'written'>, FoundForm {
    /** Whether it is new, or replaces what is there. */
    readonly isStaged: boolean
}

async function compareAndStage(
    { store, chain, generations, accepted, findings }: ChainToReduce,
    { hash, value, position }: Reduction & { readonly position: number },
    { target, replace }: Pick<ReduceOptions, 'replace'> & { readonly target: Target | undefined },
): Promise<ComparedRecord> {
    const { reductionFiles } = target ?? store
    const generation = generations['2018-11'] > 0 ? await generationAt(chain, position) : '2019-04'
    const content = serializeReduction({ hash, value }, generation)
    const locked = { ...store, reductionFiles }
    const stored = await readReduction(locked, hash)
    const isThere = stored !== undefined && !(isFinding(stored) && (await hasNoContent(locked, hash)))
    // The form may be an older one: what counts is the value.
    const isEqual = isThere && !isFinding(stored) && isSameState(stored.value, value)
    // Of a difference that means nothing, whoever thinks of --replace should know.
    const ofAppBefore = accepted !== undefined && position < accepted.position ? accepted : undefined
    if (isThere && !isFinding(stored) && differsInJsonErrorsOnly(stored.value, value)) {
        const different = differentReduction(stored, value, chain.oldestParent === genesis)
        findings.push(ofAppBefore === undefined ? different : noteOfAppBefore(different, ofAppBefore))
    }
    const outcome = isEqual ? 'equal' : isThere ? 'differs' : 'new'
    if (outcome === 'differs' && replace === true && ofAppBefore !== undefined)
        throw ofAnotherApp(hash, ofAppBefore)
    const isCurrent = isEqual && isWrittenForm(stored, generation)
    const isStaged = outcome === 'new' || (replace === true && !isCurrent)
    if (isStaged && target !== undefined) {
        const old = reductionFiles.get(hash)?.absolutePath
        if (old !== undefined) await refuseLink(old)
        const path = old ?? join(target.staging.root, 'reduction', hash)
        await target.staging.stageUnsynced(path, content, old)
    }
    const form = formWritten(generation)
    const place = { file: `reduction/${hash}`, offsetBytes: 0, sizeBytes: content.length }
    return { hash, position, outcome, sizeBytes: content.length, isStaged, form, place }
}

function ofAnotherApp(hash: CompositionHash, accepted: AcceptedChange): ComplogError {
    const place = { file: `reduction/${hash}`, offsetBytes: 0, sizeBytes: 0 }
    return new ComplogError(
        'state-not-understood',
        `The reduction of ${shortHash(hash)}… is not replaced: it is from before the record ${shortHash(accepted.hash)}…, with which a change of the app was accepted, so the app of before may be the only one that reads it. Nothing was written.`,
        {
            place,
            hint: 'Name a later record with --at. If nobody needs this one, move it out of `reduction/`.',
        },
    )
}

/**
 * Refuses a stop where the app does not read the state that the one there goes back to.
 * @returns takes what was replayed up to the stop; undefined where that is the start
 */
function refusingUnread(
    instance: ElmAppInstance,
    unreadStart: Finding | undefined,
): (replayed: Replayed | undefined) => Promise<void> {
    let read: CompositionHash | undefined
    return async (replayed) => {
        const record = replayed?.lastSetState?.record
        if (record !== undefined && record.hash === read) return
        read = record?.hash
        const unread = record === undefined ? unreadStart : await unreadSetState(instance, record)
        if (unread !== undefined) throw stateNotUnderstood(unread, hintToTakeOther)
    }
}

async function positionsToReduce(
    chain: Chain,
    head: number,
    options: ReduceOptions,
): Promise<readonly number[]> {
    const { every, at } = options
    if (every !== undefined) {
        if (!Number.isSafeInteger(every) || every < 1)
            throw new ComplogError('usage', '--every takes a whole number from 1.')
        return Array.from({ length: Math.floor(head / every) }, (_, i) => (i + 1) * every)
    }
    const position = at === undefined ? head : await positionOf({ chain, head }, at, options)
    return position === 0 ? [] : [position]
}

/** A reduction must not prove itself, so the start lies before the first one, where there is such a start. */
async function startBefore(
    { store, chain, findings }: ChainToReduce,
    first: number,
    options: ReduceOptions,
): Promise<RestoreStart> {
    const choice = { target: first, fromGenesis: options.fromGenesis, findings }
    try {
        return await chooseStart(store, chain, { ...choice, before: first })
    } catch (error) {
        if (!(error instanceof ComplogError) || error.code !== 'no-reduction' || options.fromGenesis === true)
            throw error
        return chooseStart(store, chain, choice)
    }
}

/** What a power failure leaves of a file that was not synced: it is empty, or filled up with zeros. */
async function hasNoContent(store: ProcessStore, hash: CompositionHash): Promise<boolean> {
    const file = store.reductionFiles.get(hash)
    if (file === undefined) return true
    for await (const piece of readPart(file.absolutePath, 0, file.sizeBytes))
        if (piece.some((byte) => byte !== 0)) return false
    return true
}
