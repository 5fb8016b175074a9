// The chain of a checked log: its records in the order of their parents, whatever the order of the lines.
import { type CompositionHash, genesis } from '../composition/hash.js'
import type { Generation, RecordContent } from '../composition/record.js'
import type { Place } from '../errors.js'
import type { LookedStretch } from '../fast/in-order/followed-log.js'
import type { PackedRecords } from '../packed-inputs.js'
import type { WorkOptions } from '../progress.js'

export type { FoundRecord } from '../fast/in-order/followed-log.js'

/** A record with its name and its places: in the chain, and in the files. */
export interface CompositionRecord extends RecordContent {
    readonly hash: CompositionHash
    readonly place: Place
    /** Number of the record in the chain, from 1. */
    readonly position: number
    /**
     * Directly behind what a host never wrote: the state behind this record, as its reduction has it. No
     * replay of its events gives that.
     */
    readonly givenState?: string
}

/** Whole lines of a chain, oldest record first. */
export interface ChainLines {
    /** Valid until the next are asked for. */
    readonly lines: Buffer
    /** Goes through the lines that were asked for, once. */
    readonly forEach: (visit: (line: ChainLine) => void) => void
    readonly record: (line: ChainLine) => CompositionRecord
}

/** A line that holds a record: where it stands among others, in bytes. */
export interface ChainLine {
    readonly position: number
    /** Number of the line among these, from 0: lines with nothing in them count here. */
    readonly index: number
    readonly begin: number
    /** Behind its last byte, without the line end. */
    readonly end: number
}

/** Positions in the chain, both included; nothing where the second is the smaller one. */
export interface Positions {
    readonly from: number
    readonly to: number
}

const lineFeed = 0x0a
const carriageReturn = 0x0d

/**
 * Goes through lines that hold a record each, or nothing, and visits those of a stretch of the chain.
 * @param stretch with the position of the first record in these lines
 * @returns how many records and lines there are, up to the end of the stretch
 */
export function walkLines(
    lines: Buffer,
    { position, from, to }: Positions & { readonly position: number },
    visit: (line: ChainLine) => void,
): { readonly records: number; readonly lines: number } {
    let [records, index] = [0, 0]
    for (let begin = 0; begin < lines.length && position + records <= to; index++) {
        const feed = lines.indexOf(lineFeed, begin)
        const behind = feed < 0 ? lines.length : feed
        const end = lines[behind - 1] === carriageReturn && behind > begin ? behind - 1 : behind
        if (end > begin) {
            const at = position + records
            if (at >= from) visit({ position: at, index, begin, end })
            records += 1
        }
        begin = behind + 1
    }
    return { records, lines: index }
}

/** Records in the order of their parents, read from the files when they are asked for. */
export interface Chain {
    /** Number of records. */
    readonly length: number
    /** Hash of the newest record; genesis where there is none. */
    readonly head: CompositionHash
    /** Hash that the oldest record names as its parent: genesis unless the log was truncated. */
    readonly oldestParent: CompositionHash
    /** Whether the lines stand in the order of the chain. */
    readonly inOrder: boolean
    /** Position of each record of the chain that a reduction file is named after. */
    readonly reduced: ReadonlyMap<CompositionHash, number>
    /**
     * The records from one position to another, both included, oldest first, in batches of about a MiB. Every
     * record is hashed and its link checked again while it is read.
     * @throws ComplogError `store-changed` when the log is not what it was when it was checked
     */
    read(from: number, to: number, options?: WorkOptions): AsyncGenerator<readonly CompositionRecord[]>
    /**
     * The same records, verified in the same way, with what they hold for the app packed as far as that can
     * be. Whoever takes packed records must release them.
     * @throws ComplogError as `read` does
     */
    readPacked(
        from: number,
        to: number,
        options?: WorkOptions,
    ): AsyncGenerator<PackedRecords | readonly CompositionRecord[]>
    /**
     * The lines of the same records, as they stand: for whoever looks for something in them, and need not
     * read most of them as records. Undefined where lines are between them that are none.
     * @throws ComplogError as `read` does, where a line is read as a record
     */
    readLines(from: number, to: number, options?: WorkOptions): AsyncGenerator<ChainLines> | undefined
    /**
     * All of its records, where the lines were looked through while they were checked: which of them may hold
     * what was wanted.
     */
    readonly looked?: readonly LookedStretch[] | undefined
    /** Positions of the records whose hash begins with these upper-case hex digits, in order; at most two. */
    find(prefix: string, options?: WorkOptions): Promise<readonly number[]>
}

/** A chain, and which of its records counts as the head. */
export interface ChosenChain {
    readonly chain: Chain
    /** Position of the record that counts as the head; 0 in an empty log. */
    readonly head: number
}

/** Hash of the record at a position; genesis before the first one. */
export async function hashAt(chain: Chain, position: number): Promise<CompositionHash> {
    if (position === 0) return genesis
    if (position === chain.length) return chain.head
    return (await recordAt(chain, position)).hash
}

export async function recordAt(
    chain: Chain,
    position: number,
    options: WorkOptions = {},
): Promise<CompositionRecord> {
    for await (const [record] of chain.read(position, position, options)) if (record) return record
    throw new RangeError(`The chain has no record #${position}.`)
}

/** The last of some records that sets a state; undefined where none does. */
export async function lastSetState(
    chain: Chain,
    { from, to }: Positions,
    options: WorkOptions,
): Promise<CompositionRecord | undefined> {
    let last: CompositionRecord | undefined
    for await (const records of chain.read(from, to, options))
        last = records.findLast(({ setState }) => setState !== undefined) ?? last
    return last
}

export async function generationAt(chain: Chain, position: number): Promise<Generation> {
    return (await recordAt(chain, position)).generation
}
