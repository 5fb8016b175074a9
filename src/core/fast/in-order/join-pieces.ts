// Joins what was read of the pieces, in the order of the log.
import { type CompositionHash, genesis } from '../../composition/hash.js'
import { hashSizeBytes } from '../../composition/packed-rows.js'
import { numbersFor } from '../../store/listing/named-files.js'
import type { HashNumbers } from '../../store/listing/packed-hashes.js'
import type { ProcessStore } from '../../store/process-store.js'
import { Marks, numbersPerMark } from '../pieces/marks.js'
import type { FoundLines, ReadPiece } from '../pieces/piece-result.js'
import type { PieceTotals } from '../pieces/piece-totals.js'
import type { FollowedLog, FoundRecord, LookedStretch } from './followed-log.js'

const digitsPerHash = 2 * hashSizeBytes

export class PieceJoiner {
    readonly #store: ProcessStore
    readonly #totals: PieceTotals
    readonly #marks = new Marks()
    readonly #reduced: HashNumbers
    readonly #looked: LookedStretch[] | undefined
    #head = genesis
    #oldestParent = genesis

    /** @param isLooked whether something is looked for in the lines */
    constructor(store: ProcessStore, totals: PieceTotals, isLooked: boolean) {
        this.#store = store
        this.#reduced = numbersFor(store.reductionFiles)
        this.#looked = isLooked ? [] : undefined
        this.#totals = totals
    }

    /** Records of the pieces so far. */
    get records(): number {
        return this.#totals.records
    }

    /** Takes the next piece; false where its first record is not the child of the last one before it. */
    take(piece: ReadPiece): boolean {
        const { link, marks, records, found } = piece
        const recordsBefore = this.#totals.records
        const linesBefore = this.#totals.add(piece)
        if (link === undefined) return true
        if (recordsBefore === 0) this.#oldestParent = link.firstParent
        else if (link.firstParent !== this.#head) return false
        this.#enterReduced(piece, recordsBefore)
        this.#marks.addAll(marks, recordsBefore, linesBefore)
        this.#look({
            from: recordsBefore + 1,
            to: recordsBefore + records,
            found: found && this.#recordsIn(found, recordsBefore, linesBefore),
        })
        this.#head = link.lastHash
        return true
    }

    /** The whole, once it is complete. */
    end(): Omit<FollowedLog, 'piecesByHelpers' | 'oddReductions'> {
        const counts = this.#totals.end()
        return {
            counts,
            length: counts.records,
            head: this.#head,
            oldestParent: this.#oldestParent,
            reduced: this.#reduced,
            marks: this.#marks,
            looked: this.#looked,
        }
    }

    #look(stretch: LookedStretch): void {
        const last = this.#looked?.at(-1)
        // What nobody has looked at is best read in one go.
        const isOneWithLast = last !== undefined && last.found === undefined && stretch.found === undefined
        if (isOneWithLast) this.#looked?.splice(-1, 1, { ...last, to: stretch.to })
        else this.#looked?.push(stretch)
    }

    #recordsIn(found: FoundLines, recordsBefore: number, linesBefore: number): FoundRecord[] {
        const { marks, sizesBytes } = found
        const [lines, hashes] = [Buffer.from(found.bytes.buffer), hashesIn(found.hashes)]
        let end = 0
        return Array.from(sizesBytes, (sizeBytes, i) => {
            const numbers = marks.numbers.subarray(i * numbersPerMark, (i + 1) * numbersPerMark)
            const [position, file, offsetBytes, line] = numbers as unknown as [number, number, number, number]
            const path = this.#store.logFiles.at(file)?.path ?? ''
            const begin = end
            end += sizeBytes
            return {
                position: position + recordsBefore,
                hash: hashes[i] as CompositionHash,
                place: { file: path, line: line + linesBefore, offsetBytes, sizeBytes },
                bytes: lines.subarray(begin, end),
            }
        })
    }

    #enterReduced({ marks: { numbers }, maybeReduced }: ReadPiece, recordsBefore: number): void {
        for (const [i, hash] of hashesIn(maybeReduced).entries()) {
            if (!this.#store.reductionFiles.has(hash)) continue
            this.#reduced.set(hash, recordsBefore + (numbers[i * numbersPerMark] as number))
        }
    }
}

/** @param bytes of which there are 32 for each, and a buffer of their own */
function hashesIn({ buffer }: Uint8Array): readonly CompositionHash[] {
    const digits = Buffer.from(buffer).toString('hex').toUpperCase()
    const at = (i: number) => digits.slice(i * digitsPerHash, (i + 1) * digitsPerHash)
    return Array.from({ length: digits.length / digitsPerHash }, (_, i) => at(i) as CompositionHash)
}
