// Finds the row of each parent: one open-addressing table over the hashes of all rows. A link is made only
// where all 32 bytes are equal. Where a row goes depends on numbers that nobody can foresee, so hashes that
// were made to begin alike crowd no part of the table. Rows are taken in the order of their slots, not of
// their numbers: what is looked at together then lies together, in a processor's own cache, which makes it
// several times as fast.
import { randomBytes } from 'node:crypto'

import type { CompositionHash } from '../../composition/hash.js'
import { areEqual, type SharedRows } from '../pieces/piece-rows.js'
import { wordsPerHash } from '../scanner/scanner.js'

const slotsPerRow = 1.5
/** Slots that are looked at together: 2 to the power of this, 128 KiB. */
const regionBits = 15
/** Rows that are worked on between two steps. */
const rowsPerStep = 1 << 17
/** Rows whose presumed parents are fetched from memory at a time, before they are compared. */
const rowsFetched = 128

/**
 * Takes two rows of the same record.
 * @returns which of them is found from now on
 */
export type OnCopy = (newest: number, original: number) => number

interface Seeds {
    readonly a: number
    readonly b: number
    readonly c: number
}

const oddNumber = () => randomBytes(4).readInt32LE() | 1

export class LinkTable {
    /** Per row: the row of its parent; -1 where no record has the hash that it names. */
    readonly parents: Int32Array
    /** Slots that were looked at to enter all rows. */
    probes = 0
    readonly #rows: number
    readonly #hashes: Uint32Array
    readonly #parentHashes: Uint32Array
    /** Row + 1, and in the bits above it a tag: bits of the mixed hash. 0 where free. */
    readonly #slots: Uint32Array
    readonly #slotsPerMixed: number
    readonly #rowMask: number
    readonly #tagShift: number
    readonly #seeds: Seeds = { a: oddNumber(), b: oddNumber(), c: oddNumber() }
    /** In the order of the slots: what hashes are mixed to, and their rows. */
    readonly #mixed: Uint32Array
    readonly #order: Uint32Array
    readonly #regionEnds: Uint32Array
    /** Of no use but that what is fetched is not left out. */
    fetched = 0

    /** @param scratch room for two numbers a row, which is free again once all is linked */
    constructor({ hashes, parents }: SharedRows, rows: number, scratch: Uint32Array) {
        this.parents = new Int32Array(rows)
        this.#rows = rows
        this.#hashes = hashes
        this.#parentHashes = parents
        this.#slots = new Uint32Array(Math.ceil(rows * slotsPerRow) + 1)
        this.#slotsPerMixed = this.#slots.length / 2 ** 32
        this.#tagShift = 32 - Math.clz32(rows)
        this.#rowMask = 2 ** this.#tagShift - 1
        this.#mixed = scratch.subarray(0, rows)
        this.#order = scratch.subarray(rows, 2 * rows)
        this.#regionEnds = new Uint32Array((this.#slots.length >>> regionBits) + 1)
    }

