// Entrance of core/check/: what is wrong with a store, and its one chain. In comes an open store; out come
// findings, counts and the chain (`chain.ts`), by the fast way where there is one, else by the reference
// (`scan-log.ts`).
//
// Everything that can be said about a store without the app: the log, the reductions, and whether the one can
// be restored with the help of the other.
import { setImmediate } from 'node:timers/promises'

import { type Finding, finding } from '../composition/finding.js'
import { Findings } from '../composition/findings.js'
import { type CompositionHash, genesis, shortHash } from '../composition/hash.js'
import { hasLoneSurrogate } from '../composition/record.js'
import { tornAndReduced } from '../composition/torn.js'
import { countOf } from '../counts.js'
import type { Place } from '../errors.js'
import type { FollowOptions } from '../fast/in-order/follow-log.js'
import { isFinding, type ProcessStore, readReduction, tryReduction } from '../store/process-store.js'
import { type CheckedLog, checkInOrder, indexLog } from './check-log.js'
import { helpOnTorn, lostRecords } from './lost-records.js'
import { type FoundForm, formFindings } from './reduction-forms.js'
import type { ScanOptions } from './scan-log.js'

const reductionsPerTurn = 256

/** What a store is checked against. */
export interface CheckStoreOptions extends ScanOptions, Pick<FollowOptions, 'threads'> {
    /** The hash that the head must have, for instance from a backup. */
    readonly expectHead?: CompositionHash | undefined
}

/** A store of which log and reductions have been checked. */
export interface CheckedStore extends CheckedLog {
    /** Number of reduction files, sound or not. */
    readonly reductions: number
    /** Position in the chain of every reduction that can be used. */
    readonly usableReductions: ReadonlyMap<CompositionHash, number>
}

/** Checks every record, every link, and every reduction's name and content. Goes on past errors. */
export async function checkStore(
    store: ProcessStore,
    options: CheckStoreOptions = {},
): Promise<CheckedStore> {
    const inOrder = await checkInOrder(store, { ...options, withReductions: true })
    const checked = inOrder ?? (await indexLog(store, options))
    const reductions = await checkReductions(checked, options)
    const ofLog = new Findings()
    ofLog.addPacked(checked.findings.packed, (found) =>
        found.id === 'torn-tail' ? { ...found, help: helpOnTorn(checked) } : found,
    )
    const findings = ofLog
        .plus(ignoredEvents(checked))
        .plus(reductions.findings)
        .plus(otherHead(checked, options))
    return {
        ...checked,
        findings,
        reductions: store.reductionFiles.size,
        usableReductions: reductions.usable,
    }
}

function* ignoredEvents({ counts }: CheckedLog): Generator<Finding> {
    const ofMarch = counts.generations['2019-03']
    if (ofMarch === 0) return
    const are = ofMarch === 1 ? 'A record is' : `${ofMarch} records are`
    yield finding('events-ignored-by-host', `${are} of generation 2019-03.`)
}

function* otherHead(
    { heads, longest }: CheckedLog,
    { expectHead }: Pick<CheckStoreOptions, 'expectHead'>,
): Generator<Finding> {
    if (expectHead !== undefined && (heads.length > 1 || longest.head !== expectHead)) {
        const message =
            heads.length > 1
                ? `The log has ${heads.length} heads instead of the expected one, ${expectHead}.`
                : `The head is ${longest.head}, not the expected ${expectHead}.`
        yield finding('head-differs', message, { hash: longest.head })
    }
}

/** What is to be known of a log, of which `findings` are, to check its reductions. */
export type ReducedLog = Pick<
    CheckedLog,
    'store' | 'counts' | 'findings' | 'longest' | 'mayBeginEarlier' | 'index' | 'oddReductions'
>

export interface CheckedReductions {
    readonly findings: Findings
    /** Position in the chain of every reduction that can be used. */
    readonly usable: ReadonlyMap<CompositionHash, number>
}

/** Checks every reduction's name and content, and whether it lets the log be restored. */
export async function checkReductions(
    checked: ReducedLog,
    options: ScanOptions = {},
): Promise<CheckedReductions> {
    const { store, oddReductions } = checked
    const check = new ReductionsCheck(checked, options.pastUnreadable === true)
    const total = store.reductionFiles.size
    let done = 0
    for (const hash of store.reductionFiles.keys()) {
        options.signal?.throwIfAborted()
        if (oddReductions?.has(hash) === false) check.takePlain(hash)
        else await check.take(hash)
        // Small files are read without a promise: signals come in between.
        if (++done % reductionsPerTurn === 0) await setImmediate()
        // Else it was told when they were looked at.
        if (oddReductions === undefined)
            options.onProgress?.({ activity: 'check-reductions', done, total, unit: 'records' })
    }
    return check.end()
}

class ReductionsCheck {
    readonly #checked: ReducedLog
    readonly #pastUnreadable: boolean
    readonly #findings = new Findings()
    readonly #unusable = new Map<CompositionHash, Finding>()
    readonly #forms: FoundForm[] = []
    readonly #lost: ReadonlySet<CompositionHash>
    #newestPlain: { readonly hash: CompositionHash; readonly position: number } | undefined

    constructor(checked: ReducedLog, pastUnreadable: boolean) {
        this.#checked = checked
        this.#pastUnreadable = pastUnreadable
        this.#findings.addAll(checked.store.reductionFindings)
        this.#lost = new Set(lostRecords(checked))
    }

