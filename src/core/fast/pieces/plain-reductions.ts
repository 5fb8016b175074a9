// Thousands of reductions are shared by the threads as the pieces of a log are. What they say of each is no
// more than whether there is anything to say.
import type { CompositionHash } from '../../composition/hash.js'
import type { NamedFiles } from '../../store/listing/named-files.js'
import { PackedHashes } from '../../store/listing/packed-hashes.js'
import { isPlainReduction } from '../../store/plain-reduction.js'

/** Looks for reductions that are not plain. A piece of it is some of their files. */
export interface ReductionsJob {
    readonly kind: 'reductions'
    readonly folder: string
    /** The bytes of `PackedHashes`, which threads share. */
    readonly names: Uint8Array
}

export interface ReductionsResult {
    /** How many were looked at. */
    readonly reductions: number
    readonly odd: readonly CompositionHash[]
}

const reductionsPerPiece = 128

export function reductionsJob({ folder, names }: NamedFiles): ReductionsJob {
    return { kind: 'reductions', folder, names: names.bytes }
}

export function piecesOfReductions({ names }: ReductionsJob): number {
    return Math.ceil(namesOf(names).size / reductionsPerPiece)
}

export function lookAtReductions(job: ReductionsJob, piece: number): ReductionsResult {
    const names = namesOf(job.names)
    const begin = piece * reductionsPerPiece
    const end = Math.min(names.size, begin + reductionsPerPiece)
    const odd: CompositionHash[] = []
    for (let i = begin; i < end; i++) {
        const name = names.at(i)
        if (!isPlainReduction(`${job.folder}/${name}`, name)) odd.push(name)
    }
    return { reductions: end - begin, odd }
}

function namesOf({ buffer, byteOffset, length }: Uint8Array): PackedHashes {
    return new PackedHashes(Buffer.from(buffer, byteOffset, length))
}
