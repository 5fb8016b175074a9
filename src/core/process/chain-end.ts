// The end of the chain as it grows in memory, ahead of the disk: each new record names the one before it.
import { type CompositionHash, hashOfLine } from '../composition/hash.js'
import { type NewRecord, serializeRecord } from '../composition/serialize-record.js'

const lineEnd = Buffer.from('\n')

export class ChainEnd {
    #head: CompositionHash

    constructor(head: CompositionHash) {
        this.#head = head
    }

    get head(): CompositionHash {
        return this.#head
    }

    /** Makes the next record. Gives its line, with its line end. */
    add(content: Omit<NewRecord, 'parentHash'>): Buffer {
        const line = serializeRecord({ ...content, parentHash: this.#head })
        this.#head = hashOfLine(line)
        return Buffer.concat([line, lineEnd])
    }
}