    /** Enters all rows and finds all parents, in steps; yields which part of the work is done. */
    *link(onCopy: OnCopy): Generator<number> {
        const passes: readonly ((from: number, to: number) => void)[] = [
            (from, to) => this.#countRegions(this.#hashes, from, to),
            (from, to) => this.#sort(this.#hashes, from, to),
            (from, to) => this.#enter(from, to, onCopy),
            (from, to) => this.#countRegions(this.#parentHashes, from, to),
            (from, to) => this.#sort(this.#parentHashes, from, to),
            (from, to) => this.#presume(from, to),
            (from, to) => this.#compare(from, to),
        ]
        for (const [i, pass] of passes.entries()) {
            for (let from = 0; from < this.#rows; from += rowsPerStep) {
                const to = Math.min(this.#rows, from + rowsPerStep)
                pass(from, to)
                yield (i + to / this.#rows) / passes.length
            }
        }
    }

    /** The row that is found for a hash; -1 where none is. */
    find(hash: CompositionHash): number {
        const words = new Uint32Array(Uint8Array.from(Buffer.from(hash, 'hex')).buffer)
        return this.#find(words, 0)
    }

    #countRegions(hashes: Uint32Array, from: number, to: number): void {
        const ends = this.#regionEnds
        const [perMixed, seeds] = [this.#slotsPerMixed, this.#seeds]
        if (from === 0) ends.fill(0)
        for (let row = from; row < to; row++) {
            const region = Math.floor(mix(hashes, row, seeds) * perMixed) >>> regionBits
            ends[region] = (ends[region] as number) + 1
        }
        if (to < this.#rows) return
        let begin = 0
        for (let region = 0; region < ends.length; region++) {
            const count = ends[region] as number
            ends[region] = begin
            begin += count
        }
    }

    /** Within a region, rows stay in their own order. */
    #sort(hashes: Uint32Array, from: number, to: number): void {
        const ends = this.#regionEnds
        const [perMixed, seeds] = [this.#slotsPerMixed, this.#seeds]
        const [mixedOf, order] = [this.#mixed, this.#order]
        for (let row = from; row < to; row++) {
            const mixed = mix(hashes, row, seeds)
            const region = Math.floor(mixed * perMixed) >>> regionBits
            const at = ends[region] as number
            ends[region] = at + 1
            mixedOf[at] = mixed
            order[at] = row
        }
    }

    #enter(from: number, to: number, onCopy: OnCopy): void {
        const [slots, hashes, mask, shift] = [this.#slots, this.#hashes, this.#rowMask, this.#tagShift]
        const [mixedOf, order, perMixed] = [this.#mixed, this.#order, this.#slotsPerMixed]
        let probes = 0
        for (let i = from; i < to; i++) {
            const row = order[i] as number
            const mixed = mixedOf[i] as number
            const tag = shift === 32 ? 0 : mixed << shift
            let slot = Math.floor(mixed * perMixed)
            let kept = row
            for (;;) {
                probes++
                const taken = slots[slot] as number
                if (taken === 0) break
                if (((taken ^ tag) & ~mask) === 0 && areEqual(hashes, (taken & mask) - 1, hashes, row)) {
                    kept = onCopy(row, (taken & mask) - 1)
                    break
                }
                slot = slot + 1 === slots.length ? 0 : slot + 1
            }
            slots[slot] = tag | (kept + 1)
        }
        this.probes += probes
    }

    /** Finds each parent by its tag. Whether it is that shows when rows are compared, in their order. */
    #presume(from: number, to: number): void {
        const [slots, mask, shift] = [this.#slots, this.#rowMask, this.#tagShift]
        const [mixedOf, order, perMixed] = [this.#mixed, this.#order, this.#slotsPerMixed]
        const { parents } = this
        for (let i = from; i < to; i++) {
            const mixed = mixedOf[i] as number
            const tag = shift === 32 ? 0 : mixed << shift
            let slot = Math.floor(mixed * perMixed)
            let taken = slots[slot] as number
            while (taken !== 0 && ((taken ^ tag) & ~mask) !== 0) {
                slot = slot + 1 === slots.length ? 0 : slot + 1
                taken = slots[slot] as number
            }
            parents[order[i] as number] = (taken & mask) - 1
        }
    }

    #compare(from: number, to: number): void {
        const [hashes, parentHashes] = [this.#hashes, this.#parentHashes]
        const { parents } = this
        for (let begin = from; begin < to; begin += rowsFetched) {
            const end = Math.min(to, begin + rowsFetched)
            // So many reads at a time take little longer than one, which takes longer than all else that is
            // done here.
            for (let row = begin; row < end; row++) {
                const parent = parents[row] as number
                if (parent >= 0) this.fetched ^= hashes[parent * wordsPerHash] as number
            }
            for (let row = begin; row < end; row++) {
                const parent = parents[row] as number
                if (parent < 0 || areEqual(hashes, parent, parentHashes, row)) continue
                parents[row] = this.#find(parentHashes, row)
            }
        }
    }

    #find(words: Uint32Array, row: number): number {
        const [slots, mask, shift] = [this.#slots, this.#rowMask, this.#tagShift]
        const mixed = mix(words, row, this.#seeds)
        const tag = shift === 32 ? 0 : mixed << shift
        let slot = Math.floor(mixed * this.#slotsPerMixed)
        for (;;) {
            const taken = slots[slot] as number
            if (taken === 0) return -1
            const found = (taken & mask) - 1
            if (((taken ^ tag) & ~mask) === 0 && areEqual(this.#hashes, found, words, row)) return found
            slot = slot + 1 === slots.length ? 0 : slot + 1
        }
    }
}

/**
 * 32 bits of a hash's first 64, spread by numbers that whoever made the hash cannot know. The last two
 * factors are those of MurmurHash3, which spread whatever came before: one by chance may be a bad one.
 */
function mix(hashes: Uint32Array, row: number, { a, b, c }: Seeds): number {
    const at = row * wordsPerHash
    let mixed = Math.imul((hashes[at] as number) ^ a, b)
    mixed = Math.imul(mixed ^ (mixed >>> 15) ^ (hashes[at + 1] as number) ^ c, 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return (mixed ^ (mixed >>> 16)) >>> 0
}

// Where the rows are one chain, the walk from its head, by the parents, comes by all of them.

/**
 * The rows, oldest first; undefined where they are not one chain. Yields between steps.
 * @param parents per row: that of its parent, -1 where it has none
 * @param chainRows room for as many rows, which the result takes
 */
export function* orderRows(
    parents: Int32Array,
    chainRows: Uint32Array,
): Generator<void, Uint32Array | undefined> {
    let left = parents.length
    for (let row = onlyHead(parents); row >= 0; row = parents[row] as number) {
        // The parents lead round and round, which whole hashes cannot.
        if (left === 0) return undefined
        if (left % rowsPerStep === 0) yield
        chainRows[--left] = row
    }
    return left === 0 && chainRows.length > 0 ? chainRows : undefined
}

/** The one row that no other names, if all but one have a parent and each is that of one at most; else -1. */
function onlyHead(parents: Int32Array): number {
    let unmatched = 0
    let head = 0
    for (let row = 0; row < parents.length; row++) {
        const parent = parents[row] as number
        head += row
        if (parent >= 0) head -= parent
        else if (++unmatched > 1) return -1
    }
    // Where the rows are no one chain, this is any number, and the walk from it does not come by all of them.
    return head < parents.length ? head : -1
}
