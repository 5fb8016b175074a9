// Rows of numbers, or of bytes, for lists of which nobody knows how long they will be: they grow by blocks,
// without a copy of what is there, which would take as much memory once more.

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
        for (let from = 0; from < rows.length;) {
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

    copy(row: number, target: Buffer, at: number): void {
        const begin = this.beginOf(row)
        this.blockOf(row).copy(target, at, begin, begin + hashSizeBytes)
    }

    /** In lower case. */
    hexAt(row: number): string {
        const begin = this.beginOf(row)
        return this.blockOf(row).toString('hex', begin, begin + hashSizeBytes)
    }
}
