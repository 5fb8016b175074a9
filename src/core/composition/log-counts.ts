import type { Generation } from './record.js'

/** What a log holds, in numbers. */
export interface LogCounts {
    readonly files: number
    readonly sizeBytes: number
    readonly records: number
    readonly events: number
    readonly setStates: number
    readonly generations: Readonly<Record<Generation, number>>
    /** Lines that are no record: malformed, not UTF-8, oversized, torn. */
    readonly unreadableLines: number
}
