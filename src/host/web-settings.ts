// What a `map.json` asks of the host of a web app, beside the app itself.
import { isUtf8 } from 'node:buffer'

import { fieldsByName, parseLenientJson } from '../core/elm-app/source/lenient-json.js'
import { ComplogError } from '../core/errors.js'
import { dotnetPattern, UnusablePattern } from './dotnet-pattern.js'
import type { RateLimitSettings } from './rate-limit.js'
import type { StaticFileRule } from './static-files.js'

export interface WebSettings {
    readonly staticFileRules: readonly StaticFileRule[]
    readonly rateLimit: RateLimitSettings | undefined
    readonly corsAllowAnything: boolean
    /** What it asks for that this host leaves to others, as sentences. */
    readonly notes: readonly string[]
}

const names = [
    'mapsFromRequestUrlToStaticFileName',
    'singleRateLimitWindowPerClientIPv4Address',
    'corsAllowAnything',
    'letsEncryptOptions',
] as const

/**
 * Reads the bytes of a `map.json`. `origin` names it in messages.
 * @throws ComplogError `app-map-malformed`
 */
export function parseWebSettings(bytes: Uint8Array, origin: string): WebSettings {
    const refuse = (problem: string, cause?: unknown) =>
        new ComplogError('app-map-malformed', `${origin} cannot be used: ${problem}.`, {
            hint: 'docs/commands/host.md shows what a map.json may hold. Without the file, all requests go to the app.',
            cause,
        })
    let json: unknown
    try {
        if (!isUtf8(bytes)) throw new Error('it is not UTF-8')
        json = parseLenientJson(new TextDecoder().decode(bytes))
    } catch (error) {
        throw refuse((error as Error).message, error)
    }
    const unknown: string[] = []
    const fields = fieldsByName(json ?? {}, names, unknown)
    if (fields === undefined) throw refuse('it is no JSON object')
    const { corsAllowAnything = false, letsEncryptOptions } = fields
    if (typeof corsAllowAnything !== 'boolean') throw refuse('corsAllowAnything must be true or false')
    const notes = unknown.map((name) => `${origin} has a field "${name}", which means nothing to this host.`)
    if (letsEncryptOptions !== undefined && letsEncryptOptions !== null) notes.push(letsEncryptNote(origin))
    return {
        staticFileRules: readRules(fields.mapsFromRequestUrlToStaticFileName, refuse),
        rateLimit: readRateLimit(fields.singleRateLimitWindowPerClientIPv4Address, refuse),
        corsAllowAnything,
        notes,
    }
}

function letsEncryptNote(origin: string): string {
    return `${origin} asks for certificates of Let's Encrypt, which this host leaves to others: give it a certificate with --tls-cert and --tls-key, or put a proxy before it. Requests for /.well-known/acme-challenge go to the app.`
}

type Refuse = (problem: string, cause?: unknown) => ComplogError

function readRules(value: unknown, refuse: Refuse): readonly StaticFileRule[] {
    if (value === undefined || value === null) return []
    if (!Array.isArray(value)) throw refuse('mapsFromRequestUrlToStaticFileName must be a list')
    return value.map((entry: unknown, index): StaticFileRule => {
        const where = `mapsFromRequestUrlToStaticFileName[${index}]`
        const rule = fieldsByName(entry, ['matchingRegexPattern', 'resultString'])
        const { matchingRegexPattern: pattern, resultString: fileName = null } = rule ?? {}
        if (typeof pattern !== 'string') throw refuse(`${where} needs a text as its matchingRegexPattern`)
        if (fileName !== null && typeof fileName !== 'string')
            throw refuse(`${where}.resultString must be a text`)
        try {
            return { pattern: dotnetPattern(pattern), fileName: fileName ?? undefined }
        } catch (error) {
            if (!(error instanceof UnusablePattern)) throw error
            throw refuse(`the pattern ${JSON.stringify(pattern)} in ${where} ${error.message}`, error)
        }
    })
}

function readRateLimit(value: unknown, refuse: Refuse): RateLimitSettings | undefined {
    if (value === undefined || value === null) return undefined
    const where = 'singleRateLimitWindowPerClientIPv4Address'
    const fields = fieldsByName(value, ['windowSizeInMs', 'limit'])
    if (fields === undefined) throw refuse(`${where} must be an object`)
    const number = (name: 'windowSizeInMs' | 'limit'): number => {
        // Kalmit took a number in quotes as well.
        const given = fields[name] ?? 0
        const result = typeof given === 'string' && /^-?\d+$/.test(given) ? Number(given) : given
        if (typeof result !== 'number' || !Number.isSafeInteger(result)) {
            throw refuse(`${where}.${name} must be a whole number`)
        }
        return result
    }
    return { limit: number('limit'), windowMilliseconds: number('windowSizeInMs') }
}
