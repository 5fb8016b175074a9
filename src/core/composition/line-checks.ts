// What is to be said about a line by itself, whatever the other lines say: whether it can be read, and what
// is unusual about it.
import { countOf, formatCount } from '../counts.js'
import type { Place } from '../errors.js'
import { type Finding, type FindingDetails, type FindingId, finding } from './finding.js'
import { hashOfLine } from './hash.js'
import { partsOfLine } from './joined.js'
import type { Line } from './lines.js'
import { otherFormatOf } from './other-formats.js'
import { hasLoneSurrogate, isProblem, parseRecord, type RecordContent } from './record.js'
import { isTorn, isWholeBeforeZeros } from './torn.js'

export function placeOfLine(file: string, line: Line): Place {
    return { file, line: line.number, offsetBytes: line.offsetBytes, sizeBytes: line.sizeBytes }
}

/** What is found of a line that cannot be read, wherever it stands: it may be a record all the same. */
export const unreadableLineIds: ReadonlySet<FindingId> = new Set([
    'malformed-record',
    'invalid-utf8',
    'oversized-line',
] as const)

/** What comes in masses, and what is said of so many lines of it. */
const messagesOfMany = {
    'blank-line': (lines: number) =>
        lines === 1 ? 'A line is empty.' : `${countOf(lines, 'line')} are empty; this is the first.`,
    'generation-refused-by-host': (lines: number) =>
        lines === 1
            ? 'A record is of generation 2018-11.'
            : `${lines} records are of generation 2018-11; this is the first.`,
} satisfies Partial<Record<FindingId, unknown>>

export type ManyId = keyof typeof messagesOfMany

/** Of what comes in masses the first line, and how many there are. */
export type ManyLines = { [Id in ManyId]?: { readonly place: Place; readonly lines: number } }

/** The findings about single lines. Those that come in masses are one finding with a count. */
export class LineChecks {
    readonly #findings: { add(finding: Finding): void }
    /** What came in masses so far. */
    readonly many: ManyLines = {}

    constructor(findings: { add(finding: Finding): void }) {
        this.#findings = findings
    }

    beforeReading(line: Line, placeOf: () => Place): void {
        if (line.byteOrderMark) {
            const message = 'The file begins with a byte order mark; it is no part of the first record.'
            this.#findings.add(finding('byte-order-mark', message, { place: placeOf() }))
        }
        // A file that holds nothing but a mark has no line.
        if (line.sizeBytes > 0 || (line.byteOrderMark && line.end === 'none')) return
        this.addMany('blank-line', placeOf)
    }

    /** @param placeOf where the first of these lines is */
    addMany(id: ManyId, placeOf: () => Place, lines = 1): void {
        const before = this.many[id] ?? { place: placeOf(), lines: 0 }
        this.many[id] = { ...before, lines: before.lines + lines }
    }

    /** The record, or undefined with a finding. */
    read(line: Line, placeOf: () => Place, isLastFile: boolean): RecordContent | undefined {
        const add = (id: FindingId, message: string, details: FindingDetails = {}) => {
            this.#findings.add(finding(id, message, { place: placeOf(), ...details }))
        }
        if (line.oversized) {
            add('oversized-line', `The line has ${line.sizeBytes} bytes, more than the bound.`)
            return undefined
        }
        const parsed = parseRecord(line.bytes)
        if (isProblem(parsed)) {
            if (isLastFile && line.end === 'none' && isTorn(line.bytes)) {
                add('torn-tail', 'The log ends within a record: the append of it was interrupted.', {
                    host: isWholeBeforeZeros(line.bytes)
                        ? 'Skips the zeros and takes the record before them for the head, but with the hash of the whole line: what it appends names a parent that is no record once the zeros are gone.'
                        : undefined,
                })
            } else {
                const { message = parsed.message, ...helps } = whatItHolds(line)
                add(parsed.problem, message, helps)
            }
            return undefined
        }
        const { setState, events, generation } = parsed
        if (line.end === 'none')
            add('line-end-missing', 'The last record of the file has no line end behind it.')
        if (generation === '2018-11') this.addMany('generation-refused-by-host', placeOf)
        const addOfRecord = (id: FindingId, message: string) =>
            add(id, message, { hash: hashOfLine(line.bytes) })
        if (generation === '2019-03' && setState !== undefined) {
            const message = 'The record sets the state through SetStateLiteralString.'
            addOfRecord('set-state-ignored-by-host', message)
        }
        if (line.bytes.includes('"$ref"') && beginsWithReference(line.bytes)) {
            const message = 'The record, its state or one of its events begins with "$ref".'
            addOfRecord('reference-in-record', message)
        }
        const texts = setState === undefined ? events : [setState, ...events]
        const held = texts.findIndex(hasLoneSurrogate)
        if (held >= 0) {
            const what =
                setState !== undefined && held === 0
                    ? 'The state that the record sets'
                    : `Event ${held + (setState === undefined ? 1 : 0)} of the record`
            addOfRecord('lone-surrogate', `${what} holds half of a surrogate pair.`)
        }
        return parsed
    }