    /** One of which there is nothing to say, as long as its record is there. */
    takePlain(hash: CompositionHash): void {
        if (this.#checked.counts.records === 0) return
        const position = this.#place(hash)
        if (position !== undefined && position > (this.#newestPlain?.position ?? 0))
            this.#newestPlain = { hash, position }
    }

    async take(hash: CompositionHash): Promise<void> {
        const { store, counts } = this.#checked
        const reduction = await (this.#pastUnreadable ? tryReduction : readReduction)(store, hash)
        if (reduction !== undefined && isFinding(reduction)) {
            this.#unusable.set(hash, reduction)
        } else if (counts.records > 0) {
            const place = placeOf(store, hash)
            if (reduction !== undefined && hasLoneSurrogate(reduction.value)) {
                const message = 'The value of this reduction holds half of a surrogate pair.'
                this.#findings.add(finding('lone-surrogate', message, { place, hash }))
            }
            const position = this.#place(hash)
            if (position !== undefined && reduction)
                this.#forms.push({ hash, position, form: reduction.form, place })
        }
    }

    async end(): Promise<CheckedReductions> {
        // What is said of the newest one depends on its form, which may be any.
        if (this.#newestPlain !== undefined) await this.take(this.#newestPlain.hash)
        const findings = this.#findings
        const unusable = this.#unusable
        const { reduced } = this.#checked.longest
        const usable =
            unusable.size === 0 ? reduced : new Map([...reduced].filter(([hash]) => !unusable.has(hash)))
        for (const found of unusable.values()) findings.add(withHelp(found, this.#checked, usable))
        for await (const found of formFindings(this.#checked, this.#forms)) findings.add(found)
        findings.addAll(restorability(this.#checked, usable))
        return { findings, usable }
    }

    /** Where its record stands in the chain; undefined, and a finding, where the log has no such record. */
    #place(hash: CompositionHash): number | undefined {
        const { longest, index } = this.#checked
        const position = longest.reduced.get(hash)
        if (position === undefined && (index?.table.find(hash) ?? -1) < 0)
            this.#findings.add(withoutRecord(this.#checked, hash, this.#lost.has(hash)))
        return position
    }
}

/** Whether a reduction can be written anew: its record must be there, and something older to replay from. */
function withHelp(
    found: Finding,
    { longest }: ReducedLog,
    usable: ReadonlyMap<CompositionHash, number>,
): Finding {
    const hash = found.hash as CompositionHash | undefined
    if (hash === undefined) return found
    const position = longest.reduced.get(hash)
    const isReplayable =
        longest.oldestParent === genesis || [...usable.values()].some((older) => older < (position ?? 0))
    const moreHelp =
        position === undefined
            ? 'The log has no such record.'
            : isReplayable
              ? `\`complog reduce --replace --at ${shortHash(hash)}\` writes it anew.`
              : 'Nothing older is left to replay from: only a backup can bring it back.'
    return { ...found, help: `${found.help} ${moreHelp}` }
}

function* restorability(
    checked: ReducedLog,
    usable: ReadonlyMap<CompositionHash, number>,
): Generator<Finding> {
    const { longest, counts, store, mayBeginEarlier } = checked
    if (counts.records === 0) {
        // It once held some, as they show.
        const said = countOf(store.reductionFiles.size, 'reduction says', 'reductions say')
        if (store.reductionFiles.size > 0)
            yield finding('records-missing', `The log holds no record, but ${said} that it once did.`)
        return
    }
    // What is to be said of a truncated log is not to be said of one that may be damaged.
    if (longest.oldestParent === genesis || mayBeginEarlier === true) return
    let oldestUsable = Infinity
    let oldestHash = longest.head
    for (const [hash, position] of usable) {
        if (position >= oldestUsable) continue
        oldestUsable = position
        oldestHash = hash
    }
    const parent = shortHash(longest.oldestParent)
    if (usable.size === 0) {
        yield finding(
            'unrestorable-chain',
            `The oldest record names the parent ${parent}…, which is not there, and no reduction covers the chain.`,
        )
    } else if (oldestUsable > 1) {
        yield finding(
            'unreplayable-records',
            `${countOf(oldestUsable - 1, 'record stands', 'records stand')} before the oldest reduction of a truncated log: nothing can replay what is older.`,
            {
                lines: oldestUsable - 1,
                moreHelp: `\`complog truncate --unproven --before ${shortHash(oldestHash)} --archive ARCHIVE\` moves just them into that of earlier truncations; they are no store of their own.`,
            },
        )
    }
}

const mayBeUnread =
    'Check again when all of the log can be read: its record may stand where nothing could be.'

function withoutRecord(
    { store, longest, findings }: ReducedLog,
    hash: CompositionHash,
    isLost: boolean,
): Finding {
    const place = placeOf(store, hash)
    if (!isLost) {
        const isRead = findings.count('unreadable-file') === 0
        return finding('reduction-without-record', 'No record of the log has this hash.', {
            place,
            hash,
            help: isRead ? undefined : mayBeUnread,
        })
    }
    return finding(
        'reduction-without-record',
        `No record of the log has this hash, though ${longest.oldestParent === genesis ? 'the log reaches back to its first record' : 'no other reduction is younger, and the newest log file is empty'}: the reduced record is lost, or the reduction is of another store.`,
        {
            place,
            hash,
            severity: 'error',
            help: findings.count('torn-tail') > 0 ? tornAndReduced('reduction/') : undefined,
        },
    )
}

function placeOf({ reductionFiles }: ProcessStore, hash: CompositionHash): Place {
    const file = reductionFiles.get(hash)
    return { file: `reduction/${file?.path ?? hash}`, offsetBytes: 0, sizeBytes: file?.sizeBytes ?? 0 }
}
