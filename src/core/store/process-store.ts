// Entrance of core/store/: the files of a process store. In comes a path that a person named; out come the
// log files in the order in which hosts read them, the reductions by hash, ways to read both, and the only
// ways to write (`durable/`, `changes/`), which the holder of the store's lock has (`store-lock.ts`).
//
// A process store as it was found: its log files in order and its reductions by the hash they are named
// after.
import { closeSync, readFileSync } from 'node:fs'

import { type Finding, type FindingDetails, finding } from '../composition/finding.js'
import { type CompositionHash, hashFromHex } from '../composition/hash.js'
import { countOf } from '../counts.js'
import { ComplogError, changedWhileRead } from '../errors.js'
import { attempt } from '../file-system-error.js'
import { defaultLimits, type Limits, reductionSizeBytesMax } from '../limits.js'
import { parseReduction, type StoredReduction } from '../reduction/reduction.js'
import { layoutOf, type StoreLayout } from './layout.js'
import { withoutLineUnderWay } from './line-under-way.js'
import {
    type FileList,
    type FileListing,
    listFiles,
    listNewestFiles,
    type StoreFile,
} from './listing/list-files.js'
import { isLaterThan, isNameOfArchive, isNameOfHost, lastFileOfHost } from './listing/log-file-name.js'
import { hashNamesIn, NamedFiles, stateOfFolder } from './listing/named-files.js'
import { listNames, UnseenFiles, unseenFilesMin } from './listing/unseen-files.js'
import { type LaterStore, laterStoreAt } from './recognise.js'

/** What was listed of a process store, or of a log without one. What was appended later is not seen. */
interface Listed {
    readonly layout: StoreLayout
    readonly limits: Limits
    /** The files of the composition log, in the order in which a host reads them. */
    readonly logFiles: FileList
    /** Reduction files by the composition hash in their name. */
    readonly reductionFiles: ReadonlyMap<CompositionHash, StoreFile>
    /** What the listing of the log's folder alone showed. */
    readonly findings: readonly Finding[]
    /** The same of the folder of the reductions: never a reason why a log is no chain. */
    readonly reductionFindings: readonly Finding[]
}

/** A process store, or a log without one, with all of its files. */
export interface ProcessStore extends Listed {
    readonly more?: undefined
    readonly grown?: undefined
}

/**
 * A process store of which only the newest log files are listed, a file of a host that holds something among
 * them, and what reductions are called.
 */
export interface StoreEnd extends Listed {
    /** The same with more files, in the end with all: what is looked for stands before those listed here. */
    readonly more: () => Promise<ListedStore>
    /** What `more` gave. */
    grown?: ListedStore | undefined
}

/** A store to start from at its end: all of it, or its newest files and what gives the rest. */
export type ListedStore = ProcessStore | StoreEnd

/** All of a store, of which the end may be all that was needed so far. */
export async function wholeStore(store: ListedStore): Promise<ProcessStore> {
    while (store.more !== undefined) store = await store.more()
    return store
}

/**
 * Opens a process store, its composition folder, or a single log file. Reads names and sizes, no contents.
 * @throws ComplogError `no-process-store`, `file-system`, `limit-exceeded`
 */
export async function openProcessStore(path: string, limits: Partial<Limits> = {}): Promise<ProcessStore> {
    return openWhole(path, limits)
}

/**
 * The same for whoever only reads: where nothing unusual lies among the reductions, each is looked at when it
 * is asked for. What has a second name there is told by the whole listing alone, which `readUncut` asks where
 * anything is wrong.
 */
export async function openStoreToRead(path: string, limits: Partial<Limits> = {}): Promise<ProcessStore> {
    return openWhole(path, limits, { isLazy: true })
}

/** A process store of whatever generation. */
export type AnyStore = ProcessStore | LaterStore

/** Whether it is one of 2020-05 or later. */
export function isLater(store: AnyStore): store is LaterStore {
    return 'generation' in store
}

/** The store's own folder; undefined where only a log was named that lies in none. */
export function rootOfStore(store: AnyStore): string | undefined {
    return isLater(store) ? store.root : store.layout.root
}

/**
 * The same of a store of whatever generation; of one since 2020-05 its files are not listed yet.
 * @throws ComplogError as `openProcessStore` does
 */
export async function openAnyStore(path: string, limits: Partial<Limits> = {}): Promise<AnyStore> {
    return laterStoreAt(path) ?? openProcessStore(path, limits)
}

/**
 * The same for whoever reads the whole log within `readUncut`, and can begin again: where there are many log
 * files and nothing unusual among them, they are known by their names alone until they are read.
 */
