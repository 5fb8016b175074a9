// Files of a log that no host has named so: copies, what is no log at all, and log files that somebody or
// something has renamed. Only the last hold records that no other file has.
import type { StoreGeneration } from '../../generations/generation.js'
import type { FileList, StoreFile } from '../../store/listing/list-files.js'
import type { LaterLog } from '../records/log.js'
import type { ValueHash } from '../values/value.js'

/** Whether no host gives a log file this name. @param path relative to the store's folder */
export function isForeign({ logFolder = '', logFileName }: StoreGeneration, path: string): boolean {
    return logFileName?.test(path.slice(logFolder.length + 1)) !== true
}

/** The path that a host gives to a log file of the time in a name; undefined where that tells none. */
function pathByHosts(generation: StoreGeneration, path: string): string | undefined {
    const name = path.slice(path.lastIndexOf('/') + 1)
    const [time, day = ''] = /(?<!\d)(\d{4}-\d\d-\d\d)T\d\d(?:-\d\d)?(?!\d)/i.exec(name) ?? []
    if (time === undefined) return undefined
    return ['', '.composition.jsonl']
        .map((ending) => `${generation.logFolder ?? ''}/${day}/${time.toUpperCase()}${ending}`)
        .find((named) => !isForeign(generation, named))
}

/** Those with a record that no file named by a host has, by path: whether one of others is in it, too. */
export function foreignOnesAlone({ table, foreign, uncounted }: LaterLog): ReadonlyMap<string, boolean> {
    const alone = new Map<string, boolean>()
    if (foreign.size === 0) return alone
    /** Records, each by the first row with its hash. */
    const known = new Uint8Array(table.length)
    const isForeignAt = (row: number) => foreign.has(table.placeAt(row).file)
    for (let row = 0; row < table.length; row++)
        if (!isForeignAt(row)) known[table.find(table.hashAt(row))] = 1
    const isKnown = (hash: ValueHash) => known[table.find(hash)] === 1
    for (let row = 0; row < table.length; row++)
        if (!isKnown(table.hashAt(row))) alone.set(table.placeAt(row).file, false)
    for (const [hash, file] of uncounted) if (foreign.has(file) && !isKnown(hash)) alone.set(file, false)
    for (let row = 0; row < table.length; row++) {
        const { file } = table.placeAt(row)
        const isCopy =
            table.find(table.hashAt(row)) !== row || (isForeignAt(row) && isKnown(table.hashAt(row)))
        if (isCopy && alone.has(file)) alone.set(file, true)
    }
    return alone
}

/** Says of each what it is, and by which name it would be what it was. */
export function noteForeign(log: LaterLog, generation: StoreGeneration, logFiles: FileList): void {
    if (log.foreign.size === 0) return
    const alone = foreignOnesAlone(log)
    const taken = new Map<string, StoreFile>()
    for (const file of logFiles) taken.set(file.path, file)
    for (const file of log.foreign.values()) {
        const { path, sizeBytes } = file
        const named = pathByHosts(generation, path)
        const there = named === undefined ? undefined : taken.get(named)
        // What replaces a file may have been stopped between emptying it and giving its name to the new one.
        const isFree = there === undefined || there.sizeBytes === 0 || log.zeroed.has(there.path)
        if (alone.has(path) && named !== undefined && isFree) {
            taken.set(named, file)
            log.renamed.add(path)
        }
        const what = alone.has(path) ? ', but it holds a record that is in no file with such a name' : ''
        log.note('foreign-file', `No host gives a log file this name${what}.`, {
            place: { file: path, offsetBytes: 0, sizeBytes },
            host: generation.hosts?.foreignFile,
            help: !alone.has(path)
                ? 'Stop the host. `complog repair --quarantine` moves it out of the log: it is a copy, or no log at all.'
                : named === undefined
                  ? 'Its name does not tell when it was written. If you know, stop the host and name it after that, as the files beside it are named. Else it may stay where no parent is found to be wrong.'
                  : isFree
                    ? `Stop the host, and give it the name that it had: ${named}${there === undefined ? '' : ', in place of the file without a record that has it now'}.`
                    : alone.get(path) !== true
                      ? `There is a file ${named}, but nothing in this one stands elsewhere: it may stay where no parent is found to be wrong.`
                      : `Stop the host. \`complog repair --quarantine\` takes out of it what also stands elsewhere, as in ${named}; the rest may stay where no parent is found to be wrong.`,
        })
    }
}
