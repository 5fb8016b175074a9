// In which order the records of a log since 2020-05 were written, as far as the parents that they name show
// it. In come records as they stand, out come rows; or undefined where more than one order would do.
import { isOfAdministrator, ParentRule, type RuledRecord } from '../../later/records/parent-rule.js'
import type { ValueHash } from '../../later/values/value.js'

/** Which records name a hash as their parent; those that name none, under the empty text. */
type Children<T> = Map<string, T[]>

/**
 * The order in which each record names the line before it, or the ordinary one before a run of the
 * administrator's. Copies are to be left out.
 * @param setMayBeOfAdministrator as of the rule
 */
export function orderByParents<T extends RuledRecord>(
    records: readonly T[],
    setMayBeOfAdministrator: boolean,
): readonly T[] | undefined {
    const children: Children<T> = new Map()
    const hashes = new Set(records.flatMap((record) => record.hashes))
    /** What stands before the oldest record: a hash that is gone, or nothing. */
    const beginnings = new Set<string>()
    for (const record of records) {
        const parent = record.parent ?? ''
        const kids = children.get(parent)
        if (kids === undefined) children.set(parent, [record])
        else kids.push(record)
        if (!hashes.has(parent as ValueHash)) beginnings.add(parent)
    }
    const [beginning, ...others] = beginnings
    if (beginning === undefined || others.length > 0) return undefined
    const order = walk(children, beginning, setMayBeOfAdministrator)
    if (order.length !== records.length) return undefined
    const rule = new ParentRule({ setMayBeOfAdministrator })
    return order.every((record) => rule.accepts(record)) ? order : undefined
}

function walk<T extends RuledRecord>(
    children: Children<T>,
    beginning: string,
    isSetWide: boolean,
): readonly T[] {
    const order: T[] = []
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
function take<T>(
    children: Children<T>,
    hashes: readonly string[],
    choose: (kids: readonly T[]) => T | undefined,
): T | undefined {
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
function administrators<T extends RuledRecord>(kids: readonly T[], isSetWide: boolean): T | undefined {
    const own = kids.filter(({ kind }) => isOfAdministrator(kind))
    if (own.length > 0) return onlyOne(own)
    const sets = isSetWide && kids.length > 1 ? kids.filter(({ kind }) => kind === 'set-state') : []
    return onlyOne(sets)
}

function onlyOne<T>(kids: readonly T[]): T | undefined {
    return kids.length === 1 ? kids[0] : undefined
}
