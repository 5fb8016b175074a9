// What an app says of an event, in Kalmit's interface for web apps: JSON in a string. Read as the hosts of
// 2019 read it, whose JSON library took keys in any case and let most fields be missing or null
// (docs/format.md).
import { z } from 'zod'

import { fieldsByName } from '../core/elm-app/source/lenient-json.js'
import { isObject } from '../core/json.js'

export interface HttpHeader {
    readonly name: string
    readonly values: readonly string[]
}

/** The app's answer to one request. */
export interface WebResponse {
    /** 200 to 999. */
    readonly statusCode: number
    /** Each may be sent as it is: names are tokens of HTTP, values printable ASCII. */
    readonly headersToAdd: readonly HttpHeader[]
    readonly bodyAsString: string
}

/** The answer to a request, which need not be the one that the event was. */
export interface Completion {
    readonly httpRequestId: string
    readonly response: WebResponse
}

/** What the app made of an event. */
export interface AppAnswer {
    readonly completions: readonly Completion[]
    /** What the host does not know, or cannot do: one sentence each, with the place in the answer. */
    readonly ignored: readonly string[]
    /** Why there may be no completion of the event's own request. */
    readonly failure?: AnswerFailure | undefined
}

export interface AnswerFailure {
    /** The app did not understand the event (its own words), or did not answer in the interface's form. */
    readonly kind: 'decode-error' | 'malformed-response'
    readonly message: string
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const sendableValue = /^[\t\x20-\x7e]*$/
const shownCharactersMax = 60

/** An object whose keys may be in any case; of several that differ only in that, the last one counts. */
function anyCase<const Shape extends z.ZodRawShape>(shape: Shape) {
    const names = Object.keys(shape)
    return z.preprocess((value) => fieldsByName(value, names) ?? value, z.object(shape, 'must be an object'))
}

const text = z.preprocess(
    (value) => (typeof value === 'number' || typeof value === 'boolean' ? String(value) : value),
    z.string('must be a text'),
)
const statusCode = z.preprocess(
    (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
    z
        .int('must be a whole number')
        .min(200, 'must be a status of HTTP, 200 to 999')
        .max(999, 'must be a status of HTTP, 200 to 999'),
)
const header = anyCase({
    name: z.string('must be a text').regex(token, 'cannot be the name of a header'),
    values: z
        .array(text.refine((value) => sendableValue.test(value), 'cannot be the value of a header'))
        .nullish(),
})
const completion = anyCase({
    httpRequestId: z.string('must be a text'),
    response: anyCase({
        statusCode,
        headersToAdd: z.array(header).nullish(),
        bodyAsString: text.nullish(),
    }),
})
const entry = anyCase({ completeHttpResponse: z.unknown().optional() })
const whole = anyCase({
    decodeSuccess: z.array(z.unknown(), 'must be a list').nullish(),
    /** The names since 2019-05-28. */
    decodeEventSuccess: z.array(z.unknown(), 'must be a list').nullish(),
    decodeError: z.unknown().optional(),
    decodeEventError: z.unknown().optional(),
})

/** Reads what the app answered. Never throws. */
export function readAppAnswer(answer: string): AppAnswer {
    let json: unknown
    try {
        json = JSON.parse(answer)
    } catch (error) {
        return malformed(`it is not JSON: ${(error as Error).message}; it is ${excerpt(answer)}`)
    }
    const parsed = whole.safeParse(json, { reportInput: true })
    if (!parsed.success) return malformed(firstIssue(parsed.error))
    const { decodeSuccess, decodeEventSuccess, decodeError, decodeEventError } = parsed.data
    const name = decodeSuccess == null ? 'decodeEventSuccess' : 'decodeSuccess'
    const entries = decodeSuccess ?? decodeEventSuccess
    if (entries != null) return readEntries(name, entries)
    const error = decodeError ?? decodeEventError
    if (typeof error === 'string') return { ...nothing, failure: { kind: 'decode-error', message: error } }
    return malformed(`it has neither decodeSuccess nor decodeError; it is ${excerpt(json)}`)
}

const nothing = { completions: [], ignored: [] } as const

function malformed(message: string): AppAnswer {
    return { ...nothing, failure: { kind: 'malformed-response', message } }
}

/** What is known is done, whatever stands beside it. */
function readEntries(name: string, entries: readonly unknown[]): AppAnswer {
    const completions: Completion[] = []
    const ignored: string[] = []
    let failure: AnswerFailure | undefined
    for (const [i, given] of entries.entries()) {
        const place = `${name}[${i}]`
        const known = entry.safeParse(given)
        if (!known.success || known.data.completeHttpResponse == null) {
            ignored.push(`${place} is nothing that this host knows: ${nameOfEntry(given)}`)
            continue
        }
        const parsed = completion.safeParse(known.data.completeHttpResponse, { reportInput: true })
        if (!parsed.success) {
            const message = firstIssue(parsed.error, `${place}.completeHttpResponse`)
            failure ??= { kind: 'malformed-response', message }
            continue
        }
        const { httpRequestId, response } = parsed.data
        const headersToAdd = (response.headersToAdd ?? []).map((header) => ({
            name: header.name,
            values: header.values ?? [],
        }))
        const { statusCode, bodyAsString } = response
        completions.push({
            httpRequestId,
            response: { statusCode, headersToAdd, bodyAsString: bodyAsString ?? '' },
        })
    }
    return { completions, ignored, failure }
}

/** An entry has one key, which says what it is. */
function nameOfEntry(value: unknown): string {
    const names = isObject(value) ? Object.keys(value) : []
    return names.length === 0 ? excerpt(value) : names.join(', ').slice(0, shownCharactersMax)
}

/** The first field that is wrong: its path, what it must be, and what it is. */
function firstIssue(error: z.ZodError, place = ''): string {
    const [issue] = error.issues
    if (issue === undefined) return 'it is not in the form of the interface'
    const path = issue.path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    const field = `${place}${path.join('')}`.replace(/^\./, '')
    const says = issue.code === 'invalid_type' && issue.input === undefined ? 'is missing' : issue.message
    const is = issue.input === undefined ? '' : `, and is ${excerpt(issue.input)}`
    return `${field === '' ? 'it' : field} ${says}${is}`
}

function excerpt(value: unknown): string {
    const shown = JSON.stringify(value)
    return shown.length > shownCharactersMax ? `${shown.slice(0, shownCharactersMax)}…` : shown
}
