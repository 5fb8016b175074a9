// From what a user names to records of a chain. Where a log has no one chain, the user must say which piece
// is meant: complog never chooses in silence.
import { leaves } from '../composition/chain/diagnosis.js'
import { type Head, headsOf, listOfHeads } from '../composition/chain/heads.js'
import { depthsOf, isCopy, pathTo } from '../composition/chain/links.js'
import { type CompositionHash, shortHash } from '../composition/hash.js'
import { type Ref, refText } from '../composition/ref.js'
import { ComplogError } from '../errors.js'
import type { WorkOptions } from '../progress.js'
import type { ChosenChain } from './chain.js'
import { ChainByIndex } from './chain-by-index.js'
import type { CheckedLog, IndexedLog, LogIndex } from './check-log.js'
import { helpOnTorn, refuseLostRecords } from './lost-records.js'
import { positionAtTime } from './record-time.js'

/**
 * The one chain of a log, or the chain up to the record that the user chose as its head.
 * @throws ComplogError `broken-chain`, `two-heads`, `torn-tail`, `unknown-ref`, `ambiguous-ref`, `usage`
 */
export async function chooseChain(
    checked: CheckedLog,
    head: Ref | undefined,
    options: WorkOptions = {},
): Promise<ChosenChain> {
    const { longest, index } = checked
    const whole = { chain: longest, head: longest.length }
    if (head === undefined) {
        if (!checked.isOneChain) throw notOneChain(checked)
        refuseLostRecords(checked)
        return whole
    }
    if (index === undefined) return { chain: longest, head: await positionOf(whole, head, options) }
    if (head.kind === 'hash') {
        const chain = new ChainByIndex(
            checked.store,
            index.table,
            pathTo(rowOf(index, head.prefix), index.diagnosis.links.parents),
        )
        return { chain, head: before(head, chain.length) }
    }
    if (checked.heads.length === 1 && index.diagnosis.isLinked) {
        return { chain: longest, head: await positionOf(whole, head, options) }
    }
    throw new ComplogError(
        'usage',
        'This log is not one chain, so only a hash can say which record is meant.',
        { hint: `It has these heads: ${headList(checked)}.` },
    )
}

/**
 * The position of the record that a reference names, from 1; 0 for the head of an empty chain.
 * @throws ComplogError `unknown-ref`, `ambiguous-ref`
 */
export async function positionOf(chosen: ChosenChain, ref: Ref, options: WorkOptions = {}): Promise<number> {
    return before(ref, await positionOfName(chosen, ref, options), chosen.head)
}

async function positionOfName(chosen: ChosenChain, ref: Ref, options: WorkOptions): Promise<number> {
    const { chain, head } = chosen
    switch (ref.kind) {
        case 'head':
            return head
        case 'number':
            if (ref.position > head) throw outside(`#${ref.position}`, head)
            return ref.position
        case 'time':
            return positionAtTime(chosen, ref.posixMilliseconds, options)
        case 'hash': {
            const [position, other] = await chain.find(ref.prefix, options)
            if (position === undefined || position > head) throw unknown(ref.prefix)
            if (other !== undefined && other <= head) throw ambiguous(ref.prefix)
            return position
        }
    }
}

/** The position that a reference names, so far before the one of its name. */
function before(ref: Ref, named: number, head = named): number {
    const { back = 0 } = ref
    if (back > 0 && back >= named) {
        if (ref.kind === 'head') throw outside(refText(ref), head)
        throw new ComplogError(
            'unknown-ref',
            `${refText(ref)} names no record: before that one, the chain has ${named - 1}.`,
            { hint: `Name one from #1 to #${head}.` },
        )
    }
    return named - back
}

/**
 * Refuses to move or remove lines where it cannot be told what one of them is.
 * @throws ComplogError `limit-exceeded`
 */
export function refuseOversizedLines({ findings }: CheckedLog): void {
    if (findings.count('oversized-line') === 0) return
    throw new ComplogError(
        'limit-exceeded',
        'A line is longer than the bound, so it cannot be told what it is.',
        {
            place: findings.list.find(({ id }) => id === 'oversized-line')?.place,
            hint: 'Raise --max-line-size if a record may be this long.',
        },
    )
}

/**
 * Refuses to end a log with a head that is named by its distance from the newest record, or from the newest
 * at a time: it is another record once the log ends with it, and the same command, killed in its last moment
 * and run again, would take as many records more.
 * @param ref how the head was named
 * @param head what it names
 * @throws ComplogError `usage`
 */
