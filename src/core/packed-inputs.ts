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
 * Goes through all inputs, in their order. They are taken out some at a time, as slices of one string, which
 * keep all of it alive: `separateStrings` takes each by itself, for who keeps what it is given.
 */
export function forEachPacked(
    { buffer, tableAtBytes, textAtBytes, length, strings }: PackedInputs,
    visit: (text: string, isSetState: boolean, index: number) => void,
    separateStrings = false,
): void {
    const bytes = Buffer.from(buffer)
    const table = new Uint32Array(buffer, tableAtBytes, length)
    const isSetState = (entry: number) => (entry & packedSetState) !== 0
    let textEnd = textAtBytes
    let nextString = 0
    for (let index = 0; index < length; ) {
        const first = table[index] as number
        if ((first & packedAsString) !== 0) {
            visit(strings[nextString++] as string, isSetState(first), index++)
            continue
        }
        const begin = textEnd
        const isAscii = (first & packedNotAscii) === 0
        textEnd += first & packedSizeMask
        let groupEnd = index + 1
        while (isAscii && !separateStrings && groupEnd < length) {
            const entry = table[groupEnd] as number
            const end = textEnd + (entry & packedSizeMask)
            if (entry >= packedNotAscii || end - begin > groupSizeBytesMax) break
            textEnd = end
            groupEnd += 1
        }
        const text = bytes.toString(isAscii ? 'latin1' : 'utf8', begin, textEnd)
        const isAlone = groupEnd === index + 1
        for (let at = 0; index < groupEnd; index++) {
            const entry = table[index] as number
            const end = at + (entry & packedSizeMask)
            visit(isAlone ? text : text.slice(at, end), isSetState(entry), index)
            at = end
        }
    }
}
