// Where everything lies in the module's memory. JavaScript reads these numbers from the module's exports, so
// this is the only place that knows them.

/**
 * Bytes of a log that are held at a time: a piece, and what the last line that begins in it has beyond it.
 */
export const dataSizeBytes: i32 = (1 << 20) + (1 << 17)
/**
 * The shortest record that there can be has 62 bytes with its line end; a line that is not held makes one
 * more.
 */
export const recordsMax: i32 = dataSizeBytes / 62 + 2
/** Bits of the filter that tells which records a reduction may be named after. */
export const filterBits: i32 = 1 << 19

/** What `scan` found beside records: see ./scan. */
export const reportAt: i32 = 1 << 14
/**
 * What the module writes down at its start: texts that lines are compared with, and words while it hashes.
 */
export const textsAt: i32 = reportAt + 64
export const hashingAt: i32 = textsAt + 1024

const tables: i32 = 1 << 16
/** Texts that JavaScript looks for: see ./find. */
export const wantedSizeBytes: i32 = 1 << 10
export const wantedAt: i32 = tables - wantedSizeBytes

/**
 * Per record: offset of its first byte in the module's memory, and its size in bytes; 0 where it is hashed
 * already.
 */
export const startsAt: i32 = tables
export const sizesAt: i32 = startsAt + recordsMax * 4
/** Per record: the 32 bytes of its parent's hash, and of its own. */
export const parentsAt: i32 = (sizesAt + recordsMax * 4 + 15) & ~15
export const hashesAt: i32 = parentsAt + recordsMax * 32
/** Records by number of blocks, while they are hashed; then those that the filter lets through. */
export const orderAt: i32 = hashesAt + recordsMax * 32
export const filterAt: i32 = (orderAt + recordsMax * 4 + 15) & ~15
export const dataAt: i32 = (filterAt + filterBits / 8 + 15) & ~15
/** Vectors are loaded beyond the last byte of data, and stored beyond the last byte of a text. */
const paddingSizeBytes: i32 = 256
/**
 * Packed inputs: an entry each, and their text. The shortest input takes three bytes of data, its quotes and
 * a comma.
 */
export const inputsMax: i32 = dataSizeBytes / 3 + 1
export const entriesAt: i32 = (dataAt + dataSizeBytes + paddingSizeBytes + 15) & ~15
export const packedTextAt: i32 = entriesAt + inputsMax * 4
export const memorySizeBytes: i32 = packedTextAt + dataSizeBytes + paddingSizeBytes

memory.grow((memorySizeBytes + 0xffff) / 0x10000 - memory.size())
