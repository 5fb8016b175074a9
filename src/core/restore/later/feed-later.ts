// Feeds records of a store of 2020-05 or later to a running app, by their rows: events, and states that are
// set as text.
import { AppFailure, type ElmAppInstance, eventKind, setStateKind } from '../../elm-app/elm-app.js'
import { ComplogError, type Place } from '../../errors.js'
import { throwIfInterrupted } from '../../interruption.js'
import { LaterRecords } from '../../later/contents/read-records.js'
import type { ReadLater } from '../../later/reading/read-later.js'
import type { LaterRecordTable } from '../../later/records/record-table.js'
import type { WorkOptions } from '../../progress.js'
import { appError } from '../app-errors.js'

/** What an app was fed. */
export interface Fed {
    readonly records: number
    readonly events: number
    /** Responses that are a decodeError: the app did not understand the event. */
    readonly decodeErrors: number
    /** Of the first event that the app did not understand. */
    readonly firstDecodeError: Place | undefined
}

const rowsInBatch = 256

export class LaterFeeder {
    /** All until now. */
    fed: Fed = { records: 0, events: 0, decodeErrors: 0, firstDecodeError: undefined }
    readonly #instance: ElmAppInstance
    readonly #table: LaterRecordTable
    readonly #records: LaterRecords
    readonly #options: WorkOptions & { readonly total: number }

    /** @param options with the rows that there are in all, for the progress */
    constructor(
        instance: ElmAppInstance,
        read: ReadLater,
        options: WorkOptions & { readonly total: number },
    ) {
        this.#instance = instance
        this.#table = read.log.table
        this.#records = new LaterRecords(read)
        this.#options = options
    }

    /**
     * Feeds the records of some rows, in their order.
     * @throws ComplogError `error-findings` where an event is missing, `store-changed`, `file-system`, and as
     * the app fails
     */
    async feed(rows: readonly number[]): Promise<void> {
        const { signal, onProgress, total } = this.#options
        for (let at = 0; at < rows.length; at += rowsInBatch) {
            throwIfInterrupted(signal)
            await this.#feedBatch(rows.slice(at, at + rowsInBatch))
            onProgress?.({ activity: 'replay', done: this.fed.records, total, unit: 'records' })
        }
    }

    async #feedBatch(rows: readonly number[]): Promise<void> {
        const inputs = rows.flatMap((row) => inputsOf(this.#records, this.#table, row))
        const kinds = Uint8Array.from(inputs, ({ kind }) => kind)
        const result = await this.#instance
            .apply({ inputs: inputs.map(({ text }) => text), kinds })
            .catch((error: unknown) => {
                const row = error instanceof AppFailure ? inputs[error.inputIndex]?.row : undefined
                throw row === undefined ? error : failedOn(appError(error as AppFailure), this.#table, row)
            })
        const first = inputs[result.firstDecodeErrorIndex]
        const { records, events, decodeErrors, firstDecodeError } = this.fed
        this.fed = {
            records: records + rows.length,
            events: events + result.events,
            decodeErrors: decodeErrors + result.decodeErrors,
            firstDecodeError: firstDecodeError ?? (first && this.#table.placeAt(first.row)),
        }
    }
}

interface Input {
    readonly row: number
    readonly kind: number
    readonly text: string
}

function inputsOf(records: LaterRecords, table: LaterRecordTable, row: number): readonly Input[] {
    return records.at(row).events.map((event) => {
        const { text, problem = `It holds ${event.kind} beside an event.` } = records.textOf(event)
        const kind =
            event.kind === 'event' ? eventKind : event.kind === 'set-state' ? setStateKind : undefined
        if (text !== undefined && kind !== undefined) return { row, kind, text }
        throw new ComplogError('error-findings', problem, { place: table.placeAt(row) })
    })
}

function failedOn(failure: ComplogError, table: LaterRecordTable, row: number): ComplogError {
    const { code, message, hint, cause } = failure
    const where = `In record #${row + 1} (${table.hashAt(row).slice(0, 12)}…).`
    return new ComplogError(code, `${message} ${where}`, { place: table.placeAt(row), hint, cause })
}
