// What a host reads when it starts on a store of 2020-05 or later: from the newest reduction that it can use,
// the records behind that, and the values that they name.
import type { ReadLater } from './reading/read-later.js'
import type { ValueHash } from './values/value.js'

interface FilesWithSize {
    readonly files: number
    readonly sizeBytes: number
}

/** What a start reads. */
export interface RestoreReads {
    /** The reduced record that it starts from; undefined where it replays from the first one. */
    readonly start: { readonly hash: ValueHash; readonly position: number } | undefined
    /** Behind that one. */
    readonly records: number
    /** Those of the records, and of the reduced one. */
    readonly log: FilesWithSize
    /** Of the state and the app to start with, and of what the records behind name that count. */
    readonly values: FilesWithSize
}

export function restoreReads(read: ReadLater): RestoreReads {
    const { log, values, live, usable, newestUsable: newest, headRow } = read
    const { table } = log
    const files = new Set<string>()
    let sizeBytes = 0
    for (let row = Math.max(newest, 0); row <= headRow; row++) {
        const place = table.placeAt(row)
        files.add(place.file)
        sizeBytes += place.sizeBytes
    }
    const { state, app } = usable.get(newest) ?? {}
    const reached = values.noneReached()
    for (const hash of [state, app]) if (hash !== undefined) values.reach([hash], reached)
    for (const { row, hash } of log.values)
        if (row > newest && live.isLive(row)) values.reach([hash], reached)
    const there = [...reached.withFile()].flatMap((hash) => values.fileOf(hash) ?? [])
    return {
        start: newest < 0 ? undefined : { hash: table.hashAt(newest), position: newest + 1 },
        records: headRow - newest,
        log: { files: files.size, sizeBytes },
        values: {
            files: there.length,
            sizeBytes: there.reduce((sum, { file }) => sum + file.sizeBytes, 0),
        },
    }
}
