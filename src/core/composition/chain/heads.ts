// The newest records of a log that has several: which of them counts is for a person to say, who is told what
// bears witness for each.
import { type CompositionHash, shortHash, type ValueHash } from '../hash.js'

/** One of several newest records. */
export interface Head<H = CompositionHash | ValueHash> {
    readonly hash: H
    /** What bears witness for it, or for a record that leads to it alone. */
    readonly witness: string | undefined
    readonly note?: string
}

interface Records<H> {
    readonly hash: (row: number) => H
    readonly isReduced: (hash: H) => boolean
    /** What a head file names. */
    readonly named?: H | undefined
}

/** @param parents by row; a number below zero for none */
export function headsOf<H extends Head['hash']>(
    rows: readonly number[],
    parents: Int32Array,
    { hash, isReduced, named }: Records<H>,
): readonly Head<H>[] {
    const children = new Uint32Array(parents.length)
    for (const parent of parents) if (parent >= 0) children[parent] = (children[parent] as number) + 1
    return rows.map((head) => {
        let isNamed = false
        let reduced: H | undefined
        for (let row = head; row === head || children[row] === 1; row = parents[row] as number) {
            if (hash(row) === named) isNamed = true
            if (reduced === undefined && isReduced(hash(row))) reduced = hash(row)
        }
        const witnesses = [isNamed && 'the head file', reduced && `the reduction of ${shortHash(reduced)}`]
        const witness = witnesses.filter(Boolean).join(' and ') || undefined
        return { hash: hash(head), witness }
    })
}

const shownMax = 5

/** Those with a witness first. @param flag stands in front of each hash */
export function listOfHeads(heads: readonly Head[], flag = '--head '): string {
    const sorted = heads.toSorted((a, b) => Number(a.witness === undefined) - Number(b.witness === undefined))
    const shown = sorted.slice(0, shownMax).map(({ hash, note, witness }) => {
        const known = [note, witness && `witness: ${witness}`].filter((text) => text !== undefined)
        return `${flag}${shortHash(hash)}${known.length === 0 ? '' : ` (${known.join(', ')})`}`
    })
    return shown.join(', ') + (heads.length > shown.length ? `, or ${heads.length - shown.length} more` : '')
}
