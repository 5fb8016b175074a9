// The records of one piece while it is read: rows of the scanner's tables, what is counted, and where each
// row stands.
import { Findings } from '../../composition/findings.js'
import { hashOfLine } from '../../composition/hash.js'
import { LineChecks, placeOfLine } from '../../composition/line-checks.js'
import type { Line } from '../../composition/lines.js'
import type { Generation } from '../../composition/record.js'
import type { ReadRow } from '../scanner/pack-inputs.js'
import type { Scanner, ScanReport } from '../scanner/scanner.js'
import { numbersPerMark, type PackedMarks } from './marks.js'

/** Rows that stand on lines one behind the other. */
export interface Run {
    readonly firstRow: number
    readonly lineNumber: number
    readonly file: number
    /** What to take from an offset in memory to get the one in the file. */
    readonly shift: number
}

/** Where a file, or the part of it, lies in the scanner's memory. */
export interface HeldPart {
    readonly file: number
    readonly path: string
    readonly shift: number
    readonly isLastOfLog: boolean
}

const carriageReturn = 0x0d

export class PieceRecords {
    readonly findings = new Findings()
    readonly checks = new LineChecks(this.findings)
    readonly generations: Record<Generation, number> = { '2018-11': 0, '2019-03': 0, '2019-04': 0 }
    records = 0
    events = 0
    setStates = 0
    unreadableLines = 0
    readonly runs: Run[] = []
    /** A record ends with a carriage return of its own: a line feed behind it would make it a line end. */
    hasReturnAtEnd = false
    /** Rows that the reference reader took, with the bytes of their lines. */
    readonly odd: { readonly row: number; readonly sizeBytes: number }[] = []
    /** Rows behind a line of the piece that could not be read. */
    readonly behindUnreadable: number[] = []
    /** Whether a line that could not be read stands behind the last row so far. */
    endsUnreadable = false
    /** The records that the reference reader read, where they are wanted. */
    readonly rowsRead: ReadRow[] = []
    readonly #keepsRead: boolean
    readonly #scanner: Scanner

    constructor(scanner: Scanner, keepsRead = false) {
        this.#scanner = scanner
        this.#keepsRead = keepsRead
    }

    /** Takes what a scan entered, from a line of the file on. Returns how many records, each on a line. */
    takeScanned(report: ScanReport, part: HeldPart, lineNumber: number): number {
        const added = report.records - this.records
        if (added === 0) return 0
        const firstRow = this.records
        this.#begin(lineNumber, part)
        this.records += added
        this.events += report.events
        this.generations['2018-11'] += report.of201811
        this.generations['2019-03'] += report.of201903
        this.generations['2019-04'] += added - report.of201811 - report.of201903
        if (report.of201811 === 0) return added
        const row = report.first201811
        const placeOf = () => ({
            file: part.path,
            line: lineNumber + row - firstRow,
            offsetBytes: this.#scanner.start(row) - part.shift,
            sizeBytes: this.#scanner.size(row),
        })
        this.checks.addMany('generation-refused-by-host', placeOf, report.of201811)
        return added
    }

    /** Reads a line as the reference does, whatever it is. `isHeld`: it lies in the scanner's memory. */
    takeLine(line: Line, part: HeldPart, isHeld: boolean): void {
        const placeOf = () => placeOfLine(part.path, line)
        this.checks.beforeReading(line, placeOf)
        if (line.sizeBytes === 0) return
        const content = this.checks.read(line, placeOf, part.isLastOfLog)
        if (content === undefined) {
            this.unreadableLines++
            this.endsUnreadable = true
            return
        }
        this.#begin(line.number, part)
        this.odd.push({ row: this.records, sizeBytes: line.sizeBytes })
        if (line.bytes.at(-1) === carriageReturn) this.hasReturnAtEnd = true
        this.#scanner.enter(this.records, {
            start: line.offsetBytes + part.shift,
            sizeBytes: line.sizeBytes,
            parentHash: content.parentHash,
            ...(!isHeld && { hash: hashOfLine(line.bytes) }),
        })
        if (this.#keepsRead) this.rowsRead.push({ row: this.records, content })
        this.records++
        this.events += content.events.length
        this.generations[content.generation]++
        if (content.setState !== undefined) this.setStates++
    }

    /** The next row stands on this line. */
    #begin(lineNumber: number, { file, shift }: HeldPart): void {
        const firstRow = this.records
        if (this.endsUnreadable) this.behindUnreadable.push(firstRow)
        this.endsUnreadable = false
        const last = this.runs.at(-1)
        if (last?.file === file && lineNumber - last.lineNumber === firstRow - last.firstRow) return
        this.runs.push({ firstRow, lineNumber, file, shift })
    }

    /** The rows that get a mark: one a so many records, and each that may be reduced. */
    rowsToMark(recordsPerMark: number, maybeReduced: Uint32Array): Uint32Array {
        const rows = new Set(maybeReduced)
        for (let row = 0; row < this.records; row += recordsPerMark) rows.add(row)
        return Uint32Array.from(rows).sort()
    }

    /** Of rows in ascending order. */
    marksOf(rows: Uint32Array): PackedMarks {
        const numbers = new Float64Array(rows.length * numbersPerMark)
        let run = 0
        rows.forEach((row, i) => {
            while ((this.runs[run + 1]?.firstRow ?? Infinity) <= row) run++
            const { firstRow, lineNumber, file, shift } = this.runs[run] as Run
            const at = i * numbersPerMark
            numbers[at] = row + 1
            numbers[at + 1] = file
            numbers[at + 2] = this.#scanner.start(row) - shift
            numbers[at + 3] = lineNumber + row - firstRow
        })
        return { numbers, parents: this.#scanner.hashesOf(rows, 'parents') }
    }
}
