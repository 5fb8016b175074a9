// What an event is, as far as that can be told without its app: a request to a web app, in Kalmit's interface
// of 2019, or whatever its first key names.

/** A request, as an event says it. */
export interface RequestInEvent {
    readonly method: string
    /** As it was sent, mostly absolute. */
    readonly uri: string
    /** Absent where it has none. */
    readonly body?: string
    readonly headers: readonly { readonly name: string; readonly values: readonly string[] }[]
}

/**
 * For a web event its method and path, such as `POST /api`; for another JSON object its first key; else what
 * it is.
 */
export function kindOfEvent(event: string): string {
    let json: unknown
    try {
        json = JSON.parse(event)
    } catch {
        return '(text)'
    }
    if (!isObject(json)) return '(JSON value)'
    const [key] = Object.keys(json)
    if (key === undefined) return '{}'
    const request = key === 'httpRequest' && isObject(json[key]) ? json[key]['request'] : undefined
    if (!isObject(request)) return key
    return `${asText(request['method']).toUpperCase()} ${pathOf(asText(request['uri']))}`
}

/** The request that an event is; undefined where it is none. */
export function requestInEvent(event: string): RequestInEvent | undefined {
    if (!event.includes('httpRequest')) return undefined
    let json: unknown
    try {
        json = JSON.parse(event)
    } catch {
        return undefined
    }
    const inner = isObject(json) && isObject(json['httpRequest']) ? json['httpRequest']['request'] : undefined
    if (!isObject(inner)) return undefined
    const { method, uri, bodyAsString: body, headers } = inner
    return {
        method: asText(method),
        uri: asText(uri),
        ...(typeof body === 'string' && body !== '' && { body }),
        headers: Array.isArray(headers) ? headers.filter(isObject).map(headerIn) : [],
    }
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

type JsonObject = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is JsonObject {
    return typeof value === 'object' && value !== null && !Array.isArray(value)
}
