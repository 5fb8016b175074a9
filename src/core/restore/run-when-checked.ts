// The way of a restore that is always right: the log is checked and ordered as a whole, then the app is
// started and fed with what comes behind the start.
import type { Finding } from '../composition/finding.js'
import type { ElmAppInstance, LoadedElmApp } from '../elm-app/elm-app.js'
import type { ListedStore } from '../store/process-store.js'
import { rethrowAppError } from './app-errors.js'
import { type Replayed, type ReplayOptions, replay } from './replay.js'
import { findTarget, type RestoreTarget, type TargetOptions } from './restore-target.js'
import { chooseStart, enterStart, type RestoreStart } from './start.js'

/** What to restore, from where, and who takes what comes of it. */
export interface RestoreOptions extends TargetOptions, Omit<ReplayOptions, 'stops' | 'onStop'> {}

/** An app in the state of the target, and how it got there. Whoever takes it must close the app. */
export interface RanRestore {
    readonly target: RestoreTarget
    readonly start: RestoreStart
    readonly instance: ElmAppInstance
    readonly replayed: Replayed
    /** What is wrong with the reduction that it started from. */
    readonly unreadStart: Finding | undefined
    readonly findings: readonly Finding[]
    readonly milliseconds: Omit<RestoreTimes, 'serialize' | 'total'>
}

/** Milliseconds that each phase of a restore took. */
export interface RestoreTimes {
    /** Reading and hashing the log before the replay; 0 where the replay did it by the way. */
    readonly read: number
    /** Finding the order of the records, where the lines do not show it. */
    readonly order: number
    /** Starting the app, and setting the state of the reduction. */
    readonly load: number
    readonly replay: number
    readonly serialize: number
    readonly total: number
}

export async function runWhenChecked(
    store: ListedStore,
    app: LoadedElmApp,
    options: RestoreOptions,
): Promise<RanRestore> {
    const clock = new Clock()
    const target = await findTarget(store, options)
    const { chain, position, orderMilliseconds: order } = target
    const findings = [...target.findings]
    const read = clock.lap() - order

    const { fromGenesis } = options
    const start = await chooseStart(store, chain, { target: position, fromGenesis, findings })
    const instance = await app.start().catch(rethrowAppError)
    try {
        const unreadStart = await enterStart(instance, start)
        const load = clock.lap()
        const replayed = await replay(chain, instance, { ...options, from: start.position + 1, to: position })
        const milliseconds = { read, order, load, replay: clock.lap() }
        return { target, start, instance, replayed, unreadStart, findings, milliseconds }
    } catch (error) {
        await instance.close()
        throw error
    }
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
