// Files that are served by the address of a request, in place of the app: none of it is an event. They lie in
// memory, as at the start of the host: so a zip needs no folder to be unpacked into, no path of a request
// reaches the file system, and what says that a file is the same says so of its content.
import { createHash } from 'node:crypto'

import type { FastifyReply, FastifyRequest } from 'fastify'
import fresh from 'fresh'
import { contentType } from 'mime-types'
import parseRange from 'range-parser'

import { tell } from './refusals.js'

export interface StaticFileRule {
    /** Looked for anywhere in the address. */
    readonly pattern: RegExp
    /** Relative to `static-files/`; undefined stands for a file that is not there. */
    readonly fileName: string | undefined
}

export interface StaticFile {
    readonly bytes: Buffer
    readonly type: string
    readonly etag: string
}

export class StaticFiles {
    readonly #rules: readonly StaticFileRule[]
    readonly #files: ReadonlyMap<string, StaticFile>

    constructor(rules: readonly StaticFileRule[], files: ReadonlyMap<string, Uint8Array>) {
        const named = new Set(rules.map(({ fileName }) => fileName))
        this.#rules = rules
        this.#files = new Map(
            [...files]
                .filter(([name]) => named.has(name))
                .map(([name, bytes]) => [name, staticFile(name, bytes)]),
        )
    }

    /** Names that the rules have and the files do not. */
    get missing(): readonly string[] {
        const names = this.#rules.map(({ fileName }) => fileName ?? '')
        return [...new Set(names)].filter((name) => !this.#files.has(name))
    }

    /** Answers a request whose address a rule is for. Says whether it did. */
    answer(uri: string, request: FastifyRequest, reply: FastifyReply): boolean {
        const rule = this.#rules.find(({ pattern }) => pattern.test(uri))
        if (rule === undefined) return false
        const file = this.#files.get(rule.fileName ?? '')
        if (request.method !== 'GET' && request.method !== 'HEAD') {
            void tell(reply.header('allow', 'GET, HEAD'), 405, 'A file is here, which can only be read.')
        } else if (file === undefined) void reply.code(404).send()
        else void sendFile(file, request, reply)
        return true
    }
}

function staticFile(name: string, content: Uint8Array): StaticFile {
    const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength)
    const baseName = name.slice(name.lastIndexOf('/') + 1)
    // What has no ending that is known is not guessed at, neither here nor by a browser.
    const type = (baseName.includes('.') && contentType(baseName)) || 'application/octet-stream'
    return { bytes, type, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"` }
}

function sendFile(file: StaticFile, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const { bytes, type, etag } = file
    const { method, headers } = request
    void reply.headers({ etag, 'accept-ranges': 'bytes' })
    const wanted = headers['if-match']?.split(',').map((tag) => tag.trim())
    if (wanted !== undefined && !wanted.includes('*') && !wanted.includes(etag)) return reply.code(412).send()
    if (fresh(headers, { etag })) return reply.code(304).send()
    void reply.type(type)
    const mayBePart = method === 'GET' && (headers['if-range'] ?? etag) === etag
    const ranges =
        mayBePart && headers.range !== undefined ? parseRange(bytes.length, headers.range) : undefined
    if (ranges === -1) {
        return tell(
            reply.header('content-range', `bytes */${bytes.length}`),
            416,
            'The file has no such part.',
        )
    }
    const [part, ...others] = Array.isArray(ranges) && ranges.type === 'bytes' ? ranges : []
    // Several parts at a time come as the whole.
    if (part === undefined || others.length > 0) return reply.send(bytes)
    return reply
        .code(206)
        .header('content-range', `bytes ${part.start}-${part.end}/${bytes.length}`)
        .send(bytes.subarray(part.start, part.end + 1))
}
