// What an event is, as far as that can be told without its app: a request to a web app, in one of the
// interfaces of hosts, a time that has come, or whatever its first key names.
import { isUtf8 } from 'node:buffer'

import { isObject, type JsonObject, jsonIn } from '../json.js'

/** A request, as an event says it. */
export interface RequestInEvent {
    readonly method: string
    /** As it was sent, mostly absolute. */
    readonly uri: string
    /** Absent where it has none, or what is no text. */
    readonly body?: string
    readonly headers: readonly { readonly name: string; readonly values: readonly string[] }[]
}

/** Nine tenths of the events of hosts of 2021-07 to 2024, and never with more than the time. */
const timeEvent = /^\{"(?:ArrivedAtTimeEvent|PosixTimeHasArrivedEvent)":/

/**
 * For a web event its method and path, such as `POST /api`; `time` for a time that has come; for another JSON
 * object its first key; else what it is.
 */
export function kindOfEvent(event: string): string {
    if (timeEvent.test(event)) return 'time'
    const json = jsonIn(event)
    if (json === undefined) return '(text)'
    if (!isObject(json)) return '(JSON value)'
    const [key] = Object.keys(json)
    if (key === undefined) return '{}'
    const request = requestIn(json)
    if (request === undefined) return key
    return `${asText(request['method']).toUpperCase()} ${pathOf(asText(request['uri']))}`
}

/** The request that an event is; undefined where it is none. */
export function requestInEvent(event: string): RequestInEvent | undefined {
    if (!event.includes('"request"')) return undefined
    const json = jsonIn(event)
    const inner = isObject(json) ? requestIn(json) : undefined
    if (inner === undefined) return undefined
    const { method, uri, headers } = inner
    const body = bodyOf(inner)
    return {
        method: asText(method),
        uri: asText(uri),
        ...(body !== undefined && body !== '' && { body }),
        headers: Array.isArray(headers) ? headers.filter(isObject).map(headerIn) : [],
    }
}

/**
 * Until 2020-06 and until 2023-03 the event holds it, then a list does; since 2025-03 it is what a function
 * of the app is applied to.
 */
function requestIn(json: JsonObject): JsonObject | undefined {
    const [key = ''] = Object.keys(json)
    if (key !== 'httpRequest' && key !== 'HttpRequestEvent' && key !== 'function') return undefined
    const [event] = [json[key === 'function' ? 'arguments' : key]].flat() as readonly unknown[]
    return isObject(event) && isObject(event['request']) ? event['request'] : undefined
}

/** As text, or in base 64 where that is one; since 2023-03 in `{"Just":[x]}`. */
function bodyOf({ bodyAsString, bodyAsBase64, body }: JsonObject): string | undefined {
    if (typeof bodyAsString === 'string') return bodyAsString
    const just = (value: unknown) => (isObject(value) ? [value['Just']].flat()[0] : value)
    const packed = just(bodyAsBase64) ?? just(body)
    const base64 = isObject(packed) ? packed['AsBase64'] : packed
    const bytes = typeof base64 === 'string' ? Buffer.from(base64, 'base64') : undefined
    return bytes && isUtf8(bytes) ? bytes.toString('utf8') : undefined
}

function headerIn({ name, values }: JsonObject): RequestInEvent['headers'][number] {
    return { name: asText(name), values: Array.isArray(values) ? values.map(asText) : [] }
}

function pathOf(uri: string): string {
    return URL.canParse(uri) ? new URL(uri).pathname : (uri.split('?')[0] ?? uri)
}

function asText(value: unknown): string {
    return typeof value === 'string' ? value : ''
}
