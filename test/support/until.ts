// Waiting for what another process, or another part of this one, does in its own time.
import { setTimeout as sleep } from 'node:timers/promises'

/** Waits until something comes to a value that is not empty, and returns that. */
export async function until<T>(value: () => T): Promise<T> {
    const deadline = Date.now() + 120_000
    for (;;) {
        const found = value()
        if (found) return found
        if (Date.now() > deadline) throw new Error('It did not happen within 2 min.')
        await sleep(5)
    }
}
