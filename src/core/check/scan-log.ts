// Reads every line of a log once, in the order of the lines, and reports what is wrong with single lines. What the
// records mean for each other is the visitor's business.
import { type FindingDetails, finding } from '../composition/finding.js'
import type { Findings } from '../composition/findings.js'
import { type CompositionHash, hashOfLine } from '../composition/hash.js'
import type { Line } from '../composition/lines.js'
import { type Generation, type RecordContent, isProblem, parseRecord } from '../composition/record.js'
import type { RowPlace } from '../composition/record-table.js'
import { isTorn } from '../composition/torn.js'
import type { Place } from '../errors.js'
import type { WorkOptions } from '../progress.js'
import type { ProcessStore } from '../store/process-store.js'
import { readForwards } from '../store/read-forwards.js'

/** What a log holds, in numbers. */
export interface LogCounts {
    readonly files: number
    readonly sizeBytes: number
    readonly records: number
    readonly events: number
    readonly setStates: number
    readonly generations: Readonly<Record<Generation, number>>
    /** Lines that are no record: malformed, not UTF-8, oversized, torn. */
    readonly unreadableLines: number
}

export interface ScannedRecord {
    readonly content: RecordContent
    readonly hash: CompositionHash
    readonly row: RowPlace
    /** A line that could not be read stands directly before it. */
    readonly behindUnreadable: boolean
}

/** Takes each record; answers false to end the scan. */
export type RecordVisitor = (record: ScannedRecord) => boolean

/** Reads the whole log; undefined where the visitor ended it. */
export async function scanLog(
    store: ProcessStore,
    findings: Findings,
    visit: RecordVisitor,
    options: WorkOptions,
): Promise<LogCounts | undefined> {
    const total = store.logFiles.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    const lastFile = store.logFiles.findLastIndex(({ sizeBytes }) => sizeBytes > 0)
    const lines = new LineChecks(findings)
    let records = 0
    let events = 0
    let setStates = 0
    let unreadableLines = 0
    let behindUnreadable = false
    let done = 0
    const generations: Record<Generation, number> = { '2018-11': 0, '2019-03': 0, '2019-04': 0 }

    for (const [index, file] of store.logFiles.entries()) {
        const chunks = readForwards(file, {
            lineSizeBytesMax: store.limits.lineSizeBytesMax,
            signal: options.signal,
            onRead: (sizeBytes) => {
                done += sizeBytes
                options.onProgress?.({ activity: 'check', done, total, unit: 'bytes' })
            },
        })
        for await (const chunk of chunks) {
            for (const line of chunk) {
                const placeOf = () => placeOfLine(file.path, line)
                lines.beforeReading(line, placeOf)
                if (line.sizeBytes === 0) continue
                const content = lines.read(line, placeOf, index === lastFile)
                if (content === undefined) {
                    unreadableLines++
                    behindUnreadable = true
                    continue
                }
                records++
                events += content.events.length
                generations[content.generation]++
                if (content.setState !== undefined) setStates++
                const row = {
                    file: index,
                    line: line.number,
                    offsetBytes: line.offsetBytes,
                    sizeBytes: line.sizeBytes,
                }
                if (!visit({ content, hash: hashOfLine(line.bytes), row, behindUnreadable })) return undefined
                behindUnreadable = false
            }
        }
    }
    lines.afterReading()
    const files = store.logFiles.length
    return { files, sizeBytes: total, records, events, setStates, generations, unreadableLines }
}

export function placeOfLine(file: string, line: Line): Place {
    return { file, line: line.number, offsetBytes: line.offsetBytes, sizeBytes: line.sizeBytes }
}

/** The findings about single lines. Those that come in masses are one finding with a count. */
class LineChecks {
    readonly #findings: Findings
    #blank: { place: Place; lines: number } | undefined
    #oldGeneration: { place: Place; lines: number } | undefined

    constructor(findings: Findings) {
        this.#findings = findings
    }

    beforeReading(line: Line, placeOf: () => Place): void {
        if (line.byteOrderMark) {
            this.#add(
                'byte-order-mark',
                'The file begins with a byte order mark; it is no part of the first record.',
                {
                    place: placeOf(),
                },
            )
        }
        if (line.sizeBytes > 0) return
        if (this.#blank === undefined) this.#blank = { place: placeOf(), lines: 1 }
        else this.#blank.lines += 1
    }

    /** The record, or undefined with a finding. */
    read(line: Line, placeOf: () => Place, isLastFile: boolean): RecordContent | undefined {
        if (line.oversized) {
            this.#add('oversized-line', `The line has ${line.sizeBytes} bytes, more than the bound.`, {
                place: placeOf(),
            })
            return undefined
        }
        const parsed = parseRecord(line.bytes)
        if (isProblem(parsed)) {
            if (isLastFile && line.end === 'none' && isTorn(line.bytes)) {
                this.#add('torn-tail', 'The log ends within a record: the append of it was interrupted.', {
                    place: placeOf(),
                })
            } else {
                this.#add(parsed.problem, parsed.message, { place: placeOf() })
            }
            return undefined
        }
        if (line.end === 'none') {
            this.#add('line-end-missing', 'The last record of the file has no line end behind it.', {
                place: placeOf(),
            })
        }
        if (parsed.generation === '2018-11') {
            if (this.#oldGeneration === undefined) this.#oldGeneration = { place: placeOf(), lines: 1 }
            else this.#oldGeneration.lines += 1
        }
        if (parsed.generation === '2019-03' && parsed.setState !== undefined) {
            this.#add(
                'set-state-ignored-by-host',
                'The record sets the state through SetStateLiteralString.',
                {
                    place: placeOf(),
                    hash: hashOfLine(line.bytes),
                },
            )
        }
        return parsed
    }

    afterReading(): void {
        if (this.#blank !== undefined) {
            const { place, lines } = this.#blank
            this.#add(
                'blank-line',
                lines === 1 ? 'A line is empty.' : `${lines} lines are empty; this is the first.`,
                { place },
            )
        }
        if (this.#oldGeneration !== undefined) {
            const { place, lines } = this.#oldGeneration
            this.#add(
                'generation-refused-by-host',
                lines === 1
                    ? 'A record is of generation 2018-11.'
                    : `${lines} records are of generation 2018-11; this is the first.`,
                { place },
            )
        }
    }

    #add(id: Parameters<typeof finding>[0], message: string, details: FindingDetails): void {
        this.#findings.add(finding(id, message, details))
    }
}
