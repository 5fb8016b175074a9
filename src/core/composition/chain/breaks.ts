// Where the chain is broken: a record names a parent that no record is. A changed line has another hash, so
// the one behind it points at nothing; a removed line looks the same. What stands directly before the break
// tells them apart as far as that is possible.
import { type JsonObject, jsonIn } from '../../json.js'
import { differingDigits, genesis } from '../hash.js'
import type { RecordContent } from '../record.js'
import { type Links, parentIsGenesis, parentMissing } from './links.js'
import type { DiagnosisInput } from './record-index.js'

export interface Break {
    /** The record whose parent is missing. */
    readonly row: number
    /** The record that stands where the parent should: the chain likely goes on from it. -1: unknown. */
    readonly behind: number
    /**
     * `reference-altered`: the parent reference in `row` itself was changed.
     * `record-altered`: `behind` was changed, or whole records were removed between the two.
     * `record-removed`: `behind` is as it was, so records were removed or became unreadable between the two.
     * `never-written`: no damage, as `neverWritten` says.
     * `unknown`: nothing near it tells.
     */
    readonly kind: 'reference-altered' | 'record-altered' | 'record-removed' | 'never-written' | 'unknown'
    readonly neverWritten?: NeverWritten
}

/** Unrelated hashes differ in about 60 of 64 digits; a damaged reference in a few. */
const damagedDigitsMax = 24

/**
 * @param start the row that the log begins with, whose parent may be missing because the log was truncated;
 * or -1
 */
export function findBreaks(input: DiagnosisInput, links: Links, start: number): readonly Break[] {
    const { table, isReduced } = input
    const breaks: Break[] = []
    for (const row of links.roots) {
        const before = recordBefore(row, links)
        const named = table.parentHash(row)
        if (before < 0 && differingDigits(named, genesis) <= damagedDigitsMax) {
            breaks.push({ row, behind: -1, kind: 'reference-altered' })
        } else if (before >= 0 && differingDigits(named, table.hash(before)) <= damagedDigitsMax) {
            breaks.push({ row, behind: before, kind: 'reference-altered' })
        } else if (row === start) {
            continue
        } else if (before < 0 || !isLooseEnd(before, links)) {
            breaks.push({ row, behind: -1, kind: 'unknown' })
        } else {
            const isAsItWas = table.behindUnreadable(row) || isReduced(table.hash(before))
            const damage = {
                row,
                behind: before,
                kind: isAsItWas ? 'record-removed' : 'record-altered',
            } as const
            breaks.push(neverWrittenAt(row, links, input) ?? damage)
        }
    }
    return breaks
}

/** Enough to come past states that were set. */
const recordsLookedAtMax = 100

/** Undefined where nothing shows that a host left this hole. */
function neverWrittenAt(
    row: number,
    { parents }: Links,
    { table, isReduced, areReducedGone, contentOf }: DiagnosisInput,
): Break | undefined {
    const isWitnessed = isReduced(table.hash(row)) && !table.behindUnreadable(row)
    const content = isWitnessed ? contentOf(row) : undefined
    if (content === undefined) return undefined
    const before = function* (): Generator<RecordContent> {
        for (let at = row - 1; at >= Math.max(0, row - recordsLookedAtMax); at--) {
            const found = contentOf(at)
            if (found === undefined) return
            yield found
            if (parents[at] !== at - 1) return
        }
    }
    const neverWritten = neverWrittenBefore(content, before())
    if (neverWritten === undefined || areReducedGone()) return undefined
    return { row, behind: row - 1, kind: 'never-written', neverWritten }
}

/** Takes what was never written for nothing: behind it, the chain goes on. */
export function closeHoles(links: Links, breaks: readonly Break[]): void {
    const shortcuts = Int32Array.from(links.parents)
    for (const { row, behind, kind } of breaks) {
        if (kind !== 'never-written' || startOfPiece(behind, shortcuts) === row) continue
        links.parents[row] = behind
        links.children[behind] = 1
        shortcuts[row] = behind
    }
}

