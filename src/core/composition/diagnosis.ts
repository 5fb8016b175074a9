// Turns the forest of records into findings and, where the log has just one, into its chain.
import type { Place } from '../errors.js'
import { type Break, bridged, findBreaks } from './breaks.js'
import { type Finding, finding } from './finding.js'
import { type CompositionHash, shortHash } from './hash.js'
import { type Links, depths, isCopy, linkRecords, parentIsGenesis, pathTo } from './links.js'
import type { RecordTable } from './record-table.js'

export interface Diagnosis {
    readonly findings: readonly Finding[]
    /** The rows of the one chain, oldest first. Where the chain is broken or forked: of the longest piece. */
    readonly path: Uint32Array
    /** The rows that no record names as parent: more than one means that somebody must choose. */
    readonly heads: readonly number[]
    /** Whether each row of the path but the first names the one before it. */
    readonly isLinked: boolean
    readonly links: Links
}

export interface DiagnosisInput {
    readonly table: RecordTable
    /** Rows that repeat an earlier record, with the row they repeat. */
    readonly copies: ReadonlyMap<number, number>
    readonly placeOf: (row: number) => Place
    readonly isReduced: (hash: CompositionHash) => boolean
}

export function diagnose(input: DiagnosisInput): Diagnosis {
    const { table, copies } = input
    const links = linkRecords(table, copies)
    // A truncated log begins with a record whose parent is gone, and that one stands first.
    const start = links.firsts.length > 0 ? -1 : (links.roots[0] ?? -1)
    const breaks = findBreaks(table, links, start, input.isReduced)
    const parents = bridged(links, breaks)

    const heads = leaves(parents)
    const path = heads.length > 0 ? pathTo(longest(heads, depths(parents)), parents) : new Uint32Array()
    const onPath = new Uint8Array(table.rows)
    for (const row of path) onPath[row] = 1

    const findings = [
        ...breaks.filter(({ row }) => onPath[row] === 1).map((found) => breakFinding(found, input)),
        ...forks(links, parents, onPath, input),
        ...unlinked(parents, onPath, input),
        ...[...copies].map(([row, original]) => copyFinding(row, original, input)),
        ...order(path, heads, input),
    ]
    const isLinked = path.every((row, i) => i === 0 || links.parents[row] === path[i - 1])
    return { findings: withoutRepeats(findings), path, heads, isLinked, links }
}

function leaves(parents: Int32Array): number[] {
    const named = new Uint8Array(parents.length)
    for (const parent of parents) if (parent >= 0) named[parent] = 1
    const rows: number[] = []
    for (let row = 0; row < parents.length; row++)
        if (parents[row] !== isCopy && named[row] === 0) rows.push(row)
    return rows
}

/** Of equally long ones the last, as a host would. */
function longest(heads: readonly number[], depth: Uint32Array): number {
    return heads.reduce((best, row) => ((depth[row] as number) >= (depth[best] as number) ? row : best))
}

function breakFinding({ row, behind, kind }: Break, { table, placeOf }: DiagnosisInput): Finding {
    const missing = shortHash(table.parentHash(row))
    switch (kind) {
        case 'reference-altered':
            return finding(
                'altered-record',
                `This line was changed: its parent reference ${missing}… is nearly, but not quite, the hash of what stands before it.`,
                { place: placeOf(row), hash: table.hash(row) },
            )
        case 'record-altered':
            return finding(
                'altered-record',
                `This line was changed, or lines behind it were removed: the next record (${describe(placeOf(row))}) names the parent ${missing}…, which no record has.`,
                { place: placeOf(behind), hash: table.hash(behind) },
            )
        case 'record-removed':
        case 'unknown':
            return finding(
                'missing-parent',
                table.behindUnreadable(row)
                    ? `It names the parent ${missing}…, which no record has: it may be the line before, which cannot be read.`
                    : `It names the parent ${missing}…, which no record has: one or more records before it are gone.`,
                { place: placeOf(row), hash: table.hash(row) },
            )
    }
}

