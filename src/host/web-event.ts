// What goes into the app for a request, in Kalmit's interface for web apps: JSON in a string, in the form that the hosts
// of April 2019 wrote (docs/format.md).
import type { HttpHeader } from './app-answer.js'

/** A request as it arrived. */
export interface WebRequest {
    readonly method: string
    /** Absolute, as in `http://localhost:8080/path?query`. */
    readonly uri: string
    /** Names and values in turn, as they were sent. */
    readonly rawHeaders: readonly string[]
    /** Absent where there was none. */
    readonly body?: string | undefined
    readonly clientAddress?: string | undefined
}

/**
 * The event that a request becomes.
 * @throws RangeError where it is longer than any string
 */
export function webEvent(request: WebRequest, httpRequestId: string, posixTimeMilli: number): string {
    const { method, uri, body, rawHeaders, clientAddress } = request
    return JSON.stringify({
        httpRequest: {
            posixTimeMilli,
            httpRequestId,
            requestContext: { clientAddress },
            request: { method, uri, bodyAsString: body, headers: headersOf(rawHeaders) },
        },
    })
}

/** Values of the same name come together, under the name as it was sent first. */
function headersOf(rawHeaders: readonly string[]): readonly HttpHeader[] {
    const byName = new Map<string, { name: string; values: string[] }>()
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
        const name = rawHeaders[i] as string
        const header = byName.get(name.toLowerCase()) ?? { name, values: [] }
        header.values.push(rawHeaders[i + 1] as string)
        byName.set(name.toLowerCase(), header)
    }
    return [...byName.values()]
}
