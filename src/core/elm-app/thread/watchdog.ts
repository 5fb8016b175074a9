// An app in an endless loop cannot answer, and one that fills ArrayBuffers is stopped by nothing in V8. So
// its thread is looked at from outside, often enough to be precise and seldom enough to cost nothing.

import type { Position } from './worker-protocol.js'

const intervalMillisecondsMin = 5
const intervalMillisecondsMax = 100

export interface WatchdogOptions {
    readonly read: () => Position
    /** How long a position may stay the same. */
    readonly millisecondsMax: number
    readonly onTimeout: (position: Position) => void
    /** By how much the process may grow from the first look on, without what the caller's thread holds. */
    readonly grownBytesMax: number
    readonly onGrown: (position: Position) => void
}

/** Watches a position, and the memory of the process, while the app works; reports once and stops. */
export class Watchdog {
    readonly #options: WatchdogOptions
    readonly #intervalMilliseconds: number
    #timer: NodeJS.Timeout | undefined
    #lastLook = 0
    #seen: Position | undefined
    #spentMilliseconds = 0
    #atFirst: { readonly process: number; readonly own: number } | undefined
    #mostOwnBytes = 0

    constructor(options: WatchdogOptions) {
        this.#options = options
        this.#intervalMilliseconds = Math.min(
            Math.max(options.millisecondsMax / 10, intervalMillisecondsMin),
            intervalMillisecondsMax,
        )
    }

    start(): void {
        if (this.#timer !== undefined) return
        this.#seen = undefined
        this.#atFirst = undefined
        this.#mostOwnBytes = 0
        this.#lastLook = performance.now()
        this.#timer = setInterval(() => this.#look(), this.#intervalMilliseconds).unref()
    }

    stop(): void {
        clearInterval(this.#timer)
        this.#timer = undefined
    }

    #look(): void {
        const { millisecondsMax, onTimeout, onGrown } = this.#options
        const now = performance.now()
        // A process that was stopped for a while must not cost the app all of its time.
        const elapsed = Math.min(now - this.#lastLook, millisecondsMax / 2)
        this.#lastLook = now
        const position = this.#options.read()
        if (position.phase !== 'idle' && this.#hasGrown()) {
            this.stop()
            onGrown(position)
            return
        }
        if (position.phase === 'idle' || !isSame(position, this.#seen)) {
            this.#seen = position
            this.#spentMilliseconds = 0
            return
        }
        this.#spentMilliseconds += elapsed
        if (this.#spentMilliseconds < millisecondsMax) return
        this.stop()
        onTimeout(position)
    }

    #hasGrown(): boolean {
        const { rss, heapTotal, external } = process.memoryUsage()
        const own = heapTotal + external
        this.#atFirst ??= { process: rss, own }
        // The most, because what the caller gave back may still count as the process's.
        this.#mostOwnBytes = Math.max(this.#mostOwnBytes, own)
        const ownGrown = this.#mostOwnBytes - this.#atFirst.own
        return rss - this.#atFirst.process - ownGrown > this.#options.grownBytesMax
    }
}

function isSame(one: Position, other: Position | undefined): boolean {
    return one.call === other?.call && one.phase === other.phase && one.inputIndex === other.inputIndex
}
