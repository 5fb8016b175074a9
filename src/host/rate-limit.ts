// How many requests one client may send in a while, told apart by the address of its connection.
import { isIPv4 } from 'node:net'

export interface RateLimitSettings {
    /** Requests that may pass within each window. */
    readonly limit: number
    readonly windowMilliseconds: number
}

/** Clients that are remembered before those who have long been silent are looked for. */
const clientsMax = 10_000

export class RateLimit {
    readonly #settings: RateLimitSettings
    /** When the last requests of each client passed, the oldest first; no more than `limit` of them. */
    readonly #passes = new Map<string, number[]>()
    #forgetAt = clientsMax

    constructor(settings: RateLimitSettings) {
        this.#settings = settings
    }

    /**
     * Whether a request may pass. One that may not does not count.
     * @param nowMilliseconds of a clock that never goes back
     */
    passes(address: string | undefined, nowMilliseconds: number): boolean {
        const { limit, windowMilliseconds } = this.#settings
        if (limit <= 0 || windowMilliseconds <= 0) return true
        const client = clientOf(address ?? '')
        const passes = this.#passes.get(client) ?? []
        while (passes.length > 0 && nowMilliseconds - (passes[0] as number) >= windowMilliseconds)
            passes.shift()
        if (passes.length >= limit) return false
        passes.push(nowMilliseconds)
        this.#passes.set(client, passes)
        if (this.#passes.size > this.#forgetAt) this.#forget(nowMilliseconds)
        return true
    }

    /** Forgets who has been silent for a window, or many addresses would fill the memory. */
    #forget(nowMilliseconds: number): void {
        for (const [client, passes] of this.#passes) {
            if (nowMilliseconds - (passes.at(-1) as number) >= this.#settings.windowMilliseconds) {
                this.#passes.delete(client)
            }
        }
        // So that the work stays small beside what made it necessary.
        this.#forgetAt = Math.max(clientsMax, 2 * this.#passes.size)
    }
}

/** An address of IPv4 is the same client, in whatever form it is given. */
function clientOf(address: string): string {
    const mapped = address.replace(/^::ffff:/i, '')
    return isIPv4(mapped) ? mapped : address
}
