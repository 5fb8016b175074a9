// Where the tables of all records lie in the memory that the threads share. Memory that nobody writes to costs nothing, so
// there is room for as many records as the log could have at most; those that it has take 52 bytes each.

/** Addresses in bytes. */
export interface RowLayout {
    /** Rows that there is room for. */
    readonly rowsMax: number
    readonly threads: number
    /** Per row: the first 8 bytes of its own hash, and the other 24. */
    readonly prefixesAt: number
    readonly restsAt: number
    /** Per row: the first 8 bytes of its parent's hash. Once the rows are ordered: 4 bytes rank each, then the path. */
    readonly parentPrefixesAt: number
    /** Per row, 4 bytes each: where in its piece the line begins, its size, and the row of its parent or -1. */
    readonly startsAt: number
    readonly sizesAt: number
    readonly parentsAt: number
    /** For the work of joining and ordering. */
    readonly tempAt: number
    readonly tempSizeBytes: number
    /** Per thread: room for the bytes of a piece, and for what is said about its rows. */
    readonly scratchesAt: number
    readonly sizeBytes: number
}

/** Set in a start: the reference reader took this line. */
export const oddLine = 0x8000_0000

const pageSizeBytes = 1 << 16
const pagesMax = 1 << 16
/** The shortest record that there can be, with its line end. */
const recordSizeBytesMin = 62
const rowSizeBytes = 52
/** What a row may take of the memory for joining and ordering, and what each thread takes in any case. */
const tempRowSizeBytes = 6
const tempThreadSizeBytes = 1 << 18
/** A piece with what its last line has beyond it, in the first part; 40 bytes for each record of it in the second. */
export const scratchDataSizeBytes = (1 << 20) + (1 << 17) + (1 << 12)
export const scratchSizeBytes = scratchDataSizeBytes + 19_200 * 40

/** The layout for a log of so many bytes; for as many rows as fit, where not all could. */
export function layOutRows(logSizeBytes: number, files: number, threads: number): RowLayout {
    const fixed = pageSizeBytes + threads * (scratchSizeBytes + tempThreadSizeBytes)
    const fit = Math.floor((pagesMax * pageSizeBytes - fixed) / (rowSizeBytes + tempRowSizeBytes))
    const most = Math.floor(logSizeBytes / recordSizeBytesMin) + files
    const rowsMax = Math.max(8, Math.min(fit, most)) & ~7
    let at = pageSizeBytes
    const take = (sizeBytes: number) => (at += sizeBytes) - sizeBytes
    const scratchesAt = take(threads * scratchSizeBytes)
    const prefixesAt = take(rowsMax * 8)
    const restsAt = take(rowsMax * 24)
    const parentPrefixesAt = take(rowsMax * 8)
    const startsAt = take(rowsMax * 4)
    const sizesAt = take(rowsMax * 4)
    const parentsAt = take(rowsMax * 4)
    const tempSizeBytes = rowsMax * tempRowSizeBytes + threads * tempThreadSizeBytes
    const tempAt = take(tempSizeBytes)
    return {
        rowsMax,
        threads,
        prefixesAt,
        restsAt,
        parentPrefixesAt,
        startsAt,
        sizesAt,
        parentsAt,
        tempAt,
        tempSizeBytes,
        scratchesAt,
        sizeBytes: at,
    }
}

export function pagesOf({ sizeBytes }: RowLayout): number {
    return Math.ceil(sizeBytes / pageSizeBytes)
}
