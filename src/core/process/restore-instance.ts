// Brings an app into the state in which its log left it, ready to go on.
import { type Chain, type ChosenChain, lastSetState, type Positions, recordAt } from '../check/chain.js'
import type { Finding } from '../composition/finding.js'
import { type CompositionHash, genesis } from '../composition/hash.js'
import type { ElmAppInstance, LoadedElmApp } from '../elm-app/elm-app.js'
import { ComplogError, type ErrorCode } from '../errors.js'
import type { WorkOptions } from '../progress.js'
import { rethrowAppError } from '../restore/app-errors.js'
import { replay } from '../restore/replay.js'
import { findTarget } from '../restore/restore-target.js'
import { chooseStart, enterStart, type RestoreStart } from '../restore/start.js'
import { type Understanding, understandingOf } from '../restore/understanding.js'
import { isNameOfHost, lastFileOfHost, logFileToAppendTo } from '../store/listing/log-file-name.js'
import type { ListedStore } from '../store/process-store.js'

/** An app in the state after the newest record of its log. */
export interface RestoredInstance {
    readonly instance: ElmAppInstance
    /** The newest record; genesis in an empty log. */
    readonly head: CompositionHash
    /** Records replayed: how far the reduction that was started from lies back. */
    readonly records: number
    readonly events: number
    readonly milliseconds: number
    /** Whether the app understands what it goes on from. */
    readonly understanding: Understanding
    /** When the reduction that it started from was written, in milliseconds since 1970; absent: none. */
    readonly reducedMilliseconds?: number | undefined
    /** What was noticed on the way and is not in the way. */
    readonly findings: readonly Finding[]
}

/**
 * Reads the log from its end, only as far as the nearest reduction.
 * @throws ComplogError where the log is not one chain, or the app fails
 */
export async function restoreInstance(
    store: ListedStore,
    app: LoadedElmApp,
    options: WorkOptions & { readonly now?: (() => Date) | undefined } = {},
): Promise<RestoredInstance> {
    const begin = performance.now()
    const { chain, position, findings: found } = await findTarget(store, { ...options, fromEnd: true })
    const now = options.now?.() ?? new Date()
    if (position > 0) await refuseHeadBehind(store, { chain, head: position }, now)
    const findings = [...found]
    const start = await chooseStart(store, chain, { target: position, findings })
    const wanted = { chain, app, range: { from: start.position + 1, to: position }, options }
    const restored = await replayed(wanted, start).catch((error: unknown) => replayedBehind(wanted, error))
    const reductionFile =
        start.kind === 'reduction' ? store.reductionFiles.get(start.reduction.hash) : undefined
    return {
        ...restored,
        head: position === 0 ? genesis : chain.head,
        milliseconds: performance.now() - begin,
        reducedMilliseconds: reductionFile?.modifiedMilliseconds,
        findings,
    }
}

/**
 * Nobody appends to a file that no host writes to. Where such a file holds the newest record, and sorts
 * behind the one that is appended to, the next record would stand before its parent: hosts would go on from
 * the older one.
 */
async function refuseHeadBehind(
    { logFiles }: ListedStore,
    { chain, head: position }: ChosenChain,
    now: Date,
): Promise<void> {
    if (logFiles.every(({ path }) => isNameOfHost(path))) return
    const next = logFileToAppendTo(lastFileOfHost(logFiles)?.path, now)
    const { place } = await recordAt(chain, position)
    if (isNameOfHost(place.file) || place.file < next) return
    throw new ComplogError(
        'not-in-order',
        `The newest record stands in a file that no host gives such a name, and that is read behind ${next}, where the next one would go.`,
        {
            place,
            hint: `Give it a name of a host that sorts behind the others, such as ${next}, and run the same command again.`,
        },
    )
}

/**
 * The same for a process that knows what it wrote last.
 * @throws ComplogError `store-changed` where the log ends with another record
 */
export async function restoreUpTo(
    expected: CompositionHash,
    store: ListedStore,
    app: LoadedElmApp,
): Promise<ElmAppInstance> {
    const { instance, head } = await restoreInstance(store, app)
    if (head === expected) return instance
    await instance.close()
    throw new ComplogError('store-changed', 'Another process wrote to the log of this one.', {
        hint: 'Find out which one: a log has one writer. Then start this one again.',
    })
}

interface Replay {
    readonly chain: Chain
    readonly app: LoadedElmApp
    readonly range: Positions
    readonly options: WorkOptions
}

type ReplayedInstance = Pick<RestoredInstance, 'instance' | 'records' | 'events' | 'understanding'>

async function replayed(
    { chain, app, range, options }: Replay,
    start: RestoreStart | undefined,
): Promise<ReplayedInstance> {
    const instance = await app.start().catch(rethrowAppError)
    try {
        const unreadStart = start && (await enterStart(instance, start))
        const done = await replay(chain, instance, { ...options, ...range })
        const understanding = await understandingOf(instance, unreadStart, done)
        return { instance, records: done.records, events: done.events, understanding }
    } catch (error) {
        await instance.close()
        throw error
    }
}

/**
 * Logs of before may hold events on which the app failed, and a record behind each that sets the state from
 * before it. What came before such a record matters no more, so a restore can begin there.
 */
async function replayedBehind(wanted: Replay, error: unknown): Promise<ReplayedInstance> {
    if (!(error instanceof ComplogError) || !failuresOfApps.has(error.code)) throw error
    const last = await lastSetState(wanted.chain, wanted.range, wanted.options)
    if (last === undefined) throw error
    return replayed({ ...wanted, range: { ...wanted.range, from: last.position } }, undefined)
}

const failuresOfApps: ReadonlySet<ErrorCode> = new Set(['app-threw', 'app-timed-out', 'app-out-of-memory'])
