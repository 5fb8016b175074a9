// Entrance of core/composition/chain/: how the records of a log hang together that is not one chain in order.
// In comes an index of records (`record-index.ts`; kept in memory: `record-table.ts`); out come the links
// between them, where they break or part, and findings that say so.
//
// Turns the forest of records into findings and, where the log has just one, into its chain.
import { countOf } from '../../counts.js'
import { describePlace, type Finding, type FindingDetails, finding } from '../finding.js'
import { genesis, shortHash } from '../hash.js'
import { type Break, bridged, closeHoles, findBreaks } from './breaks.js'
import { headsOf, listOfHeads } from './heads.js'
import { depthsOf, isCopy, type Links, linkRecords, parentIsGenesis, parentMissing, pathTo } from './links.js'
import type { DiagnosisInput } from './record-index.js'
import { unlinked } from './unlinked.js'

export interface Diagnosis {
    /** To be taken once. */
    readonly findings: Iterable<Finding>
    /** The rows of the one chain, oldest first. Where the chain is broken or forked: of the longest piece. */
    readonly chainRows: Uint32Array
    /** The rows that no record names as parent: more than one means that somebody must choose. */
    readonly heads: readonly number[]
    /** Whether each row of the chain but the first names the one before it, or what was never written. */
    readonly isLinked: boolean
    /** A row behind what was never written has the one before it as its parent. */
    readonly links: Pick<Links, 'parents'>
    /** Rows directly behind what was never written. */
    readonly holes: readonly number[]
}

export function diagnose(input: DiagnosisInput): Diagnosis {
    const { table, copies } = input
    const links = linkRecords(table, copies)
    // A truncated log begins with a record whose parent is gone, and that one stands first.
    const start = links.firsts.length > 0 ? -1 : (links.roots[0] ?? -1)
    const breaks = findBreaks(input, links, start)
    closeHoles(links, breaks)
    const parents = bridged(links, breaks)

    const heads = leaves(parents)
    const chainRows = heads.length > 0 ? pathTo(longest(heads, parents), parents) : new Uint32Array()
    const onChain = new Uint8Array(table.rows)
    for (const row of chainRows) onChain[row] = 1

    const isLinked = chainRows.every((row, i) => i === 0 || links.parents[row] === chainRows[i - 1])
    return {
        findings: withoutRepeats(findingsOf({ breaks, links, parents, heads, chainRows, onChain }, input)),
        chainRows,
        heads,
        isLinked,
        links,
        holes: breaks.filter(({ kind }) => kind === 'never-written').map(({ row }) => row),
    }
}

/** Records that are known to be one chain: each but the first is the only child of another. */
export interface OneChain {
    readonly chainRows: Uint32Array
    /** Per row: the row of its parent. That of the first is not looked at. */
    readonly parents: Int32Array
}

/** The same of records that are one chain; undefined where a parent reference looks damaged all the same. */
export function diagnoseOneChain(
    { chainRows, parents }: OneChain,
    input: DiagnosisInput,
): Diagnosis | undefined {
    const { table } = input
    const [first] = chainRows
    const head = chainRows.at(-1)
    if (first === undefined || head === undefined) return undefined
    const isTruncated = table.parentHash(first) !== genesis
    parents[first] = isTruncated ? parentMissing : parentIsGenesis
    const links = { parents, children: new Uint32Array(), roots: isTruncated ? [first] : [], firsts: [] }
    if (findBreaks(input, links, first).length > 0) return undefined
    const findings = order(chainRows, [head], input)
    return { findings, chainRows, heads: [head], isLinked: true, links, holes: [] }
}

interface Forest {
    readonly breaks: readonly Break[]
    readonly links: Links
    readonly parents: Int32Array
    readonly heads: readonly number[]
    readonly chainRows: Uint32Array
    readonly onChain: Uint8Array
}

/** One after the other, when they are asked for: a log can be wrong in a million lines. */
function* findingsOf(
    { breaks, links, parents, heads, chainRows, onChain }: Forest,
    input: DiagnosisInput,
): Generator<Finding> {
    for (const found of breaks)
        if (onChain[found.row] === 1) yield breakFinding(found, input, chainRows.at(-1))
    const onHostChain = hostChain(links, input)
    yield* forks({ links, parents, heads, onChain, onHostChain }, input)
    yield* unlinked({ parents, onChain, onHostChain }, input)
    for (const [row, original] of input.copies) yield copyFinding(row, original, input)
    yield* order(chainRows, heads, input)
}

