// Every file of a value, read and compared with its name; and what is missing of what records and reductions
// name. What nobody names is counted.
import { setImmediate } from 'node:timers/promises'

import type { Finding } from '../../composition/finding.js'
import { ComplogError } from '../../errors.js'
import type { WorkOptions } from '../../progress.js'
import { unreadable } from '../../store/process-store.js'
import { unknownToHosts } from '../../store/recognise.js'
import { isNoRecord, type LaterRecord, parseLaterRecord } from '../records/record.js'
import { ReachedValues } from '../values/reached-values.js'
import type { Value, ValueHash } from '../values/value.js'
import { itemsElsewhere, readValueFile, type ValueFile, type ValueFiles } from '../values/value-files.js'
import { hashesIn } from '../values/value-forms.js'
import type { ValueIndex } from '../values/value-index.js'

const filesPerTurn = 256
/** How every record begins, in the first bytes of a blob. */
const beginningOfRecord = /^\s*\{\s*"(?:parentHashBase16|compositionEvent)"/
/** In any case, as some programs leave it, and with more behind it, as backups have it. */
const hashInName = /\/([0-9a-f]{64})[^/]*$/i
const renameToHash =
    'No sound file has the name of this value. Stop the host, and name it as a host would: the hash alone, in lower case, in a folder named after the first two digits. What has that name already, keep elsewhere.'

interface BadFile {
    readonly file: ValueFile
    readonly problem: string
    /** The first that a host would read of this hash. */
    readonly isFirst: boolean
}

/** The values of a store, after their files were read once. */
export class CheckedValues {
    readonly #byHash: ValueIndex
    /** Of lists of which each item has a file: what they hold. */
    readonly #items: ReadonlyMap<ValueHash, Buffer>
    /** Values that are records of hosts of 2020-05 to 2021-07, and the parents that they name. */
    readonly records: ReadonlyMap<ValueHash, ValueHash | undefined>
    readonly bad: readonly BadFile[]
    readonly findings: readonly Finding[]
    readonly #unread: ReadonlySet<string | undefined>
    /** Of files that hold another value than they should, or that cannot be read. */
    readonly #badPaths: ReadonlySet<string | undefined>

    constructor(read: Pick<CheckedValues, 'records' | 'bad' | 'findings'> & ReadValues) {
        this.#byHash = read.byHash
        this.#items = read.items
        this.records = read.records
        this.bad = read.bad
        this.findings = read.findings
        const unread = read.findings.filter(({ id }) => id === 'unreadable-file')
        this.#unread = new Set(unread.map(({ place }) => place?.file))
        this.#badPaths = new Set([...read.bad.map(({ file }) => file.file.path), ...this.#unread])
    }

    /** The same without files that do not count in an index: all that a value has, or such as are bad. */
    within(byHash: ValueIndex): CheckedValues {
        if (byHash === this.#byHash) return this
        const bad = this.bad.flatMap(({ file, problem }) => {
            const at = byHash.get(file.hash).findIndex((other) => other.file.path === file.file.path)
            return at < 0 ? [] : [{ file, problem, isFirst: at === 0 }]
        })
        const records = new Map([...this.records].filter(([hash]) => byHash.has(hash)))
        return new CheckedValues({ byHash, items: this.#items, records, bad, findings: this.findings })
    }

    /** All files, also those behind another with the same value. */
    get totals(): { readonly files: number; readonly sizeBytes: number } {
        let [files, sizeBytes] = [0, 0]
        for (const file of this.#byHash.files()) {
            files++
            sizeBytes += file.sizeBytes
        }
        return { files, sizeBytes }
    }

    get hashes(): Iterable<ValueHash> {
        return this.#byHash.keys()
    }

    /** Whether there are files as only hosts since 2025-04 write them. */
    get hasWholeFiles(): boolean {
        return this.#byHash.hasWholeFiles
    }

    /** Whether there is another file with the value of one, and nothing is wrong with it. */
    hasSoundBeside({ hash, file }: ValueFile): boolean {
        const others = this.filesOf(hash).filter((other) => other.file.path !== file.path)
        return others.some((other) => !this.#badPaths.has(other.file.path))
    }

    /** Whether there are files of a value, and none that could be read is sound. */
    isUnread(hash: ValueHash): boolean {
        const paths = this.filesOf(hash).map(({ file }) => file.path)
        return paths.some((path) => this.#unread.has(path)) && paths.every((path) => this.#badPaths.has(path))
    }

    has(hash: ValueHash): boolean {
        return this.#byHash.has(hash)
    }

    /** The file that a host reads. */
    fileOf(hash: ValueHash): ValueFile | undefined {
        return this.#byHash.get(hash)[0]
    }

    filesOf(hash: ValueHash): readonly ValueFile[] {
        return this.#byHash.get(hash)
    }

    itemsOf(hash: ValueHash): readonly ValueHash[] {
        const items = this.has(hash) ? this.#items.get(hash) : undefined
        return items === undefined ? [] : hashesIn(items)
    }

    /** The value of a hash, from the first of its files that is sound; undefined where none is. */
    load(hash: ValueHash): Value | undefined {
        return this.loadWhole(hash)?.get(hash)
    }

    /**
     * A value with all that lies in its file.
     * @throws ComplogError `file-system` where none is sound and one cannot be read
     */
    loadWhole(hash: ValueHash): ReadonlyMap<ValueHash, Value> | undefined {
        let unread: ComplogError | undefined
        for (const file of this.filesOf(hash)) {
            try {
                const decoded = readValueFile(file)
                if (!('problem' in decoded)) return decoded.values
            } catch (error) {
                if (!(error instanceof ComplogError)) throw error
                unread ??= error
            }
        }
        if (unread !== undefined) throw unread
        return undefined
    }

    /** None, so far. */
    noneReached(): ReachedValues {
        return new ReachedValues(this.#byHash)
    }

    /** All that is reached from some values, with who names it: the values themselves, and what they hold. */
    reach(roots: Iterable<ValueHash>, reached: ReachedValues): ReadonlyMap<ValueHash, ValueHash> {
        const missing = new Map<ValueHash, ValueHash>()
        for (const root of roots) {
            const open: [ValueHash, ValueHash][] = [[root, root]]
            for (let next = open.pop(); next !== undefined; next = open.pop()) {
                const [hash, by] = next
                if (!reached.add(hash)) continue
                if (!this.has(hash)) missing.set(hash, by)
                for (const item of this.itemsOf(hash)) open.push([item, hash])
            }
        }
        return missing
    }
}

interface ReadValues {
    readonly byHash: ValueIndex
    readonly items: ReadonlyMap<ValueHash, Buffer>
}

/** Reads every file of a value. @param withRecords whether records are values in this store */
export async function checkValues(
    { byHash, strangers, findings }: ValueFiles,
    { withRecords, signal, onProgress }: WorkOptions & { readonly withRecords: boolean },
): Promise<CheckedValues> {
    const items = new Map<ValueHash, Buffer>()
    const records = new Map<ValueHash, ValueHash | undefined>()
    const bad: BadFile[] = []
    const found: Finding[] = [...findings]
    const unsound = new Set<ValueHash>()
    let done = 0
    const total = byHash.size
    for (const [hash, files] of byHash) {
        let isRead = false
        for (const [i, file] of files.entries()) {
            if (++done % filesPerTurn === 0) {
                signal?.throwIfAborted()
                await setImmediate()
                onProgress?.({ activity: 'check', done, total, unit: 'states' })
            }
            const value = readOne(file, found)
            if (typeof value === 'string') bad.push({ file, problem: value, isFirst: i === 0 })
            if (isRead || value === undefined || typeof value === 'string') continue
            isRead = true
            const elsewhere = itemsElsewhere(file, value)
            if (elsewhere.length > 0) items.set(hash, Buffer.from(elsewhere.join(''), 'hex'))
            const record = withRecords ? recordIn(value) : undefined
            if (record !== undefined) records.set(hash, record.parent)
        }
        if (!isRead) unsound.add(hash)
    }
    for (const file of strangers) {
        const [, named] = hashInName.exec(file.path) ?? []
        const of = named?.toLowerCase() as ValueHash | undefined
        const isAlone = of !== undefined && (!byHash.has(of) || unsound.has(of))
        const help = isAlone ? renameToHash : undefined
        found.push(unknownToHosts(file, 'the file of a value', help))
    }
    return new CheckedValues({ byHash, items, records, bad, findings: found })
}

/** The value, why it is none, or undefined where it cannot be read, which is a finding. */
function readOne(file: ValueFile, findings: Finding[]): Value | string | undefined {
    try {
        const decoded = readValueFile(file)
        return 'problem' in decoded ? decoded.problem : decoded.values.get(file.hash)
    } catch (error) {
        if (!(error instanceof ComplogError)) throw error
        findings.push(unreadable(error, file.file.path))
        return undefined
    }
}

function recordIn(value: Value): LaterRecord | undefined {
    if (value.kind !== 'blob' || !beginningOfRecord.test(value.bytes.toString('latin1', 0, 64)))
        return undefined
    const record = parseLaterRecord(value.bytes)
    return isNoRecord(record) ? undefined : record
}
