// The main job: from a process store to the state that the app last had.
import type { Chain } from '../check/chain.js'
import { type CheckedLog, checkLog } from '../check/check-log.js'
import { chooseChain, positionOf } from '../check/choose-chain.js'
import type { Finding } from '../composition/finding.js'
import { type CompositionHash, genesis } from '../composition/hash.js'
import type { Ref } from '../composition/ref.js'
import type { ElmAppInstance, LoadedElmApp } from '../elm-app/elm-app.js'
import { ComplogError, type Place } from '../errors.js'
import type { ProcessStore } from '../store/process-store.js'
import { appError } from './app-errors.js'
import { readChainFromEnd } from './from-end.js'
import { type ReplayOptions, replay } from './replay.js'
import { chooseStart, enterStart } from './start.js'

/** What to restore, and from where. */
export interface RestoreOptions extends Omit<ReplayOptions, 'stops' | 'onStop'> {
    /** Stop after this record; default: the head. */
    readonly until?: Ref | undefined
    /** Which record counts as the head, where the log leaves a choice. */
    readonly head?: Ref | undefined
    /** Ignore reductions. */
    readonly fromGenesis?: boolean | undefined
    /**
     * Read backwards from the last line, only as far as the nearest reduction, as a host does at start. Trusts the last
     * line to be the head, unless what is read shows otherwise: then the whole log is read after all.
     */
    readonly fromEnd?: boolean | undefined
}

/** A restored state, and how it came about. */
export interface Restored {
    /** The state, as the app's serializeState gives it. */
    readonly state: string
    readonly start:
        | { readonly kind: 'initial-state' }
        | { readonly kind: 'reduction'; readonly hash: CompositionHash; readonly position: number | null }
    /** The record whose state this is; genesis in an empty log. */
    readonly hash: CompositionHash
    /** Number of that record in the chain; null where the log was read from its end and nobody counted. */
    readonly position: number | null
    /** What was replayed. */
    readonly records: number
    readonly events: number
    readonly setStates: number
    readonly decodeErrors: number
    readonly firstDecodeError: {
        readonly place: Place
        readonly hash: CompositionHash
        readonly eventIndex: number
    } | null
    /** Whether the whole log was read backwards only as far as needed. */
    readonly fromEnd: boolean
    /** Records met on the way from the end that are no ancestors of the last line; above 0, the whole log was read. */
    readonly strangers: number
    /** What was noticed on the way, none of it in the way of the state. */
    readonly findings: readonly Finding[]
    readonly milliseconds: RestoreTimes
    /** Heap of the app's thread at its highest, bytes. */
    readonly peakHeapBytes: number
}

/** Milliseconds that each phase of a restore took. */
export interface RestoreTimes {
    /** Reading and hashing the log before the replay. */
    readonly read: number
    /** Finding the order of the records, where the lines do not show it. */
    readonly order: number
    /** Starting the app, and setting the state of the reduction. */
    readonly load: number
    readonly replay: number
    readonly serialize: number
    readonly total: number
}

/**
 * Restores the state of a process store.
 * @throws ComplogError where the log leaves a choice (`two-heads`), is broken (`broken-chain`, `torn-tail`,
 * `no-reduction`), or the app fails (`app-threw`, `app-timed-out`, `app-out-of-memory`); `usage` where options
 * contradict each other
 */
export async function restore(
    store: ProcessStore,
    app: LoadedElmApp,
    options: RestoreOptions = {},
): Promise<Restored> {
    refuseContradiction(options)
    const clock = new Clock()
    const findings: Finding[] = []
    const { chain, target, fromEnd, strangers, order } = await findTarget(store, findings, options)
    const read = clock.lap() - order

    const onFinding = (found: Finding) => void findings.push(found)
    const start = await chooseStart(store, chain, { target, fromGenesis: options.fromGenesis, onFinding })
    const instance = await app.start().catch(rethrowAppError)
    try {
        await enterStart(instance, start, onFinding)
        const load = clock.lap()
        const replayed = await replay(chain, instance, start.position + 1, target, options)
        const replaying = clock.lap()
        const state = await serialize(instance)
        const serializing = clock.lap()
        const hash = await hashAt(chain, target)
        const first = replayed.firstDecodeError
        return {
            state,
            start:
                start.kind === 'initial-state'
                    ? { kind: start.kind }
                    : {
                          kind: start.kind,
                          hash: start.reduction.hash,
                          position: fromEnd ? null : start.position,
                      },
            hash,
            position: fromEnd ? null : target,
            records: replayed.records,
            events: replayed.events,
            setStates: replayed.setStates,
            decodeErrors: replayed.decodeErrors,
            firstDecodeError: first
                ? { place: first.record.place, hash: first.record.hash, eventIndex: first.eventIndex }
                : null,
            fromEnd,
            strangers,
            findings,
            milliseconds: {
                read,
                order,
                load,
                replay: replaying,
                serialize: serializing,
                total: clock.total(),
            },
            peakHeapBytes: instance.peakHeapBytes,
        }
    } finally {
        await instance.close()
    }
}

/** Read from its end, a log has no other head or target than its last line, and no beginning. */
function refuseContradiction({ fromEnd, fromGenesis, until, head }: RestoreOptions): void {
    if (fromEnd !== true || (fromGenesis !== true && until === undefined && head === undefined)) return
    throw new ComplogError(
        'usage',
        'A restore from the end of the log takes neither fromGenesis, until nor head.',
    )
}

interface Target {
    readonly chain: Chain
    readonly target: number
    readonly fromEnd: boolean
    readonly strangers: number
    readonly order: number
}

async function findTarget(
    store: ProcessStore,
    findings: Finding[],
    options: RestoreOptions,
): Promise<Target> {
    let strangers = 0
    if (options.fromEnd === true) {
        const fromEnd = await readChainFromEnd(store, options)
        strangers = fromEnd.strangers
        if (strangers === 0) {
            return { chain: fromEnd.chain, target: fromEnd.chain.length, fromEnd: true, strangers, order: 0 }
        }
    }
    const checked: CheckedLog = await checkLog(store, options)
    findings.push(...checked.findings.list)
    const { chain, head } = await chooseChain(checked, options.head, options)
    const target = options.until === undefined ? head : await positionOf(chain, head, options.until, options)
    return { chain, target, fromEnd: false, strangers, order: checked.milliseconds.order }
}

async function hashAt(chain: Chain, position: number): Promise<CompositionHash> {
    if (position === 0) return genesis
    if (position === chain.length) return chain.head
    for await (const [record] of chain.read(position, position)) if (record) return record.hash
    return genesis
}

async function serialize(instance: ElmAppInstance): Promise<string> {
    try {
        return await instance.serializeState()
    } catch (error) {
        throw appError(error)
    }
}

export function rethrowAppError(error: unknown): never {
    throw appError(error)
}

/** Milliseconds of one phase after the other. */
export class Clock {
    readonly #begin = performance.now()
    #last = this.#begin

    lap(): number {
        const before = this.#last
        this.#last = performance.now()
        return this.#last - before
    }

    total(): number {
        return performance.now() - this.#begin
    }
}
