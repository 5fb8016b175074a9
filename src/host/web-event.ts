// Kalmit's event interface for web apps: what goes into the app for a request, and what comes out of it. Both are JSON
// in strings, in the form that the hosts of April 2019 wrote (docs/format.md).
import { z } from 'zod'

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

export interface HttpHeader {
    readonly name: string
    readonly values: readonly string[]
}

/** The app's answer to one request. */
export interface WebResponse {
    readonly statusCode: number
    readonly headersToAdd: readonly HttpHeader[]
    readonly bodyAsString?: string | undefined
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

/** What the app made of an event. */
export type AppAnswer =
    | { readonly kind: 'success'; readonly completions: readonly Completion[] }
    /** The app did not understand the event: its own words. */
    | { readonly kind: 'decode-error'; readonly message: string }
    /** What the app said is not in the form of the interface. */
    | { readonly kind: 'malformed-response'; readonly message: string }

/** The answer to a request, which need not be the one that the event was. */
export interface Completion {
    readonly httpRequestId: string
    readonly response: WebResponse
}

const completeHttpResponse = z.object({
    httpRequestId: z.string(),
    response: z.object({
        statusCode: z.int().min(200).max(599),
        headersToAdd: z.array(z.object({ name: z.string(), values: z.array(z.string()) })),
        bodyAsString: z.string().nullish(),
    }),
})

const appResponse = z.union([
    z.strictObject({ decodeError: z.string() }),
    z.object({
        decodeSuccess: z.array(z.object({ completeHttpResponse })),
        // Where it is there, it is none.
        decodeError: z.null().optional(),
    }),
])

/** Reads what the app answered. Never throws. */
export function readAppResponse(text: string): AppAnswer {
    let json: unknown
    try {
        json = JSON.parse(text)
    } catch (error) {
        return { kind: 'malformed-response', message: `it is not JSON: ${(error as Error).message}` }
    }
    const parsed = appResponse.safeParse(json)
    if (!parsed.success) return { kind: 'malformed-response', message: z.prettifyError(parsed.error) }
    if (!('decodeSuccess' in parsed.data)) return { kind: 'decode-error', message: parsed.data.decodeError }
    const completions = parsed.data.decodeSuccess.map(
        ({ completeHttpResponse: { httpRequestId, response } }) => ({
            httpRequestId,
            response: { ...response, bodyAsString: response.bodyAsString ?? undefined },
        }),
    )
    return { kind: 'success', completions }
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