export function refuseDistance(ref: Ref | undefined, head: CompositionHash): void {
    if (ref === undefined || (ref.back ?? 0) === 0) return
    // Any other name stands for the same record then, and so does what stands so far before it.
    if (ref.kind !== 'head' && ref.kind !== 'time') return
    throw new ComplogError(
        'usage',
        `${refText(ref)} is another record once the log ends with it, so it would not be the same command twice.`,
        { hint: `Name the record by its hash: --head ${shortHash(head)}.` },
    )
}

function rowOf({ table, diagnosis }: LogIndex, prefix: string): number {
    let found = -1
    for (let row = 0; row < table.rows; row++) {
        if (diagnosis.links.parents[row] === isCopy || !table.hashStartsWith(row, prefix)) continue
        if (found >= 0) throw ambiguous(prefix)
        found = row
    }
    if (found < 0) throw unknown(prefix)
    return found
}

/** Why a log cannot be used as it is, the most telling reason first. */
function notOneChain(checked: CheckedLog): ComplogError {
    const { findings } = checked
    const see = 'Run `complog verify-chain` for all findings.'
    const first = findings.list.find(({ severity, place }) => severity === 'error' && place !== undefined)
    const place = first?.place
    if (findings.count('torn-tail') > 0 && findings.counts.error === 1) {
        const { head, length } = checked.longest
        const without =
            length === 0 ? '' : ` \`complog replay --head ${shortHash(head)}\` restores without it.`
        return new ComplogError(
            'torn-tail',
            'The log ends within a record: the append of it was interrupted.',
            { place, hint: `${helpOnTorn(checked)}${without}` },
        )
    }
    if (checked.heads.length > 1 && findings.count('fork') > 0) {
        return new ComplogError(
            'two-heads',
            `The log has ${checked.heads.length} heads: ${headList(checked)}.`,
            {
                place,
                hint: `Choose one: \`complog replay --head HASH\` restores it, \`complog repair --quarantine --head HASH\` keeps it and moves the other out. ${see}`,
            },
        )
    }
    const broken = first === undefined ? '' : `: ${first.message}`
    const pieces = newestOfPieces(checked)
    const use =
        pieces === ''
            ? ''
            : `\`complog replay --head HASH\` restores one piece of it, by its newest record: ${pieces}. `
    return new ComplogError('broken-chain', `The log is not one whole chain${broken}`, {
        place,
        hint: use + see,
    })
}

/** The newest record of each piece that hangs together, with a witness first, then the longest first. */
function newestOfPieces({ index, store }: CheckedLog): string {
    if (index === undefined) return ''
    const { parents } = index.diagnosis.links
    const depth = depthsOf(parents)
    const newest = leaves(parents).sort((a, b) => (depth[b] as number) - (depth[a] as number))
    const heads = headsIn({ store, index }, newest)
    return listOfHeads(
        heads.map((head, i) => ({ ...head, note: `#${depth[newest[i] as number]}` })),
        '',
    )
}

function headList({ heads, index, store }: CheckedLog): string {
    if (index === undefined) return heads.map(shortHash).join(', ')
    return listOfHeads(headsIn({ store, index }), '')
}

/** The heads of a log, or some of its newest records, with what bears witness for each. */
export function headsIn(
    { store, index: { table, diagnosis } }: Pick<IndexedLog, 'store' | 'index'>,
    rows = diagnosis.heads,
): readonly Head[] {
    return headsOf(rows, diagnosis.links.parents, {
        hash: (row) => table.hash(row),
        isReduced: (hash) => store.reductionFiles.has(hash),
    })
}

function outside(ref: string, head: number): ComplogError {
    return new ComplogError('unknown-ref', `${ref} names no record: the chain has ${head}.`, {
        hint:
            head === 0
                ? 'The log is empty: leave it out, and get the initial state.'
                : `Name one from #1 to #${head}.`,
    })
}

function unknown(prefix: string): ComplogError {
    return new ComplogError('unknown-ref', `No record of the chain has a hash that begins with ${prefix}.`, {
        hint: 'Compare with the head that `complog verify-chain` prints.',
    })
}

function ambiguous(prefix: string): ComplogError {
    return new ComplogError('ambiguous-ref', `More than one record has a hash that begins with ${prefix}.`, {
        hint: 'Give more digits of the hash.',
    })
}
