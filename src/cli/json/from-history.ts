// From records as the core describes them to what the schemas promise.
import { indexJson } from '../../core/difference/difference.js'
import type { DescribedRecord } from '../../core/history/history.js'
import type { Hit } from '../../core/history/search.js'
import type { RecordTime } from '../../core/store/time-of-record.js'
import type { ResultOf } from './results.js'

export type RecordResult = ResultOf<'show'>['records'][number]
type Effect = RecordResult['effect']

export function recordResult(record: DescribedRecord, effect: Effect): RecordResult {
    const { hash, position, parentHash, generation, place, time, isVoid, setState, events } = record
    return {
        hash,
        position,
        parentHash: parentHash ?? null,
        generation,
        place,
        time: time === undefined ? null : timeResult(time),
        ...(isVoid !== undefined && { void: isVoid }),
        setState: setState ?? null,
        events: events.map(({ kind, does, text, problem }) => ({
            kind,
            ...(does && { does }),
            text: text ?? null,
            ...(problem !== undefined && { problem }),
        })),
        effect,
    }
}

/** The same as a line, with what its events say as JSON. */
export function recordLine({ setState, events, effect, ...rest }: RecordResult): string {
    const isLater = rest.void !== undefined
    const told = isLater && { kinds: events.map(({ kind }) => kind), does: events.map(({ does }) => does) }
    const texts = { ...(!isLater && { setState }), events: events.map(({ text }) => text) }
    if (effect === null) return jsonLine({ ...rest, ...told }, texts)
    const { responses, state, difference } = effect
    return jsonLine({ ...rest, ...told, difference }, { ...texts, responses, state })
}

export type HitResult = ResultOf<'search'>['hits'][number]

export function hitResult({ record, time, eventIndex, kind, text, response, before, after }: Hit): HitResult {
    const { hash, position, place } = record
    return {
        hash,
        position: position === 0 ? null : position,
        place,
        time: time === undefined ? null : timeResult(time),
        eventIndex: eventIndex < 0 ? null : eventIndex,
        kind,
        text: text ?? null,
        response: response ?? null,
        before: before ?? null,
        after: after ?? null,
    }
}

/** The same as a line, with what it says as JSON. */
export function hitLine({ text: event, response, before, after, ...rest }: HitResult): string {
    return jsonLine(rest, { event, response, before, after })
}

export function timeResult({ first, last, source }: RecordTime): NonNullable<RecordResult['time']> {
    return { first: new Date(first).toISOString(), last: new Date(last).toISOString(), source }
}

/**
 * An object on one line, for jq: of texts that are JSON the JSON itself, as it was written, else a string.
 * @param texts under the names that they get, behind the members of the object
 */
export function jsonLine(object: object, texts: Readonly<Record<string, Texts>>): string {
    const members = Object.entries(texts).map(
        ([name, value]) => `,${JSON.stringify(name)}:${onOneLine(value)}`,
    )
    return `${JSON.stringify(object).slice(0, -1)}${members.join('')}}\n`
}

type Texts = string | readonly (string | null)[] | null

function onOneLine(text: Texts): string {
    if (text === null) return 'null'
    if (typeof text !== 'string') return `[${text.map(onOneLine).join(',')}]`
    // Between its values JSON may have line ends, within them never.
    return indexJson(text) === undefined ? JSON.stringify(text) : text.replaceAll(/[\r\n]+/g, ' ')
}
