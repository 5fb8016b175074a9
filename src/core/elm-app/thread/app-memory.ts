// What the app's thread holds. V8 bounds its own heap, but not what lies in ArrayBuffers: that is looked at
// after each batch, and from outside while an event runs (watchdog.ts).

import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import { bytesPerMebibyte } from './batch-size.js'

/** Growth of the heap that may be anything: garbage, a small state. */
const keptSizeBytesMax = 24 * bytesPerMebibyte

/** ArrayBuffers that nobody holds any more stay until V8 collects them, which it does every 64 MiB. */
const uncollectedSizeBytesMax = 128 * bytesPerMebibyte

export class TooMuchMemory extends Error {
    override readonly name = 'TooMuchMemory'
}

/** The memory of the thread in which it is made. */
export class AppMemory {
    readonly #boundMebibytes: number
    #startHeapBytes = 0

    /** @param boundMebibytes what the app may hold in ArrayBuffers */
    constructor(boundMebibytes: number) {
        this.#boundMebibytes = boundMebibytes
    }

    /** The heap that is there now is not the app's. */
    begin(): void {
        this.#startHeapBytes = this.check()
    }

    /** Whether the app may be keeping what it is given: that should keep no more alive than itself. */
    get isKeepingMuch(): boolean {
        return this.check() > this.#startHeapBytes + keptSizeBytesMax
    }

    /**
     * @returns how much of V8's heap is in use, in bytes
     * @throws TooMuchMemory
     */
    check(): number {
        const { used_heap_size: heapUsedBytes, external_memory: outsideBytes } = getHeapStatistics()
        const boundBytes = this.#boundMebibytes * bytesPerMebibyte + uncollectedSizeBytesMax
        if (outsideBytes <= boundBytes) return heapUsedBytes
        throw new TooMuchMemory(`its ArrayBuffers grew beyond ${this.#boundMebibytes} MiB`)
    }
}

/**
 * Has V8 look for garbage now. The function for it is there only in contexts that are made while the flag is
 * set, so no app can call it.
 */
export function collectGarbage(): void {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('globalThis.gc') as (() => void) | undefined
    setFlagsFromString('--no-expose-gc')
    collect?.()
}
