// Which record is to be restored, and the chain that leads to it.
import type { Chain } from '../check/chain.js'
import { type CheckedLog, checkInOrder, checkLog } from '../check/check-log.js'
import { chooseChain, positionOf } from '../check/choose-chain.js'
import type { Finding } from '../composition/finding.js'
import { genesis } from '../composition/hash.js'
import type { Ref } from '../composition/ref.js'
import { ComplogError } from '../errors.js'
import type { WorkOptions } from '../progress.js'
import { isNameOfHost } from '../store/listing/log-file-name.js'
import { type ListedStore, type StoreEnd, wholeStore } from '../store/process-store.js'
import { lookForNewest, readChainFromEnd } from './from-end.js'
import type { KnownStart } from './known-starts.js'

/** Which record to restore, and how to look for it. */
export interface TargetOptions extends WorkOptions {
    /** Stop after this record; default: the head. */
    readonly until?: Ref | undefined
    /** Which record counts as the head, where the log leaves a choice. */
    readonly head?: Ref | undefined
    /** Ignore reductions. */
    readonly fromGenesis?: boolean | undefined
    /**
     * Read backwards from the last line, only as far as the nearest reduction, as a host does at start.
     * Trusts the last line to be the head, unless what is read shows otherwise: then the whole log is read
     * after all.
     */
    readonly fromEnd?: boolean | undefined
    /** What lines are looked through for while they are checked: see `Chain.looked`. */
    readonly wanted?: readonly string[] | undefined
}

export interface RestoreTarget {
    readonly chain: Chain
    /** Position in the chain of the record to restore; 0 in an empty log. */
    readonly position: number
    /** Whether the log was read from its end, so that positions count from where that ended. */
    readonly fromEnd: boolean
    /** Records met on the way from the end that are no ancestors of the last line. */
    readonly strangers: number
    /** Milliseconds that it took to find the order. */
    readonly orderMilliseconds: number
    readonly findings: readonly Finding[]
}

export async function findTarget(listed: ListedStore, options: TargetOptions): Promise<RestoreTarget> {
    refuseContradiction(options)
    let strangers = 0
    let known: KnownStart | undefined
    if (options.fromEnd === true && !endsWithCopies(listed)) {
        const forwards = isReadForwards(listed)
            ? wholeFromEnd(await checkInOrder(await wholeStore(listed), options))
            : undefined
        if (forwards !== undefined) return forwards
        const walked = await walkFromEnd(listed, options)
        if (walked.target !== undefined) return walked.target
        strangers = walked.strangers
        known = walked.known
    }
    const store = await wholeStore(listed)
    const checked = await checkLog(store, options)
    const chosen = await chooseChain(checked, options.head, options)
    const { chain, head } = chosen
    if (checked.isOneChain) await known?.rememberIfIn(chain.reduced)
    const position = options.until === undefined ? head : await positionOf(chosen, options.until, options)
    return {
        chain,
        position,
        fromEnd: false,
        strangers,
        orderMilliseconds: checked.milliseconds.order,
        findings: [...checked.findings.list, ...store.reductionFindings],
    }
}

interface Walked {
    /** Absent where the whole check must say. */
    readonly target?: RestoreTarget
    readonly strangers: number
    /** What the whole check may show for the next time. */
    readonly known?: KnownStart | undefined
}

async function walkFromEnd(store: ListedStore, options: TargetOptions): Promise<Walked> {
    const read = await readChainFromEnd(store, options)
    if (read === undefined) return walkFromEnd(await (store as StoreEnd).more(), options)
    const { chain, strangers } = read
    // With no record at all, the whole check says whether there should be some.
    if (strangers > 0 || chain.length === 0) return { strangers }
    const { isInLog, known } = await lookForNewest(store, chain, options)
    return { strangers, known, ...(isInLog && { target: targetFromEnd(store, chain) }) }
}

function targetFromEnd(store: ListedStore, chain: Chain): RestoreTarget {
    return {
        chain,
        position: chain.length,
        fromEnd: true,
        strangers: 0,
        orderMilliseconds: 0,
        findings: [...store.findings, ...store.reductionFindings],
    }
}

/**
 * Without reductions, the walk from the end goes to the very first record: read forwards, the same log takes
 * a tenth of the time and no index.
 */
export function isReadForwards(listed: ListedStore): boolean {
    return listed.reductionFiles.size === 0 && !endsWithCopies(listed)
}

/**
 * Where a log that was read forwards leads from the end. Undefined where the walk would end earlier, or might
 * say something else.
 */
export function wholeFromEnd(checked: CheckedLog | undefined): RestoreTarget | undefined {
    const isWhole = checked !== undefined && checked.isOneChain && checked.findings.counts.error === 0
    if (!isWhole) return undefined
    const { longest, store } = checked
    return longest.length > 0 && longest.oldestParent === genesis ? targetFromEnd(store, longest) : undefined
}

/** Read from its end, a log has no other head or target than its last line, and no beginning. */
function refuseContradiction({ fromEnd, fromGenesis, until, head }: TargetOptions): void {
    if (fromEnd !== true || (fromGenesis !== true && until === undefined && head === undefined)) return
    throw new ComplogError(
        'usage',
        'A restore from the end of the log takes neither fromGenesis, until nor head.',
    )
}

/**
 * Whether a file that no host writes to stands behind those of hosts. Its last line is most likely an older
 * record, and the newest of the log is somewhere before it.
 */
function endsWithCopies({ logFiles }: ListedStore): boolean {
    const at = logFiles.findLastIndex(({ sizeBytes }) => sizeBytes > 0)
    if (at < 0 || isNameOfHost(logFiles.at(at)?.path ?? '')) return false
    // To ask for the size of a file is to look at it, where nobody has.
    return logFiles.findLastIndex((file) => isNameOfHost(file.path) && file.sizeBytes > 0) >= 0
}
