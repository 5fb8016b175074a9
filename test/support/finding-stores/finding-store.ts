// What a store in `fixtures/findings` consists of, and what must be found in it.
import { type FindingId, findingKinds, type Severity } from '../../../src/core/composition/finding.js'
import { counterLog, type LogWriter, logFile, reductionFile } from '../log-writer.js'

/** The state after record #n is the sum of 1 to n. */
export const log: LogWriter = counterLog(6)
export const { lines, hashes } = log

export const morning = '2019-04-28/2019-04-28T09.composition.jsonl'
export const later = '2019-04-28/2019-04-28T10.composition.jsonl'

export interface ExpectedFinding {
    readonly id: FindingId
    readonly severity: Severity
    /** Null for what concerns the whole store. */
    readonly file: string | null
    readonly line: number | null
}

export interface FindingStore {
    /** Name of the folder: the id of the finding, and what is special about it. */
    readonly name: string
    /** By path below `process-store/`. */
    readonly files: Readonly<Record<string, Buffer>>
    /** Symbolic links by path below `process-store/`, with what they point to. */
    readonly links?: Readonly<Record<string, string>>
    /** For `complog verify-chain`. */
    readonly flags?: readonly string[]
    /** The fixture app that `complog verify-chain` needs to find it. */
    readonly app?: 'counter'
    /** All that must be found, in order. */
    readonly findings: readonly ExpectedFinding[]
}

type Content = readonly (string | Uint8Array)[] | Buffer

/** Log files by path below `composition/`: as lines, or as the very bytes. */
export function logFiles(files: Readonly<Record<string, Content>>): Record<string, Buffer> {
    return Object.fromEntries(
        Object.entries(files).map(([path, content]) => [
            `composition/${path}`,
            Buffer.isBuffer(content) ? content : logFile(content),
        ]),
    )
}

/** A log in one file. */
export function oneFile(content: Content): Record<string, Buffer> {
    return logFiles({ [morning]: content })
}

/** The reduction of record #n, right unless another value is given; as complog or as a host of April 2019 writes it. */
export function reductionOf(
    position: number,
    value = String((position * (position + 1)) / 2),
    writer: 'complog' | 'host' = 'complog',
): Record<string, Buffer> {
    const hash = hashes[position - 1]!
    const bytes = reductionFile(hash, value, writer === 'host' ? '2019-04' : undefined)
    return { [`reduction/${hash}`]: bytes }
}

/** A finding as bad as its kind, at a line of the one file unless another is named. */
export function found(id: FindingId, line: number | null, file: string | null = morning): ExpectedFinding {
    return { id, severity: findingKinds[id].severity, file, line }
}
