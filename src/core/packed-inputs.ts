// How inputs for an app lie in memory that threads share: whoever reads a log packs them, and the app's
// thread takes strings out of it, which costs a fraction of sending strings from thread to thread.

/** Events to process and states to set, in order: a table with an entry for each, and their text. */
export interface PackedInputs {
    readonly buffer: SharedArrayBuffer
    /** Where the table begins: 32 bits an input, as the machine stores them; a multiple of 4. */
    readonly tableAtBytes: number
    /** Where the text of the first input begins; that of each other one follows directly. */
    readonly textAtBytes: number
    /** Number of inputs. */
    readonly length: number
    /** How many of them are states to set. */
    readonly setStates: number
    /** Whether each record has one, so that an input's number tells its record. */
    readonly isOneEach: boolean
    /** The inputs of which the text is not in the buffer, in order. */
    readonly strings: readonly string[]
}

/** The inputs of some records of a chain, one behind the other. */
export interface PackedRecords {
    readonly inputs: PackedInputs
    readonly records: number
    /** Position of the first of them in the chain. */
    readonly firstPosition: number
    /** Says, in the order in which they came, that the inputs were used: later ones need their memory. */
    readonly release: () => void
}

/** The parts of an entry: the size of the text in bytes, and flags. */
export const packedSizeMask = 0x0fff_ffff
/** A state to set, not an event. */
export const packedSetState = 0x1000_0000
/** The text is UTF-8, and not ASCII alone. */
export const packedNotAscii = 0x2000_0000
/** The text is the next one of `strings`. Its size is 0 here. */
export const packedAsString = 0x4000_0000

/** Characters that are taken out at a time, so that many short inputs become slices of one string. */
const groupSizeBytesMax = 1024

/**
 * Takes strings out, a few at a time: `text` holds those up to `groupEnd`. A slice keeps the whole text of
 * its group alive, so `separateStrings` makes a group of each input where the app keeps what it is given.
 */
export class PackedReader {
    readonly #inputs: PackedInputs
    readonly #bytes: Buffer
    readonly #separateStrings: boolean
    readonly table: Uint32Array
    text = ''
    groupEnd = 0
    #at: number
    #strings = 0

    constructor(inputs: PackedInputs, separateStrings: boolean) {
        this.#inputs = inputs
        this.#separateStrings = separateStrings
        this.#bytes = Buffer.from(inputs.buffer)
        this.table = new Uint32Array(inputs.buffer, inputs.tableAtBytes, inputs.length)
        this.#at = inputs.textAtBytes
    }

    /** Moves on to the group that begins with the input at `groupEnd`. */
    nextGroup(): void {
        const { table } = this
        const at = this.#at
        const first = table[this.groupEnd] as number
        this.groupEnd += 1
        if ((first & packedAsString) !== 0) {
            this.text = this.#inputs.strings[this.#strings++] as string
            return
        }
        this.#at += first & packedSizeMask
        if ((first & packedNotAscii) !== 0) {
            this.text = this.#bytes.toString('utf8', at, this.#at)
            return
        }
        while (!this.#separateStrings && this.groupEnd < table.length) {
            const entry = table[this.groupEnd] as number
            const end = this.#at + (entry & packedSizeMask)
            if (entry >= packedNotAscii || end - at > groupSizeBytesMax) break
            this.#at = end
            this.groupEnd += 1
        }
        this.text = this.#bytes.toString('latin1', at, this.#at)
    }
}

/** Goes through all inputs, in their order. */
export function forEachPacked(
    inputs: PackedInputs,
    visit: (text: string, isSetState: boolean) => void,
): void {
    const reader = new PackedReader(inputs, false)
    for (let index = 0; index < inputs.length;) {
        reader.nextGroup()
        const { text, groupEnd, table } = reader
        const isAlone = groupEnd === index + 1
        for (let at = 0; index < groupEnd; index++) {
            const entry = table[index] as number
            const end = at + (entry & packedSizeMask)
            visit(isAlone ? text : text.slice(at, end), (entry & packedSetState) !== 0)
            at = end
        }
    }
}
