// The forest that the parent references make of the records. In a sound log it is one single path.
import { genesis } from '../hash.js'
import type { RecordIndex } from './record-index.js'

/** In place of a parent's row: no record has the hash that this one names. */
export const parentMissing = -1
/** In place of a parent's row: this is a very first record. */
export const parentIsGenesis = -2
/** In place of a parent's row: this is a copy of an earlier record and no node of the forest. */
export const isCopy = -3

export interface Links {
    /** Per row: the row of its parent, or one of the three values above. */
    readonly parents: Int32Array
    /** Per row: how many records name it as parent. */
    readonly children: Uint32Array
    /** Rows whose parent is missing, in the order of the lines. */
    readonly roots: readonly number[]
    /** Rows whose parent is genesis, in the order of the lines. */
    readonly firsts: readonly number[]
}

/** @param copies rows that repeat an earlier record */
export function linkRecords(table: RecordIndex, copies: ReadonlyMap<number, number>): Links {
    const parents = new Int32Array(table.rows)
    const children = new Uint32Array(table.rows)
    const roots: number[] = []
    const firsts: number[] = []
    for (let row = 0; row < table.rows; row++) {
        if (copies.has(row)) {
            parents[row] = isCopy
            continue
        }
        const parent = table.findParent(row)
        if (parent >= 0) {
            parents[row] = parent
            children[parent] = (children[parent] as number) + 1
        } else if (table.parentHash(row) === genesis) {
            parents[row] = parentIsGenesis
            firsts.push(row)
        } else {
            parents[row] = parentMissing
            roots.push(row)
        }
    }
    return { parents, children, roots, firsts }
}

/**
 * Per row, a number that is made of that of its parent.
 * @param numberOf is given that of the parent; undefined where the row has none in the forest
 */
export function alongParents(
    parents: Int32Array,
    numberOf: (row: number, ofParent: number | undefined) => number,
): Int32Array {
    const numbers = new Int32Array(parents.length)
    const isKnown = new Uint8Array(parents.length)
    const path: number[] = []
    for (let row = 0; row < parents.length; row++) {
        for (let at = row; at >= 0 && isKnown[at] === 0; at = parents[at] as number) path.push(at)
        for (let at = path.pop(); at !== undefined; at = path.pop()) {
            numbers[at] = numberOf(at, numbers[parents[at] as number])
            isKnown[at] = 1
        }
    }
    return numbers
}

/** Per row, how many records its piece has up to it. */
export function depthsOf(parents: Int32Array): Int32Array {
    return alongParents(parents, (_, before = 0) => before + 1)
}

/** The rows from the start of its piece up to this one, oldest first. */
export function pathTo(row: number, parents: Int32Array): Uint32Array {
    let length = 0
    for (let at = row; at >= 0; at = parents[at] as number) length++
    const path = new Uint32Array(length)
    for (let at = row; at >= 0; at = parents[at] as number) path[--length] = at
    return path
}
