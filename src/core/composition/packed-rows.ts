// Rows of numbers, or of bytes, for lists of which nobody knows how long they will be: they grow by blocks,
// without a copy of what is there, which would take as much memory once more.
import { randomInt } from 'node:crypto'

const rowsPerBlock = 1024

/** As many numbers each. */
export class PackedRows<Numbers extends Float64Array | Uint16Array | Uint32Array | Buffer> {
    readonly width: number
    readonly #newBlock: (length: number) => Numbers
    readonly #blocks: Numbers[] = []
    #filled = 0

    constructor(width: number, newBlock: (length: number) => Numbers) {
        this.width = width
        this.#newBlock = newBlock
    }

    get length(): number {
        return this.#filled / this.width
    }

    /** @param rows one behind the other */
    add(rows: Float64Array | Uint16Array | Uint32Array | Uint8Array): void {
        const blockLength = rowsPerBlock * this.width
        for (let from = 0; from < rows.length; ) {
            const at = this.#filled % blockLength
            if (at === 0) this.#blocks.push(this.#newBlock(blockLength))
            const fits = from === 0 && rows.length <= blockLength - at
            const part = fits ? rows : rows.subarray(from, from + blockLength - at)
            this.blockOf(this.length).set(part, at)
            this.#filled += part.length
            from += part.length
        }
    }

    at(row: number, column = 0): number {
        return this.blockOf(row)[this.beginOf(row) + column] as number
    }

    protected blockOf(row: number): Numbers {
        return this.#blocks[Math.floor(row / rowsPerBlock)] as Numbers
    }

    /** Where it begins in its block. */
    protected beginOf(row: number): number {
        return (row % rowsPerBlock) * this.width
    }
}

export const hashSizeBytes = 32

/** Hashes, of 32 bytes each. */
export class HashRows extends PackedRows<Buffer> {
    constructor() {
        super(hashSizeBytes, (length) => Buffer.alloc(length))
    }

    addHex(hash: string): void {
        this.add(Buffer.from(hash, 'hex'))
    }

    /** Its first 32 bits. */
    beginningOf(row: number): number {
        return this.blockOf(row).readUInt32BE(this.beginOf(row))
    }

    equals(row: number, hash: Buffer): boolean {
        const begin = this.beginOf(row)
        return this.blockOf(row).compare(hash, 0, hashSizeBytes, begin, begin + hashSizeBytes) === 0
    }

    /** A view of its bytes. */
    bytesOf(row: number): Buffer {
        const begin = this.beginOf(row)
        return this.blockOf(row).subarray(begin, begin + hashSizeBytes)
    }

    /** In lower case. */
    hexAt(row: number): string {
        const begin = this.beginOf(row)
        return this.blockOf(row).toString('hex', begin, begin + hashSizeBytes)
    }
}

/** Odd numbers that whoever wrote a log to crowd a few slots cannot know. */
const seeds = [2 * randomInt(2 ** 31) + 1, 2 * randomInt(2 ** 31) + 1] as const

/** Finds hashes in a list that may grow: open addressing over their first 64 bits. */
export class HashIndex {
    readonly #hashes: HashRows
    /** Row + 1, or 0 where free. */
    #slots = new Uint32Array(1 << 10)
    /** Rows that are entered. */
    #entered = 0

    constructor(hashes: HashRows) {
        this.#hashes = hashes
    }

    /** The first row with a hash; -1 where none has it. What came to the list since is entered before. */
    find(hash: Buffer): number {
        this.#enter()
        return (this.#slots[this.#slotOf(hash)] as number) - 1
    }

    /** Has a row be found in the place of the first with the same hash. */
    prefer(row: number): void {
        this.#enter()
        this.#slots[this.#slotOf(this.#hashes.bytesOf(row))] = row + 1
    }

    #enter(): void {
        const { length } = this.#hashes
        if (2 * length > this.#slots.length) {
            const before = this.#slots
            this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * length + 2)))
            for (const taken of before)
                if (taken > 0) this.#slots[this.#slotOf(this.#hashes.bytesOf(taken - 1))] = taken
        }
        for (; this.#entered < length; this.#entered++) {
            const slot = this.#slotOf(this.#hashes.bytesOf(this.#entered))
            if (this.#slots[slot] === 0) this.#slots[slot] = this.#entered + 1
        }
    }

    /** Where a hash is entered, or would be. */
    #slotOf(hash: Buffer): number {
        const mask = this.#slots.length - 1
        const mixed = Math.imul(hash.readUInt32LE(), seeds[0]) + Math.imul(hash.readUInt32LE(4), seeds[1])
        // Of a product, the upper bits are those in which all bits have a part.
        for (let slot = mixed >>> Math.clz32(mask); ; slot = (slot + 1) & mask) {
            const taken = this.#slots[slot] as number
            if (taken === 0 || this.#hashes.equals(taken - 1, hash)) return slot
        }
    }
}
