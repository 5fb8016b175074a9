// Writes records as the hosts of the three generations wrote them, to the byte, each naming the one before.
import { type CompositionHash, genesis, hashOfLine } from '../../src/core/composition/hash.js'
import type { Generation } from '../../src/core/composition/record.js'
import { serializeReduction } from '../../src/core/reduction/reduction.js'

export interface RecordToWrite {
    /** Default: 2019-04. */
    readonly generation?: Generation
    /** Default: the record written before. */
    readonly parent?: CompositionHash
    readonly setState?: string
    readonly events?: readonly string[]
}

/** The raw line of a record, without its line end. */
export function recordLine({
    generation = '2019-04',
    parent = genesis,
    setState,
    events,
}: RecordToWrite): string {
    const literal = (text: string) => ({ LiteralString: text })
    switch (generation) {
        case '2018-11':
            return JSON.stringify({
                ParentHash: base64(parent),
                SetState: setState ?? null,
                AppendedEvents: events ?? null,
            })
        case '2019-03':
            return JSON.stringify({
                ParentHashBase16: parent,
                SetStateLiteralString: setState ?? null,
                AppendedEventsLiteralString: events ?? null,
                ParentHash: null,
                SetState: null,
                AppendedEvents: null,
            })
        case '2019-04':
            return JSON.stringify({
                ParentHashBase16: parent,
                ...(setState !== undefined && { SetState: literal(setState) }),
                ...(events !== undefined && { AppendedEvents: events.map(literal) }),
            })
    }
}

export function base64(hash: CompositionHash): string {
    return Buffer.from(hash, 'hex').toString('base64')
}

export function hashOf(line: string | Uint8Array): CompositionHash {
    return hashOfLine(typeof line === 'string' ? Buffer.from(line) : line)
}

/** A chain as it grows. */
export class LogWriter {
    readonly lines: string[] = []
    readonly hashes: CompositionHash[] = []
    readonly #generation: Generation
    #head: CompositionHash

    constructor(generation: Generation = '2019-04', head: CompositionHash = genesis) {
        this.#generation = generation
        this.#head = head
    }

    get head(): CompositionHash {
        return this.#head
    }

    add(record: RecordToWrite): CompositionHash {
        const line = recordLine({ generation: this.#generation, parent: this.#head, ...record })
        this.#head = hashOf(line)
        this.lines.push(line)
        this.hashes.push(this.#head)
        return this.#head
    }

    /** One record an event for the counter app. */
    addAdditions(...additions: readonly number[]): this {
        for (const addition of additions) this.add({ events: [additionEvent(addition)] })
        return this
    }
}

/** A chain of records for the counter app that add 1, 2, 3 and so on. */
export function counterLog(records: number, generation?: Generation): LogWriter {
    return new LogWriter(generation).addAdditions(...Array.from({ length: records }, (_, i) => i + 1))
}

export function additionEvent(addition: number): string {
    return JSON.stringify({ addition })
}

/** The bytes of a log file. */
export function logFile(lines: readonly (string | Uint8Array)[], lineEnd = '\n'): Buffer {
    return Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from(lineEnd)]))
}

/** The bytes of a reduction file as a host of the generation writes it; default: as complog does. */
export function reductionFile(hash: CompositionHash, value: string, generation?: Generation): Buffer {
    const mark = '\uFEFF'
    switch (generation) {
        case undefined:
            return serializeReduction({ hash, value })
        case '2018-11':
            return Buffer.from(
                mark + JSON.stringify({ ReducedCompositionHash: base64(hash), ReducedValue: value }),
            )
        case '2019-03':
        case '2019-04':
            return Buffer.from(
                mark +
                    JSON.stringify({ ReducedCompositionHashBase16: hash, ReducedValueLiteralString: value }),
            )
    }
}
