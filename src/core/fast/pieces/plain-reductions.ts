// Thousands of reductions are shared by the threads as the pieces of a log are. What they say of each is no
// more than whether there is anything to say.
import type { CompositionHash } from '../../composition/hash.js'
import type { NamedFiles } from '../../store/named-files.js'
import { isPlainReduction } from '../../store/plain-reduction.js'

/** Looks for reductions that are not plain. A piece of it is some of their files. */
export interface ReductionsJob {
    readonly kind: 'reductions'
    readonly folder: string
    /** Their names, each a hash, without anything between. */
    readonly names: string
}

export interface ReductionsResult {
    /** How many were looked at. */
    readonly reductions: number
    readonly odd: readonly CompositionHash[]
}

const nameLength = 64
const reductionsPerPiece = 128

export function reductionsJob({ folder, names }: NamedFiles<CompositionHash>): ReductionsJob {
    return { kind: 'reductions', folder, names: [...names].join('') }
}

export function piecesOfReductions({ names }: ReductionsJob): number {
    return Math.ceil(names.length / nameLength / reductionsPerPiece)
}

export function lookAtReductions({ folder, names }: ReductionsJob, piece: number): ReductionsResult {
    const begin = piece * reductionsPerPiece * nameLength
    const end = Math.min(names.length, begin + reductionsPerPiece * nameLength)
    const odd: CompositionHash[] = []
    for (let at = begin; at < end; at += nameLength) {
        const name = names.slice(at, at + nameLength) as CompositionHash
        if (!isPlainReduction(`${folder}/${name}`, name)) odd.push(name)
    }
    return { reductions: (end - begin) / nameLength, odd }
}