/** Rows that no row has as its parent, without copies. */
export function leaves(parents: Int32Array): number[] {
    const named = new Uint8Array(parents.length)
    for (const parent of parents) if (parent >= 0) named[parent] = 1
    const rows: number[] = []
    for (let row = 0; row < parents.length; row++)
        if (parents[row] !== isCopy && named[row] === 0) rows.push(row)
    return rows
}

/** Of equally long ones the last, as a host would. */
function longest(heads: readonly number[], parents: Int32Array): number {
    const depth = depthsOf(parents)
    return heads.reduce((best, row) => ((depth[row] as number) >= (depth[best] as number) ? row : best))
}

/**
 * A host that could not write its first events, since its clock stood before the newest file, begins a file
 * with the first one that it can, and stores a reduction behind it.
 */
function mayNeverBeWritten(row: number, { table, isReduced }: DiagnosisInput): boolean {
    return row > 0 && (table.place(row).file !== table.place(row - 1).file || isReduced(table.hash(row)))
}

const orNeverWritten =
    'Or what it names was never written: a host of 2018 to 2020-02 that was started while its clock stood before the newest file takes events that it cannot write, and one of 2020-04 never writes the record of a migration.'

/** What was never written is in no backup, but the reduction behind it was made of it. */
function goesOn(row: number, head: number, { table }: DiagnosisInput): string {
    return `If it was never written, no backup has it, but the reduction of ${shortHash(table.hash(row))} holds what it did: \`complog repair --quarantine --head ${shortHash(table.hash(head))}\` keeps the records from there on, and sets those before aside. Where the state that a migration made is known, \`complog repair --migrated-state FILE\` puts its record back.`
}

/** @param head the newest row behind the break */
function breakFinding(found: Break, input: DiagnosisInput, head = found.row): Finding {
    const { row, behind, kind } = found
    const { table, placeOf, isBehindOversized } = input
    const more = mayNeverBeWritten(row, input) ? ` ${orNeverWritten}` : ''
    const missing = shortHash(table.parentHash(row))
    const upTo =
        behind < 0
            ? undefined
            : `\`complog replay --head ${shortHash(table.hash(behind))}\` restores up to the break.`
    const moreHelp =
        more !== '' && input.isReduced(table.hash(row))
            ? [upTo, goesOn(row, head, input)].join(' ').trim()
            : upTo
    switch (kind) {
        case 'never-written':
            return holeFinding(found, input)
        case 'reference-altered':
            return finding(
                'altered-record',
                `This line was changed: its parent reference ${missing}… is nearly, but not quite, the hash of what stands before it.`,
                { ...recordOf(row, input), moreHelp },
            )
        case 'record-altered':
            return finding(
                'altered-record',
                `This line was changed, or lines behind it were removed: the next record (${describePlace(placeOf(row))}) names the parent ${missing}…, which no record has.${more}`,
                { ...recordOf(behind, input), moreHelp },
            )
        case 'record-removed':
        case 'unknown':
            return finding(
                'missing-parent',
                table.behindUnreadable(row)
                    ? `It names the parent ${missing}…, which no record has: it may be the line before, which cannot be read.`
                    : `It names the parent ${missing}…, which no record has: one or more records before it are gone.${more}`,
                {
                    ...recordOf(row, input),
                    moreHelp,
                    host:
                        table.behindUnreadable(row) && isBehindOversized(row)
                            ? 'Reads the long line before it as well, if its memory allows, and goes on behind it.'
                            : undefined,
                },
            )
    }
}

function holeFinding({ row, neverWritten }: Break, input: DiagnosisInput): Finding {
    const { table } = input
    const { cause = 'clock', requests = 0 } = neverWritten ?? {}
    const whose =
        cause === 'clock'
            ? `The host had been started while its clock stood before the newest log file, and took ${countOf(requests, 'request')} that it could not write: this is the first one that it wrote.`
            : 'It is the first one of its run: a host of 2020-04 has migrated the app and forgotten the record of that, or a state was set in a record that is lost.'
    return finding(
        'never-written',
        `It names the parent ${shortHash(table.parentHash(row))}…, which no record has. ${whose} What that did to the state is in the reduction of ${shortHash(table.hash(row))} alone.`,
        {
            ...recordOf(row, input),
            moreHelp:
                cause === 'migration'
                    ? 'Where the state that the migration made is known, `complog repair --migrated-state FILE` puts its record back.'
                    : undefined,
        },
    )
}

