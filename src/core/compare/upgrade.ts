// Whether another version of an app would go on from what the old one stored: it must read the old one's
// states without losing anything of them.
import { hashAt } from '../check/chain.js'
import { type CompositionHash } from '../composition/hash.js'
import { AppFailure, type ElmAppInstance, type LoadedElmApp } from '../elm-app/elm-app.js'
import { throwIfInterrupted } from '../interruption.js'
import { ReplayedStates } from '../restore/replayed-states.js'
import type { ListedStore } from '../store/process-store.js'
import { type Compared, type ComparedApps, type CompareOptions, compare } from './compare.js'
import { Divergences, pathsOf } from './divergences.js'

/** What becomes of a part of OLD's states when NEW reads and writes them. */
export interface StateChange {
    /** `lost`: NEW does not write it. `reset`: it writes another value. `added`: OLD has no such part. */
    readonly change: 'lost' | 'reset' | 'added'
    /** JSON pointer, with `*` for the items of lists; empty for all of it. */
    readonly path: string
    /** In how many of the states. */
    readonly states: number
    /** The first of these, and what stood there in OLD's and stands in NEW's, as JSON. */
    readonly first: { readonly hash: CompositionHash; readonly position: number }
    readonly before: string | null
    readonly after: string | null
}

/** A state of OLD's on which NEW failed. */
export interface UnreadState {
    readonly hash: CompositionHash
    readonly position: number
    readonly failure: string
}

/** What became of the states that OLD stored, in NEW. */
export interface Upgraded {
    /** Whether NEW reads all that it was given, and loses nothing of it. */
    readonly survives: boolean
    /** States of OLD's that NEW was given. */
    readonly states: number
    readonly changes: readonly StateChange[]
    readonly unread: readonly UnreadState[]
    /** What came of the last events, from OLD's state before them; null where there are none. */
    readonly last: Compared | null
}

/** Beside those of the head and of reductions. */
const samples = 16
const lastRecords = 100
const changesMax = 1000

/**
 * Gives NEW the states that OLD had, at the head, at each reduction and at some records between, and then
 * the last events.
 * @throws ComplogError as `restore` does
 */
export async function compareUpgrade(
    store: ListedStore,
    apps: ComparedApps,
    options: CompareOptions = {},
): Promise<Upgraded> {
    await using states = await ReplayedStates.replay(store, apps.before, options)
    const read = new ReadByNew(apps.after, options.ignored ?? [])
    try {
        for (const position of positionsToRead(states)) {
            throwIfInterrupted(options.signal)
            await read.state(await states.at(position), {
                hash: await hashAt(states.chain, position),
                position,
            })
        }
    } finally {
        await read.close()
    }
    const last = await lastEvents(store, apps, { ...options, states })
    const { changes, unread, count } = read
    const isLost = changes.some(({ change }) => change !== 'added') || unread.length > 0
    const survives = !isLost && (last?.totals.failures ?? 0) === 0
    return { survives, states: count, changes, unread, last }
}

function positionsToRead(states: ReplayedStates): readonly number[] {
    const { chain, from, to } = states
    const between = Array.from({ length: samples }, (_, i) =>
        states.atHand(from + Math.round(((to - from) * (i + 1)) / (samples + 1))),
    )
    const reduced = [...chain.reduced.values()].filter((position) => position >= from && position <= to)
    return [...new Set([...reduced, ...between, to])].sort((a, b) => a - b)
}

async function lastEvents(
    store: ListedStore,
    apps: ComparedApps,
    { states, ...options }: CompareOptions & { readonly states: ReplayedStates },
): Promise<Compared | null> {
    const position = Math.max(1, states.from, states.to - lastRecords)
    if (position >= states.to) return null
    return compare(store, apps, { ...options, from: { kind: 'number', position } })
}

/** NEW, and what it makes of states. */
class ReadByNew {
    readonly #app: LoadedElmApp
    readonly #compared: Divergences
    readonly #changes = new Map<string, StateChange>()
    readonly unread: UnreadState[] = []
    count = 0
    #instance: ElmAppInstance | undefined

    constructor(app: LoadedElmApp, ignored: readonly string[]) {
        this.#app = app
        this.#compared = new Divergences(ignored)
    }

    get changes(): readonly StateChange[] {
        return [...this.#changes.values()]
    }

    async state(state: string, first: StateChange['first']): Promise<void> {
        this.count += 1
        try {
            this.#instance ??= await this.#app.start()
            this.#add(state, await this.#instance.roundTrip(state), first)
        } catch (error) {
            if (!(error instanceof AppFailure)) throw error
            this.unread.push({ ...first, failure: error.message })
            await this.close()
        }
    }

    async close(): Promise<void> {
        await this.#instance?.close()
        this.#instance = undefined
    }

    #add(state: string, written: string, first: StateChange['first']): void {
        const difference = this.#compared.between(state, written)
        if (difference === undefined) return
        const counted = new Set<string>()
        for (const change of difference.changes) {
            const path =
                'pointer' in change ? (pathsOf({ form: 'json', changes: [change], more: 0 })[0] ?? '') : ''
            const { before = null, after = null } = change
            const isMoved = before === null && after === null
            const kind = isMoved ? 'reset' : after === null ? 'lost' : before === null ? 'added' : 'reset'
            const key = JSON.stringify([kind, path])
            if (counted.has(key) || this.#changes.size >= changesMax) continue
            counted.add(key)
            const known = this.#changes.get(key)
            const next = known ?? { change: kind, path, states: 0, first, before, after }
            this.#changes.set(key, { ...next, states: next.states + 1 })
        }
    }
}
