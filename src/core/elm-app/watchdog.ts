// An app in an endless loop cannot answer, so its thread's position is looked at from outside, often enough to be
// precise and seldom enough to cost nothing.

import type { Position } from './worker-protocol.js'

const intervalMillisecondsMin = 5
const intervalMillisecondsMax = 500

/** Watches a position while it runs; reports one that stayed the same for longer than the bound. */
export class Watchdog {
    readonly #read: () => Position
    readonly #millisecondsMax: number
    readonly #onTimeout: (position: Position) => void
    readonly #intervalMilliseconds: number
    #timer: NodeJS.Timeout | undefined
    #lastLook = 0
    #seen: Position | undefined
    #spentMilliseconds = 0

    constructor(read: () => Position, millisecondsMax: number, onTimeout: (position: Position) => void) {
        this.#read = read
        this.#millisecondsMax = millisecondsMax
        this.#onTimeout = onTimeout
        this.#intervalMilliseconds = Math.min(
            Math.max(millisecondsMax / 10, intervalMillisecondsMin),
            intervalMillisecondsMax,
        )
    }

    start(): void {
        if (this.#timer !== undefined) return
        this.#seen = undefined
        this.#lastLook = performance.now()
        this.#timer = setInterval(() => this.#look(), this.#intervalMilliseconds).unref()
    }

    stop(): void {
        clearInterval(this.#timer)
        this.#timer = undefined
    }

    #look(): void {
        const now = performance.now()
        // A process that was stopped for a while must not cost the app all of its time.
        const elapsed = Math.min(now - this.#lastLook, this.#millisecondsMax / 2)
        this.#lastLook = now
        const position = this.#read()
        if (position.phase === 'idle' || !isSame(position, this.#seen)) {
            this.#seen = position
            this.#spentMilliseconds = 0
            return
        }
        this.#spentMilliseconds += elapsed
        if (this.#spentMilliseconds < this.#millisecondsMax) return
        this.stop()
        this.#onTimeout(position)
    }
}

function isSame(one: Position, other: Position | undefined): boolean {
    return one.call === other?.call && one.phase === other.phase && one.inputIndex === other.inputIndex
}
