// A record of 2020-05 or later: what one line says, or one component. In comes its bytes, out come its parent
// and its events, or a sentence that says why it is none.
import { repeatedName } from '../../composition/record.js'
import { isObject, readJson } from '../../json.js'
import { type ValueHash, valueHashFrom } from '../values/value.js'

/** What an event of the composition log does, by the name that hosts gave it. */
export const eventKinds = {
    UpdateElmAppStateForEvent: 'event',
    SetElmAppState: 'set-state',
    DeployAppConfigAndInitElmAppState: 'deploy-init',
    DeployAppConfigAndMigrateElmAppState: 'deploy-migrate',
    RevertProcessTo: 'revert',
    ApplyFunctionOnElmAppState: 'apply-function',
    ApplyFunctionOnLiteralAndState: 'apply-function-on-literal',
} as const

/** What complog calls the event of a record of a store of 2020-05 or later. */
export type EventKind = (typeof eventKinds)[keyof typeof eventKinds]

/** One event of a record. */
export interface LaterEvent {
    readonly kind: EventKind
    /** The value that it names: of `revert` the hash of a record; absent where it says all in the record. */
    readonly names?: ValueHash
    /** The text that it holds; absent where it names a value. */
    readonly text?: string
}

/** What a record says. */
export interface LaterRecord {
    /** Absent: it names none. */
    readonly parent?: ValueHash
    /** One, but for records of 2020-05-01, which may have several. */
    readonly events: readonly LaterEvent[]
}

/** Why bytes are no record. */
export interface LaterRecordProblem {
    readonly problem: string
    /** It is a record, but of an event that no host of these generations has written. */
    readonly isOfUnknownEvent?: true
}

const fieldNames: ReadonlySet<string> = new Set([
    'parentHashBase16',
    'compositionEvent',
    'events',
    'HashBase16',
    'LiteralStringUtf8',
    ...Object.keys(eventKinds),
])

/** How nearly all lines of stores since 2021-07 look, in ASCII alone. */
const eventLine =
    // rslint-disable-next-line no-control-regex -- JSON allows no control characters
    /^\{(?:"parentHashBase16":"([0-9a-f]{64})",)?"compositionEvent":\{"UpdateElmAppStateForEvent":\{"LiteralStringUtf8":("(?:[^"\\\u0000-\u001f\u0080-\u00ff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")\}\}\}$/
/** A longer one would make the pattern remember too much. */
const eventLineSizeBytesMax = 8192

/** Reads a record from its raw bytes. Never throws. */
export function parseLaterRecord(bytes: Buffer): LaterRecord | LaterRecordProblem {
    const match = bytes.length > eventLineSizeBytesMax ? null : eventLine.exec(bytes.toString('latin1'))
    if (match !== null) {
        const [, parent, literal = '""'] = match
        return {
            ...(parent !== undefined && { parent: parent as ValueHash }),
            events: [new TextEvent(literal)],
        }
    }
    const read = readJson(bytes)
    if ('problem' in read) return read
    const repeated = repeatedName(read.text, fieldNames)
    if (repeated !== undefined) return { problem: `It holds the field ${repeated} twice.` }
    return recordFrom(read.json)
}

/** An event whose text is unescaped only for whoever asks for it. */
class TextEvent implements LaterEvent {
    readonly kind = 'event'
    readonly #literal: string

    constructor(literal: string) {
        this.#literal = literal
    }

    get text(): string {
        return JSON.parse(this.#literal) as string
    }
}

export function isNoRecord(parsed: LaterRecord | LaterRecordProblem): parsed is LaterRecordProblem {
    return 'problem' in parsed
}

function recordFrom(json: unknown): LaterRecord | LaterRecordProblem {
    if (!isObject(json)) return { problem: 'This is JSON, but not an object.' }
    const named = json['parentHashBase16'] ?? undefined
    const parent = valueHashFrom(named)
    if (named !== undefined && parent === undefined) {
        return { problem: 'parentHashBase16 is not a hash of 64 hex digits in lower case.' }
    }
    const { compositionEvent: one, events: several } = json
    const listed: unknown = one === undefined || one === null ? several : [one]
    if (!Array.isArray(listed) || listed.length === 0) return { problem: 'It has no event.' }
    const events: LaterEvent[] = []
    for (const each of listed as readonly unknown[]) {
        const event = eventFrom(each)
        if ('problem' in event) return event
        events.push(event)
    }
    return { ...(parent && { parent }), events }
}

function eventFrom(json: unknown): LaterEvent | LaterRecordProblem {
    const given = isObject(json) ? Object.entries(json).filter(([, value]) => value !== null) : []
    const [first, ...others] = given
    const [name, payload] = first ?? ['', undefined]
    if (others.length > 0) return { problem: 'It has two events in the place of one.' }
    const kind = Object.hasOwn(eventKinds, name) ? eventKinds[name as keyof typeof eventKinds] : undefined
    if (kind === undefined)
        return { problem: 'It holds an event that no host writes.', isOfUnknownEvent: true }
    if (kind === 'apply-function-on-literal' && isObject(payload)) {
        const applied = payloadFrom(payload['Function'])
        const text = payloadFrom(payload['Arguments'])
        if (applied?.names === undefined || text?.text === undefined) {
            return { problem: 'It names no function by its hash, or has no arguments as text.' }
        }
        return { kind, names: applied.names, text: text.text }
    }
    const read = payloadFrom(payload)
    return read === undefined
        ? { problem: `What ${name} says is neither a hash nor a text.` }
        : { kind, ...read }
}

type Payload = Pick<LaterEvent, 'names' | 'text'>

function payloadFrom(payload: unknown): Payload | undefined {
    if (!isObject(payload)) return undefined
    const names = valueHashFrom(payload['HashBase16'])
    const text = payload['LiteralStringUtf8']
    if (names !== undefined) return typeof text === 'string' ? undefined : { names }
    return typeof text === 'string' ? { text } : undefined
}
