// A part of a chain whose lines are in order, packed for the app by the fast way, which verifies it once
// more.
import { Findings } from '../composition/findings.js'
import type { CompositionHash } from '../composition/hash.js'
import { followInputs } from '../fast/in-order/follow-log.js'
import type { Mark } from '../fast/pieces/marks.js'
import type { PackedRecords } from '../packed-inputs.js'
import type { WorkOptions } from '../progress.js'
import { type FileList, sizeOfFiles, type StoreFile } from '../store/list-files.js'
import type { ProcessStore } from '../store/process-store.js'

/** The records from one place to another: all between two marks, or between a mark and the end of the log. */
export interface ChainPart {
    readonly begin: Mark
    /** The first record that is no part of it; absent at the end of the log. */
    readonly end: Mark | undefined
    readonly records: number
    /** Hash of the last of its records. */
    readonly head: CompositionHash
}

/** Yields the inputs of a part, and returns whether it was what it should be. */
export async function* packPart(
    store: ProcessStore,
    part: ChainPart,
    { signal }: WorkOptions,
): AsyncGenerator<PackedRecords, boolean> {
    const { begin, end, records, head } = part
    const logFiles = filesBetween(store.logFiles, begin, end)
    const steps = followInputs({ ...store, logFiles, reductionFiles: new Map() }, new Findings(), { signal })
    try {
        for (;;) {
            const { done, value } = await steps.next()
            if (done !== true) {
                yield { ...value, firstPosition: value.firstPosition + begin.position - 1 }
                continue
            }
            const isSame =
                typeof value === 'object' &&
                value.length === records &&
                value.oldestParent === begin.parentHash
            return isSame && value.head === head
        }
    } finally {
        await steps.return('undecided')
    }
}

/** Bytes of a log between two places. */
export function sizeBetween(files: FileList, begin: Mark, end: Mark | undefined): number {
    return sizeOfFiles(filesBetween(files, begin, end))
}

function filesBetween(files: FileList, begin: Mark, end: Mark | undefined): readonly StoreFile[] {
    return files
        .slice(0, end === undefined ? undefined : end.file + 1)
        .map((file, i) => (i === end?.file ? file.with({ sizeBytes: end.offsetBytes }) : file))
        .slice(begin.file)
        .map((file, i) => (i === 0 ? file.with({ beginBytes: begin.offsetBytes }) : file))
}
