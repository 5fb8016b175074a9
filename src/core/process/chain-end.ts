// The end of the chain as it grows in memory, ahead of the disk: each new record names the one before it.
import { type CompositionHash, hashOfLine } from '../composition/hash.js'
import { type NewRecord, serializeRecord } from '../composition/serialize-record.js'
import { ComplogError } from '../errors.js'

const lineEnd = Buffer.from('\n')

/** What a record holds but for its place in the chain. */
export type NewContent = Omit<NewRecord, 'parentHash'>

/** A character takes so many bytes of a record at most: as an escape, such as `\u0001`. */
const bytesPerCharacterMax = 6
/** Around each text, and around all of them. */
const bytesAroundMax = 200

export class ChainEnd {
    /** Longest line that readers take, in bytes, without its line end. */
    readonly lineSizeBytesMax: number
    #head: CompositionHash

    constructor(head: CompositionHash, lineSizeBytesMax: number) {
        this.#head = head
        this.lineSizeBytesMax = lineSizeBytesMax
    }

    get head(): CompositionHash {
        return this.#head
    }

    /** Whether a record would be longer than readers take. What is written must be readable. */
    isTooLong(content: NewContent): boolean {
        const { setState, events = [] } = content
        const texts = setState === undefined ? events : [setState, ...events]
        let sizeBytes = bytesAroundMax
        for (const text of texts) sizeBytes += text.length * bytesPerCharacterMax + bytesAroundMax
        if (sizeBytes <= this.lineSizeBytesMax) return false
        try {
            return serializeRecord({ ...content, parentHash: this.#head }).length > this.lineSizeBytesMax
        } catch (error) {
            // Longer than any string.
            if (error instanceof RangeError) return true
            throw error
        }
    }

    /** Hash that the next record will have. */
    hashOf(content: NewContent): CompositionHash {
        return hashOfLine(serializeRecord({ ...content, parentHash: this.#head }))
    }

    /**
     * Makes the next record. Gives its line, with its line end.
     * @throws ComplogError `limit-exceeded` where it is too long; then there is no record
     */
    add(content: NewContent): Buffer {
        if (this.isTooLong(content)) throw recordTooLong(this.lineSizeBytesMax)
        const line = serializeRecord({ ...content, parentHash: this.#head })
        this.#head = hashOfLine(line)
        return Buffer.concat([line, lineEnd])
    }
}

export function recordTooLong(lineSizeBytesMax: number): ComplogError {
    return new ComplogError(
        'limit-exceeded',
        `A record of more than ${lineSizeBytesMax} bytes cannot be read again, so it is not written.`,
        { hint: 'Raise --max-line-size, for all that reads the log, if a record may be this long.' },
    )
}