/** Per row, 1 where a host comes to it by parents from the last line as the head, reductions aside. */
function hostChain(links: Links, { table, copies }: DiagnosisInput): Uint8Array {
    const onHostChain = new Uint8Array(table.rows)
    const last = table.rows - 1
    // Of copies, one alone has a parent in the forest.
    for (let row = copies.get(last) ?? last; row >= 0; row = links.parents[row] as number)
        onHostChain[row] = 1
    return onHostChain
}

function* forks(
    {
        links,
        parents,
        heads,
        onChain,
        onHostChain,
    }: Pick<Forest, 'links' | 'parents' | 'heads' | 'onChain'> & { readonly onHostChain: Uint8Array },
    input: DiagnosisInput,
): Generator<Finding> {
    const { table, placeOf } = input
    if (links.firsts.length < 2 && !links.children.some((count) => count > 1)) return
    const { isReduced } = input
    const hash = (row: number) => table.hash(row)
    const witnessed = headsOf(heads, parents, { hash, isReduced }).filter(
        ({ witness }) => witness !== undefined,
    )
    const moreHelp =
        witnessed.length === 0 ? undefined : `Heads with a witness: ${listOfHeads(witnessed, '')}.`
    // The child that is on the chain counts as the one that belongs; where none is, the first.
    const chosen = new Map<number, number>()
    const branching = (parent: number) =>
        parent === parentIsGenesis || (parent >= 0 && (links.children[parent] as number) > 1)
    for (let row = 0; row < parents.length; row++) {
        const parent = links.parents[row] as number
        if (branching(parent) && (onChain[row] === 1 || !chosen.has(parent))) chosen.set(parent, row)
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
            `Another record (${describePlace(placeOf(other))}) names the same parent: ${named}.`,
            {
                ...recordOf(row, input),
                moreHelp,
                host: hostAtFork(onHostChain[row] === 1, onHostChain[other] === 1),
            },
        )
    }
}

/** Undefined where a host comes to neither of two branches. */
function hostAtFork(comesToThis: boolean, comesToOther: boolean): string | undefined {
    if (comesToThis)
        return 'Starts from this branch, which the last line belongs to, and silently ignores the other.'
    if (comesToOther)
        return 'Starts from the other branch, which the last line belongs to, and silently ignores this one.'
    return undefined
}

function copyFinding(row: number, original: number, input: DiagnosisInput): Finding {
    const message = `The same record stands in ${describePlace(input.placeOf(original))} already.`
    return finding('duplicate-record', message, recordOf(row, input))
}

/** Which record a finding is of. */
function recordOf(row: number, { table, placeOf }: DiagnosisInput): FindingDetails {
    return { place: placeOf(row), hash: table.hash(row) }
}

function* order(chainRows: Uint32Array, heads: readonly number[], input: DiagnosisInput): Generator<Finding> {
    const { table } = input
    let before = 0
    let first = -1
    for (let i = 1; i < chainRows.length; i++) {
        if ((chainRows[i] as number) > (chainRows[i - 1] as number)) continue
        before++
        if (first < 0) first = chainRows[i] as number
    }
    if (before > 0) {
        const message = `${before} of ${chainRows.length} records of the chain stand before their parent; this is the oldest of them.`
        yield finding('out-of-order', message, recordOf(first, input))
    }
    const head = chainRows.at(-1)
    // The last line may be a copy of the head: a host starts from the same record all the same.
    if (head !== undefined && heads.length === 1 && table.hash(head) !== table.hash(table.rows - 1)) {
        const message = 'The newest record of the chain is not the last line of the last file.'
        yield finding('head-not-last', message, recordOf(head, input))
    }
}

/** A record can be accused twice: by its own reference and by the record behind it. */
function* withoutRepeats(findings: Iterable<Finding>): Generator<Finding> {
    const altered = new Set<Finding['hash']>()
    for (const found of findings) {
        if (found.id === 'altered-record' && found.hash !== undefined) {
            if (altered.has(found.hash)) continue
            altered.add(found.hash)
        }
        yield found
    }
}
