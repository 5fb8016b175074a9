// Entrance of core/later/reading/: the files of a store as hosts of its generation read them. In comes a
// store that was recognised; out come its records, values and reductions, and what is wrong with each.
//
// A store of 2020-05 or later, read once: its records in order, its values, its reductions, and what of them
// counts.
import { type Finding, finding } from '../../composition/finding.js'
import type { StoreGenerationId } from '../../generations/generation.js'
import { headFile } from '../../generations/head-file.js'
import { minuteFiles } from '../../generations/minute-files.js'
import type { WorkOptions } from '../../progress.js'
import { hasUnseen, UnseenFiles, unseenFilesMin } from '../../store/listing/unseen-files.js'
import type { LaterStore } from '../../store/recognise.js'
import { type LiveRecords, liveRecords } from '../records/live-records.js'
import { genesisOfLater, LaterLog } from '../records/log.js'
import { ParentRule } from '../records/parent-rule.js'
import type { ValueHash } from '../values/value.js'
import { type CheckedValues, checkValues } from './check-values.js'
import { type ListedLater, listLater } from './list-later.js'
import { checkHeadFileBeside, readHeadChain, readHeadFile } from './read-head-chain.js'
import { firstParentIn, type ReadLogFile, readLogFiles } from './read-log-files.js'
import { type LaterReduction, type LaterReductions, readReductions } from './reductions.js'

/** A store of 2020-05 or later, read once. */
export interface ReadLater {
    readonly store: LaterStore
    /** What was read. */
    readonly listed: ListedLater
    readonly log: LaterLog
    readonly values: CheckedValues
    readonly reductions: LaterReductions
    readonly live: LiveRecords
    /** Of live records that the log has, with a state and an app that are there, by row. */
    readonly usable: ReadonlyMap<number, LaterReduction>
    /** The row of the newest of them: what hosts start from; -1 where none is usable. */
    readonly newestUsable: number
    /** The older generations of which the records are the beginning of the same history. */
    readonly continued: readonly StoreGenerationId[]
    /** The oldest record names a parent that is gone. */
    readonly isTruncated: boolean
    /** The row of the record that counts as the head, as a person says, or of the newest; -1 for none. */
    readonly headRow: number
}

/** Up to where a store is read. */
export interface ReadLaterOptions extends WorkOptions {
    /** Of a head-file store: how the hash of the record to read up to begins, not the one in that file. */
    readonly leaf?: string | undefined
    /** For a check: past log files that the system does not let be read, with a finding for each. */
    readonly goesOn?: boolean
}

/** Where what is to be read is not on the disk, or was read before. */
export interface ReadListedOptions extends ReadLaterOptions {
    readonly readLogFile?: ReadLogFile | undefined
    /** The values of the same store. */
    readonly values?: CheckedValues | undefined
    /** What the head file will name, whatever it holds now. */
    readonly headNamed?: ValueHash | undefined
}

/**
 * Reads all of a store.
 * @throws ComplogError `file-system`, `limit-exceeded`
 */
export async function readLater(store: LaterStore, options: ReadLaterOptions = {}): Promise<ReadLater> {
    return readListed(await listLater(store), options)
}

/** The same for whoever asks no more of log files than what is in them, of which there may be many. */
export async function readLaterByNames(
    store: LaterStore,
    options: ReadLaterOptions = {},
    filesMin = unseenFilesMin,
): Promise<ReadLater> {
    try {
        return await readListed(await listLater(store, filesMin), options)
    } catch (error) {
        if (error instanceof UnseenFiles) return readLater(store, options)
        throw error
    }
}

