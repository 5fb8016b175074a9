// In which order the records of a log since 2020-05 were written, as far as the parents that they name show
// it; or undefined where more than one order would do.
import { isOfAdministrator, ParentRule } from '../../later/records/parent-rule.js'
import { noParent, type StandingRecords } from '../standing-records.js'

/**
 * The order in which each record names the line before it, or the ordinary one before a run of the
 * administrator's.
 * @param setMayBeOfAdministrator as of the rule
 */
export function orderByParents(
    standing: StandingRecords,
    setMayBeOfAdministrator: boolean,
): readonly number[] | undefined {
    const { table } = standing
    /** What stands before the oldest record: a hash that is gone, or nothing. */
    const beginnings = new Set<number>()
    let count = 0
    for (const record of standing) {
        count++
        const parent = standing.parentOf(record)
        if (!standing.has(parent)) beginnings.add(parent)
    }
    const [beginning, ...others] = beginnings
    if (beginning === undefined || others.length > 0) return undefined
    const order = walk(standing, beginning, setMayBeOfAdministrator)
    if (order.length !== count) return undefined
    const rule = new ParentRule<number>({ setMayBeOfAdministrator })
    const isAccepted = order.every((record) => {
        const parent = standing.parentOf(record)
        const named = parent === noParent ? undefined : parent
        return rule.accepts({ kind: table.kindAt(record), parent: named, hashes: [record] })
    })
    return isAccepted ? order : undefined
}

function walk(standing: StandingRecords, beginning: number, isSetWide: boolean): readonly number[] {
    const { table } = standing
    const order: number[] = []
    const isTaken = new Uint8Array(table.length)
    const left = (parent: number) => [...standing.childrenOf(parent)].filter((kid) => isTaken[kid] === 0)
    let before = beginning
    /** What the first of a run of the administrator's names. */
    let beforeRun: number | undefined
    /** Takes one of those that name a record. */
    const take = (parent: number, choose: (kids: readonly number[]) => number | undefined) => {
        const chosen = choose(left(parent))
        if (chosen === undefined) return undefined
        isTaken[chosen] = 1
        order.push(chosen)
        return chosen
    }
    /** A set state is one where an ordinary record names the same, or is left behind the run. */
    const administrators = (kids: readonly number[]) => {
        const own = kids.filter((kid) => isOfAdministrator(table.kindAt(kid)))
        if (own.length > 0) return onlyOne(own)
        if (!isSetWide || (kids.length < 2 && (beforeRun === undefined || left(beforeRun).length === 0)))
            return undefined
        return onlyOne(kids.filter((kid) => table.kindAt(kid) === 'set-state'))
    }
    for (;;) {
        const next = take(before, administrators)
        if (next !== undefined) {
            beforeRun ??= before
            before = next
            continue
        }
        const ordinary =
            take(before, onlyOne) ?? (beforeRun === undefined ? undefined : take(beforeRun, onlyOne))
        if (ordinary === undefined) return order
        beforeRun = undefined
        before = ordinary
    }
}

function onlyOne(kids: readonly number[]): number | undefined {
    return kids.length === 1 ? kids[0] : undefined
}