/** The parents as they presumably were before the damage. */
export function bridged(links: Links, breaks: readonly Break[]): Int32Array {
    const parents = Int32Array.from(links.parents)
    const shortcuts = Int32Array.from(links.parents)
    for (const { row, behind } of breaks) {
        // Lines that are not in order could make a loop: the piece behind may be the one that begins with
        // this row.
        if (behind < 0 || startOfPiece(behind, shortcuts) === row) continue
        parents[row] = behind
        shortcuts[row] = behind
    }
    return parents
}

/** Walks to the oldest record of a piece, and shortens the way for the next walk. */
function startOfPiece(row: number, shortcuts: Int32Array): number {
    let start = row
    while ((shortcuts[start] as number) >= 0) start = shortcuts[start] as number
    for (let at = row; at !== start; ) {
        const next = shortcuts[at] as number
        shortcuts[at] = start
        at = next
    }
    return start
}

/** The record on the line before, unless that is a copy of another. */
function recordBefore(row: number, links: Links): number {
    return row > 0 && (links.parents[row - 1] as number) >= parentIsGenesis ? row - 1 : -1
}

/** Nobody names it as parent, and it stands right behind its own: the lines are in order up to here. */
function isLooseEnd(row: number, links: Links): boolean {
    const parent = links.parents[row] as number
    return (
        links.children[row] === 0 &&
        (parent === parentIsGenesis || parent === parentMissing || parent === row - 1)
    )
}

// Holes in a chain that are no damage: a host named a record as parent that it had never written. Only what
// the records around a hole say of the run of that host shows it; without that, records may be gone.

/** Why a host did not write what the next record names as its parent. */
interface NeverWritten {
    /**
     * `clock`: a host of 2018 to 2020-02, started while its clock stood before the newest log file, takes
     * events that it cannot write. `migration`: one of 2020-04 forgets the record of a migration.
     */
    readonly cause: 'clock' | 'migration'
    /** How many requests the host had taken before, as the number of the first one that it wrote says. */
    readonly requests: number
}

/** From here on hosts migrate. */
const migrationsSince = Date.UTC(2020, 2, 31)

interface RequestOfRun {
    readonly posixMilliseconds: number
    /** Counts requests from 1 on with each start of a host. */
    readonly number: number
}

/**
 * What a record behind a hole says of it; undefined where it does not show that nothing is lost.
 *
 * A host stores a reduction behind the first event that it writes after its start. So a reduced record of
 * which the number has begun anew is the first one of its run: those before it were not lost from the log, or
 * one of them would be the reduced one.
 * @param reduced the first record behind the hole, of which there is a reduction
 * @param before records before the hole, the newest first
 */
function neverWrittenBefore(
    reduced: RecordContent,
    before: Iterable<RecordContent>,
): NeverWritten | undefined {
    const first = requestOf(reduced.events[0])
    if (first === undefined || reduced.setState !== undefined) return undefined
    const requests = first.number - 1
    if (requests === 0)
        return first.posixMilliseconds >= migrationsSince ? { cause: 'migration', requests } : undefined
    for (const { events } of before) {
        const last = requestOf(events.at(-1))
        if (last === undefined) continue
        const isNewRun = first.number <= last.number || first.posixMilliseconds < last.posixMilliseconds
        return isNewRun ? { cause: 'clock', requests } : undefined
    }
    return undefined
}

function requestOf(event = ''): RequestOfRun | undefined {
    if (!event.includes('"httpRequestId"')) return undefined
    const { httpRequest } = (jsonIn(event) ?? {}) as JsonObject
    const { httpRequestId, posixTimeMilli } = (httpRequest ?? {}) as JsonObject
    const number = /^-?\d+-([1-9]\d{0,14})$/.exec(String(httpRequestId))?.[1]
    if (number === undefined || typeof posixTimeMilli !== 'number') return undefined
    return { number: Number(number), posixMilliseconds: posixTimeMilli }
}