export async function openStoreByNames(
    path: string,
    limits: Partial<Limits> = {},
    filesMin = unseenFilesMin,
): Promise<ProcessStore> {
    try {
        return await openWhole(path, limits, { isLazy: true, filesMin })
    } catch (error) {
        if (error instanceof UnseenFiles) return openStoreToRead(path, limits)
        throw error
    }
}

async function openWhole(
    path: string,
    limits: Partial<Limits>,
    { isLazy = false, filesMin = Infinity } = {},
): Promise<ProcessStore> {
    const layout = await layoutOf(path)
    const named =
        isLazy && layout.reductionPath !== undefined ? namedReductions(layout.reductionPath) : undefined
    // Before the log: a reduction is stored behind its record, so the records of all that are seen here are
    // seen there.
    const reductions =
        layout.reductionPath === undefined || named !== undefined
            ? { files: [], findings: [] }
            : await listFiles(layout.reductionPath, { shownBelow: 'reduction/' })
    const { onlyFile, compositionPath } = layout
    const byNames = onlyFile === undefined && filesMin < Infinity
    const names = byNames ? await listNames(compositionPath, { filesMin, isNameOfHost }) : undefined
    const log = names ? { files: names, findings: [] } : await listFiles(compositionPath, { onlyFile })
    const { reductionFiles, reductionFindings } = reductionsIn(reductions)
    return {
        ...(await withLogFiles({ layout, limits: { ...defaultLimits, ...limits } }, log)),
        reductionFiles: named ?? reductionFiles,
        reductionFindings,
    }
}

async function withLogFiles<T extends Pick<Listed, 'layout' | 'limits'>>(
    store: T,
    { files, findings }: FileListing,
): Promise<T & Pick<Listed, 'logFiles' | 'findings'>> {
    const logFiles = await withoutLineUnderWay(store.layout.root, files)
    return { ...store, logFiles, findings: [...findings, ...foreignFiles(files), ...laterFiles(files)] }
}

/** Log files that are listed at first, and how many times as many after that, before all are. */
const newestFilesMin = 64
const newestFilesFactor = 16

export interface StoreEndOptions {
    /** Opens the whole where there is no reduction to start from; default `openProcessStore`. */
    readonly openWhole?: typeof openStoreByNames | undefined
    /** Log files to list at first. */
    readonly filesMin?: number
    /** Gives the reductions where they need not be listed. */
    readonly unlisted?: ((layout: StoreLayout) => Promise<NamedFiles | undefined>) | undefined
}

/**
 * Opens the end of a process store: the same as the whole of it to whoever reads from its end, in a time that
 * does not grow with its files, but for the names of reductions. The whole where something unusual lies in
 * it.
 * @throws ComplogError as `openProcessStore` does
 */
export async function openStoreEnd(
    path: string,
    limits: Partial<Limits> = {},
    { filesMin = newestFilesMin, unlisted, openWhole: openAll = openProcessStore }: StoreEndOptions = {},
): Promise<ListedStore> {
    const layout = await layoutOf(path)
    const { reductionPath } = layout
    const reductionFiles =
        reductionPath === undefined
            ? undefined
            : ((await unlisted?.(layout)) ?? namedReductions(reductionPath))
    let hasFileOfHost = false
    const isEnough = (file: StoreFile, listed: number) => {
        hasFileOfHost ||= file.sizeBytes > 0 && isNameOfHost(file.path)
        return hasFileOfHost && listed >= filesMin
    }
    // Without reductions, all of the log is wanted.
    const hasReductions = reductionFiles !== undefined && reductionFiles.size > 0
    const files = hasReductions
        ? await listNewestFiles(layout.compositionPath, { isEnough, isNameOfHost })
        : undefined
    if (!hasReductions) return openAll(path, limits)
    if (files === undefined) return openProcessStore(path, limits)
    const end: StoreEnd = {
        ...(await withLogFiles({ layout, limits: { ...defaultLimits, ...limits } }, { files, findings: [] })),
        reductionFiles,
        reductionFindings: [],
        more: async () => {
            const isLast = filesMin > newestFilesMin
            return (end.grown ??= isLast
                ? await openProcessStore(path, limits)
                : await openStoreEnd(path, limits, { filesMin: filesMin * newestFilesFactor, unlisted }))
        },
    }
    return end
}

/** Undefined where something unusual lies among them. */
function namedReductions(folder: string): NamedFiles | undefined {
    const state = stateOfFolder(folder)
    const names = hashNamesIn(folder)
    return names && new NamedFiles(folder, names, state)
}

/** Reductions of which there were so many, with nothing unusual among them, and whose folder is as it was. */
export function unlistedReductions(folder: string, size: number): NamedFiles {
    const list = () => {
        const names = hashNamesIn(folder)
        if (names === undefined) throw changedWhileRead()
        return names
    }
    return new NamedFiles(folder, { size, list })
}

