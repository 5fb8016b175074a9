// The end of a log that a crash has torn: what is to be cut, and what the log is without it.
import type { CheckedLog } from '../../check/check-log.js'
import { genesis } from '../../composition/hash.js'
import { byteOrderMark } from '../../composition/lines.js'
import { isProblem, parseRecord } from '../../composition/record.js'
import type { ProcessStore } from '../../store/process-store.js'
import { RecordReader } from '../../store/record-reader.js'
import { type RemovedLine, type RemovedPart, partOf } from './removed-lines.js'

/** A torn tail, and the store as it is without it, read from the files as they are now. */
export interface TornTail {
    readonly part: RemovedPart
    readonly without: ProcessStore
}

/** Undefined where the log ends with a whole line. */
export function tornTailOf(checked: CheckedLog): TornTail | undefined {
    const { store, findings } = checked
    const place = findings.list.find(({ id }) => id === 'torn-tail')?.place
    // The last one: a file may be read in parts.
    const at = store.logFiles.findLastIndex(({ path }) => path === place?.file)
    const file = store.logFiles[at]
    if (place === undefined || file === undefined) return undefined
    const reader = new RecordReader(store.logFiles)
    let tail: Buffer
    try {
        tail = reader.read(at, place.offsetBytes, file.sizeBytes - place.offsetBytes)
    } finally {
        reader.close()
    }
    const whole = wholeRecordBytes(tail, checked)
    // Behind a mark, nothing would be left of the file but the mark.
    const isBehindMark = place.line === 1 && place.offsetBytes === byteOrderMark.length && whole === 0
    const fromBytes = isBehindMark ? 0 : place.offsetBytes + whole
    const line: RemovedLine = {
        line: place.line ?? 1,
        fromBytes,
        toBytes: file.sizeBytes,
        finding: 'torn-tail',
    }
    const logFiles = store.logFiles.with(at, { ...file, sizeBytes: fromBytes })
    return { part: partOf(file, [line]), without: { ...store, logFiles } }
}

/** Where a whole record stands before the zeros, and continues the chain, only the zeros are torn. */
function wholeRecordBytes(tail: Buffer, { heads }: CheckedLog): number {
    let sizeBytes = tail.length
    while (sizeBytes > 0 && tail[sizeBytes - 1] === 0) sizeBytes--
    if (sizeBytes === 0 || sizeBytes === tail.length) return 0
    const record = parseRecord(tail.subarray(0, sizeBytes))
    if (isProblem(record)) return 0
    const continues = heads.length === 0 ? record.parentHash === genesis : heads.includes(record.parentHash)
    return continues ? sizeBytes : 0
}