    afterReading(): void {
        for (const [id, messageOf] of Object.entries(messagesOfMany)) {
            const many = this.many[id as ManyId]
            if (many === undefined) continue
            this.#findings.add(finding(id as ManyId, messageOf(many.lines), { place: many.place }))
        }
    }
}

/** What can be said of a line that is no record, beside why it is none. */
export function whatItHolds({ bytes, offsetBytes }: Pick<Line, 'bytes' | 'offsetBytes'>): {
    readonly message?: string
    readonly help?: string
} {
    const format = offsetBytes === 0 ? otherFormatOf(bytes) : undefined
    if (format !== undefined) {
        return {
            message: `This file is no log: it begins like one that is ${format.name}.`,
            help: format.wayBack,
        }
    }
    const parts = partsOfLine(bytes)
    if (parts !== undefined) {
        const records = parts.filter(({ isRecord }) => isRecord).length
        const others = parts.length > records ? ', beside what cannot be read' : ''
        return {
            message:
                parts.length === 1
                    ? 'A record stands on this line behind or before bytes that are no part of it: a byte order mark, zeros or a carriage return.'
                    : `${countOf(records, 'record stands', 'records stand')} on this one line${others}.`,
            help: '`complog repair` gives each record a line of its own, where the chain shows that the records are whole.',
        }
    }
    const zeros = longestZeros(bytes)
    if (zeros.sizeBytes >= holeSizeBytesMin) {
        const from = offsetBytes + zeros.from
        return {
            message: `${formatCount(zeros.sizeBytes)} zeros stand here, from byte ${formatCount(from)} of the file on: a part of the file that never reached the disk, or was lost on it.`,
            help: 'Restore this file from a backup where there is one. After a power failure in the middle of an append, what stands here and behind it was written without being synced: a record behind the last answer was never acknowledged. `complog repair` then names the command that goes on from the records before.',
        }
    }
    return {}
}

/** Fewer may be part of a line. */
const holeSizeBytesMin = 16

function longestZeros(bytes: Buffer): { readonly from: number; readonly sizeBytes: number } {
    let longest = { from: 0, sizeBytes: 0 }
    for (let from = bytes.indexOf(0); from >= 0; ) {
        let to = from
        while (bytes[to] === 0) to++
        if (to - from > longest.sizeBytes) longest = { from, sizeBytes: to - from }
        from = bytes.indexOf(0, to)
    }
    return longest
}

/** Whether hosts read a part of this record as a reference to something else: `$ref` stands first in it. */
function beginsWithReference(line: Buffer): boolean {
    const record = JSON.parse(line.toString('utf8')) as Readonly<Record<string, unknown>>
    const events: unknown = record['AppendedEvents']
    const listed: readonly unknown[] = Array.isArray(events) ? events : []
    const parts = [record, record['SetState'], ...listed]
    return parts.some((part) => {
        if (typeof part !== 'object' || part === null) return false
        const first = Object.entries(part).find(([name]) => name !== '$id' && name !== '$type')
        return first?.[0] === '$ref' && first[1] !== null
    })
}