function reductionsIn(reductions: FileListing): Pick<Listed, 'reductionFiles' | 'reductionFindings'> {
    const reductionFindings = [...reductions.findings]
    const reductionFiles = new Map<CompositionHash, StoreFile>()
    for (const file of reductions.files) {
        const hash = hashFromHex(file.path)
        const place = { file: `reduction/${file.path}`, offsetBytes: 0, sizeBytes: file.sizeBytes }
        const misnamed = (message: string, details?: FindingDetails) => {
            reductionFindings.push(finding('reduction-misnamed', message, { place, ...details }))
        }
        if (hash === undefined) misnamed('The name of this file is not a hash.')
        else if (reductionFiles.has(hash))
            misnamed('Another file reduces the same record: the names differ only by case.')
        else {
            reductionFiles.set(hash, file)
            const help = 'Give it the name in upper case.'
            if (file.path !== hash)
                misnamed('The name of this file is a hash in lower case.', {
                    hash,
                    severity: 'warning',
                    help,
                })
        }
    }
    return { reductionFiles, reductionFindings }
}

/** Files that no host writes to, among those of hosts. A log of such files alone was named by a person. */
function* foreignFiles(files: FileList): Generator<Finding> {
    if (lastFileOfHost(files) === undefined) return
    for (const file of files) {
        const { path } = file
        if (isNameOfHost(path) || isNameOfArchive(path)) continue
        // To ask for the size of a file is to look at it, where nobody has.
        yield finding('foreign-file', 'No host gives a log file this name, so nobody appends to it.', {
            place: { file: path, offsetBytes: 0, sizeBytes: file.sizeBytes },
        })
    }
}

/** The newest file, where no host would write to it or to one behind it yet. */
function laterFiles(files: FileList): readonly Finding[] {
    const last = lastFileOfHost(files)
    if (last === undefined || !isLaterThan(last.path, new Date())) return []
    const message = `No clock has reached the hour that this file is named after; it has ${countOf(last.sizeBytes, 'byte')}.`
    return [
        finding('later-log-file', message, {
            place: { file: last.path, offsetBytes: 0, sizeBytes: last.sizeBytes },
        }),
    ]
}

/** The reduction of a record, or the finding why it cannot be used; undefined where there is none. */
export async function readReduction(
    store: Pick<ProcessStore, 'reductionFiles'>,
    hash: CompositionHash,
): Promise<StoredReduction | Finding | undefined> {
    const { reductionFiles } = store
    const open = reductionFiles instanceof NamedFiles ? reductionFiles.open(hash) : undefined
    const file = open?.file ?? reductionFiles.get(hash)
    if (file === undefined) return undefined
    const bytes = await attempt('read', file.absolutePath, () => readWhole(file, open?.descriptor))
    const details = {
        place: { file: `reduction/${file.path}`, offsetBytes: 0, sizeBytes: bytes.length },
        hash,
    }
    const parsed = parseReduction(bytes)
    if ('problem' in parsed) {
        return finding('reduction-malformed', parsed.problem, { ...details, host: parsed.host })
    }
    if (parsed.hash !== hash) {
        return finding(
            'reduction-hash-mismatch',
            `It says that it reduces ${parsed.hash}, not the record in its name.`,
            details,
        )
    }
    return parsed
}

/** The same, where one that the system does not let be read is passed over as well. */
export async function tryReduction(
    store: Pick<ProcessStore, 'reductionFiles'>,
    hash: CompositionHash,
): Promise<StoredReduction | Finding | undefined> {
    try {
        return await readReduction(store, hash)
    } catch (error) {
        return unreadable(error, `reduction/${store.reductionFiles.get(hash)?.path ?? hash}`, { hash })
    }
}

/** The finding for an error of the system; throws any other. @param file as findings name it */
export function unreadable(error: unknown, file: string, details: FindingDetails = {}): Finding {
    if (!(error instanceof ComplogError) || error.code !== 'file-system') throw error
    const place = { file, offsetBytes: 0, sizeBytes: 0 }
    return finding('unreadable-file', error.message, { ...details, place, help: error.hint })
}

/** All bytes of a file, in place: a promise costs many times what reading a small file does. */
function readWhole({ path, absolutePath, sizeBytes }: StoreFile, opened?: number): Buffer {
    try {
        if (sizeBytes > reductionSizeBytesMax) {
            const message = `The reduction ${path} is larger than ${reductionSizeBytesMax} bytes.`
            const hint = 'Where an older one is there, or the whole log, move it out of `reduction/`.'
            throw new ComplogError('limit-exceeded', message, { hint })
        }
        return readFileSync(opened ?? absolutePath)
    } finally {
        if (opened !== undefined) closeSync(opened)
    }
}

export function isFinding(value: StoredReduction | Finding): value is Finding {
    return 'severity' in value
}
