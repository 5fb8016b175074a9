// In which order the records of a log since 2020-05 were written, as far as the parents that they name show
// it. In come records as they stand, out come rows; or undefined where more than one order would do.
import { isOfAdministrator, ParentRule, type RuledRecord } from '../../later/parent-rule.js'
import type { ValueHash } from '../../later/value.js'

/** A record, and which of its hashes others name. */
export interface PlacedRecord extends RuledRecord {
    readonly row: number
}

/** Which records name a hash as their parent; those that name none, under the empty text. */
type Children = Map<string, PlacedRecord[]>

/**
 * The order in which each record names the line before it, or the ordinary one before a run of the
 * administrator's. Copies are to be left out.
 * @param setMayBeOfAdministrator as of the rule
 */
export function orderByParents(
    records: readonly PlacedRecord[],
    setMayBeOfAdministrator: boolean,
): readonly PlacedRecord[] | undefined {
    const children: Children = new Map()
    const hashes = new Set(records.flatMap((record) => record.hashes))
    /** What stands before the oldest record: a hash that is gone, or nothing. */
    const beginnings = new Set<string>()
    for (const record of records) {
        const parent = record.parent ?? ''
        children.set(parent, [...(children.get(parent) ?? []), record])
        if (!hashes.has(parent as ValueHash)) beginnings.add(parent)
    }
    const [beginning, ...others] = beginnings
    if (beginning === undefined || others.length > 0) return undefined
    const order = walk(children, beginning, setMayBeOfAdministrator)
    if (order.length !== records.length) return undefined
    const rule = new ParentRule({ setMayBeOfAdministrator })
    return order.every((record) => rule.accepts(record)) ? order : undefined
}

function walk(children: Children, beginning: string, isSetWide: boolean): readonly PlacedRecord[] {
    const order: PlacedRecord[] = []
    let before: readonly string[] = [beginning]
    /** What the first of a run of the administrator's names. */
    let beforeRun: string | undefined
    for (;;) {
        const next = take(children, before, (kids) => administrators(kids, isSetWide))
        if (next !== undefined) {
            beforeRun ??= next.parent ?? ''
            order.push(next)
            before = next.hashes
            continue
        }
        const ordinary =
            take(children, before, onlyOne) ??
            (beforeRun === undefined ? undefined : take(children, [beforeRun], onlyOne))
        if (ordinary === undefined) return order
        beforeRun = undefined
        order.push(ordinary)
        before = ordinary.hashes
    }
}

/** Takes one of those that name one of some hashes. */
function take(
    children: Children,
    hashes: readonly string[],
    choose: (kids: readonly PlacedRecord[]) => PlacedRecord | undefined,
): PlacedRecord | undefined {
    for (const hash of hashes) {
        const kids = children.get(hash) ?? []
        const chosen = choose(kids)
        if (chosen === undefined) continue
        children.set(
            hash,
            kids.filter((kid) => kid !== chosen),
        )
        return chosen
    }
    return undefined
}

/** The one of the administrator's; a set state is one of them where an ordinary record names the same. */
function administrators(kids: readonly PlacedRecord[], isSetWide: boolean): PlacedRecord | undefined {
    const own = kids.filter(({ kind }) => isOfAdministrator(kind))
    if (own.length > 0) return onlyOne(own)
    const sets = isSetWide && kids.length > 1 ? kids.filter(({ kind }) => kind === 'set-state') : []
    return onlyOne(sets)
}

function onlyOne(kids: readonly PlacedRecord[]): PlacedRecord | undefined {
    return kids.length === 1 ? kids[0] : undefined
}
