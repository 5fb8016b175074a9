// Every bound complog works within, in one place, with its unit in the name.

/** Bounds a caller may move. */
export interface Limits {
    /** The longest line of a log that is read as a record; longer ones are the finding `oversized-line`. */
    readonly lineSizeBytesMax: number
    /** The longest time the app may take for one event, one state or its own start, in milliseconds. */
    readonly eventTimeMillisecondsMax: number
    /** The JavaScript heap that the app may grow to, in MiB; and as much again in ArrayBuffers. */
    readonly appHeapMebibytesMax: number
}

/** What holds where the caller moves no bound. */
export const defaultLimits: Limits = {
    // Half of the longest string that V8 can hold (2^29 - 24 characters), so that a parsed record always
    // fits.
    lineSizeBytesMax: 256 * 1024 * 1024,
    eventTimeMillisecondsMax: 60_000,
    appHeapMebibytesMax: 4096,
}

/** Bytes read from a file at a time. */
export const chunkSizeBytes = 1024 * 1024

/** Findings of one id that are kept with their places; the count goes on beyond it. */
export const findingsPerIdMax = 1000

/** A reduction is one string in memory, so it is bound like a line. */
export const reductionSizeBytesMax = 512 * 1024 * 1024

/**
 * The longest response or serialised state that is taken from an app, in characters (UTF-16 code units). It
 * is copied from thread to thread and escaped, and what comes of that must still be one string.
 */
export const appTextCharactersMax = 128 * 1024 * 1024

/** Files in one log. */
export const logFilesMax = 1_000_000

/** How deep folders may be nested below `composition/`. */
export const folderDepthMax = 64

/** What an app in a zip or a folder may hold. */
export const appFilesMax = 10_000
export const appFileSizeBytesMax = 64 * 1024 * 1024
export const appTotalSizeBytesMax = 256 * 1024 * 1024
/** A zip that unpacks to more than this many times its own size is refused as a bomb. */
export const zipRatioMax = 200

/** How long `elm make` may take, in milliseconds. */
export const compileTimeMillisecondsMax = 10 * 60_000

/** The longest value of a store of 2020-05 or later, unpacked. */
export const valueSizeBytesMax = 256 * 1024 * 1024

/** The longest log file of such a store, which holds what one minute or hour brought. */
export const laterLogFileSizeBytesMax = 1024 * 1024 * 1024