function* forks(
    links: Links,
    parents: Int32Array,
    onPath: Uint8Array,
    input: DiagnosisInput,
): Generator<Finding> {
    const { table, placeOf } = input
    if (links.firsts.length < 2 && !links.children.some((count) => count > 1)) return
    // The child that is on the chain counts as the one that belongs; where none is, the first.
    const chosen = new Map<number, number>()
    const branching = (parent: number) =>
        parent === parentIsGenesis || (parent >= 0 && (links.children[parent] as number) > 1)
    for (let row = 0; row < parents.length; row++) {
        const parent = links.parents[row] as number
        if (branching(parent) && (onPath[row] === 1 || !chosen.has(parent))) chosen.set(parent, row)
    }
    for (let row = 0; row < parents.length; row++) {
        const parent = links.parents[row] as number
        const other = chosen.get(parent)
        if (other === undefined || other === row || !branching(parent)) continue
        const named =
            parent === parentIsGenesis
                ? 'genesis, so there are two first records'
                : `${shortHash(table.hash(parent))}…`
        yield finding(
            'fork',
            `Another record (${describe(placeOf(other))}) names the same parent: ${named}.`,
            {
                place: placeOf(row),
                hash: table.hash(row),
            },
        )
    }
}

/** Records off the chain, one finding for lines that stand together and have the same reason. */
function* unlinked(parents: Int32Array, onPath: Uint8Array, input: DiagnosisInput): Generator<Finding> {
    const { table, placeOf } = input
    if (table.rows === 0) return
    const ends = offChainEnds(parents, onPath)
    for (let row = 0; row < parents.length; row++) {
        if (onPath[row] === 1 || parents[row] === isCopy) continue
        const end = ends[row] as number
        let last = row
        while (
            last + 1 < parents.length &&
            onPath[last + 1] === 0 &&
            ends[last + 1] === end &&
            parents[last + 1] !== isCopy
        )
            last++
        const parent = parents[end] as number
        const reason =
            parent >= 0
                ? `it branches off the chain behind ${describe(placeOf(parent))}`
                : parent === parentIsGenesis
                  ? 'it belongs to a chain of its own, which begins at genesis'
                  : `its chain begins with ${describe(placeOf(end))}, whose parent ${shortHash(table.parentHash(end))}… no record has`
        yield finding('unlinked-record', `Not part of the chain: ${reason}.`, {
            place: placeOf(row),
            ...(last > row && { lastPlace: placeOf(last) }),
            lines: last - row + 1,
            hash: table.hash(row),
        })
        row = last
    }
}

/** Per row off the chain: its oldest ancestor that is off the chain too. */
function offChainEnds(parents: Int32Array, onPath: Uint8Array): Int32Array {
    const ends = new Int32Array(parents.length).fill(-1)
    const walk: number[] = []
    for (let row = 0; row < parents.length; row++) {
        if (onPath[row] === 1 || parents[row] === isCopy) continue
        let at = row
        while (ends[at] === -1) {
            walk.push(at)
            const parent = parents[at] as number
            if (parent < 0 || onPath[parent] === 1) break
            at = parent
        }
        const end = ends[at] === -1 ? at : (ends[at] as number)
        for (const step of walk) ends[step] = end
        walk.length = 0
    }
    return ends
}

function copyFinding(row: number, original: number, { table, placeOf }: DiagnosisInput): Finding {
    return finding('duplicate-record', `The same record stands in ${describe(placeOf(original))} already.`, {
        place: placeOf(row),
        hash: table.hash(row),
    })
}

function* order(
    path: Uint32Array,
    heads: readonly number[],
    { table, placeOf }: DiagnosisInput,
): Generator<Finding> {
    let before = 0
    let first = -1
    for (let i = 1; i < path.length; i++) {
        if ((path[i] as number) > (path[i - 1] as number)) continue
        before++
        if (first < 0) first = path[i] as number
    }
    if (before > 0) {
        yield finding(
            'out-of-order',
            `${before} of ${path.length} records of the chain stand before their parent; this is the oldest of them.`,
            { place: placeOf(first), hash: table.hash(first) },
        )
    }
    const head = path.at(-1)
    // The last line may be a copy of the head: a host starts from the same record all the same.
    if (head !== undefined && heads.length === 1 && table.hash(head) !== table.hash(table.rows - 1)) {
        yield finding(
            'head-not-last',
            `The newest record of the chain is not the last line of the last file.`,
            {
                place: placeOf(head),
                hash: table.hash(head),
            },
        )
    }
}

/** A record can be accused twice: by its own reference and by the record behind it. */
function withoutRepeats(findings: readonly Finding[]): readonly Finding[] {
    const altered = new Set<CompositionHash>()
    return findings.filter(({ id, hash }) => {
        if (id !== 'altered-record' || hash === undefined) return true
        if (altered.has(hash)) return false
        altered.add(hash)
        return true
    })
}

function describe(place: Place): string {
    return place.line === undefined
        ? `${place.file} at byte ${place.offsetBytes}`
        : `${place.file}:${place.line}`
}