/** The same of a store that was listed, or of what it would be. */
export async function readListed(
    listed: ListedLater,
    { readLogFile, values: known, leaf, headNamed, goesOn = false, ...options }: ReadListedOptions = {},
): Promise<ReadLater> {
    const hasHeadFile = listed.store.older.includes(headFile)
    const withRecords = listed.store.generation.order === 'head-file' || hasHeadFile
    const values = known ?? (await checkValues(listed.values, { ...options, withRecords }))
    const store = newerWithoutLog(listed, values)
    const { generation } = store
    const reductions = readReductions(listed.reductions)
    const rule = new ParentRule({
        setMayBeOfAdministrator: !values.hasWholeFiles,
        hasOneWriter: generation.order === 'parents',
    })
    const log = new LaterLog(generation, rule, reductions.byHash)
    log.goesOn = goesOn
    log.findings.addAll(listed.logFindings)
    const continued: StoreGenerationId[] = []
    if (generation.order === 'head-file') {
        const named = headNamed ?? readHeadFile(log, listed.headFile)
        readHeadChain(log, values, leafNamed(values, leaf) ?? named)
    } else {
        // Hosts of 2021-07 went on behind the records of before, if there were any.
        const before = hasHeadFile ? firstParentIn(log, listed, readLogFile) : undefined
        const isThere = (hash: ValueHash) => values.records.has(hash) || (goesOn && values.isUnread(hash))
        if (before !== undefined && isThere(before)) {
            continued.push(headFile.id)
            readHeadChain(log, values, before)
            checkHeadFileBeside(log, listed.headFile, before)
        }
        await readLogFiles(log, listed, { ...options, read: readLogFile })
    }
    log.finish()
    // What is wrong may be a second name, which only a look at each file tells. A set state may stand twice.
    const isOdd = log.findings.list.length > 0 || log.counts.has('set-state')
    if (isOdd && hasUnseen(listed.logFiles)) throw new UnseenFiles()
    const live = liveRecords(log.table, log.reverts, generation)
    const first = generation.order === 'parents' ? genesisOfLater : undefined
    const usable = usableReductions({ log, values, reductions, live })
    let newestUsable = -1
    for (const row of usable.keys()) newestUsable = Math.max(newestUsable, row)
    return {
        store,
        listed,
        log,
        values,
        reductions,
        live,
        usable,
        newestUsable,
        continued,
        isTruncated: log.table.length > 0 && log.oldestParent !== first,
        headRow: log.table.length - 1,
    }
}

/** As long as records were values, no store had values and none of them: what is gone is a newer log. */
function newerWithoutLog({ store, logFiles, headFile }: ListedLater, values: CheckedValues): LaterStore {
    const hasRecords = logFiles.length > 0 || values.records.size > 0
    if (hasRecords || headFile !== undefined || values.totals.files === 0) return store
    return { ...store, generation: minuteFiles }
}

function leafNamed({ records }: CheckedValues, prefix: string | undefined): ValueHash | undefined {
    if (prefix === undefined) return undefined
    const [found, ...others] = [...records.keys()].filter((hash) => hash.startsWith(prefix))
    return others.length === 0 ? found : undefined
}

function usableReductions({
    log,
    values,
    reductions,
    live,
}: Pick<ReadLater, 'log' | 'values' | 'reductions' | 'live'>): ReadonlyMap<number, LaterReduction> {
    const usable = new Map<number, LaterReduction>()
    for (const reduction of reductions.byHash.values()) {
        const row = log.reduced.get(reduction.hash)
        if (row === undefined || !live.isLive(row)) continue
        const { state, app } = reduction
        if (state !== undefined && app !== undefined && values.has(state) && values.has(app))
            usable.set(row, reduction)
    }
    return usable
}

/** That all records are gone, where what else is there shows that the log once held some. */
export function* lostLog({ listed, log, reductions, store, values }: ReadLater): Generator<Finding> {
    const { order } = store.generation
    const mayHaveLost = order === 'head-file' ? 0 : values.totals.files
    if (log.table.length > 0 || !log.isRead) return
    if (reductions.files + mayHaveLost === 0) return
    const what = reductions.files > 0 ? 'reductions' : 'values'
    const message =
        listed.logFiles.length > 0 || order === 'head-file'
            ? `The log holds no record, but there are ${what} that say that it once did.`
            : `There are ${what}, but no log: the folder composition-log/ is gone or a file, or nothing is in it.`
    yield finding('records-missing', message, {
        host: 'Starts without an app, and ignores every reduction.',
    })
}
