// Compiling takes seconds and needs packages; the same sources give the same script. So the script is kept,
// apart from the app, and believed only where its hash fits.
import { createHash, randomUUID } from 'node:crypto'
import { readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cachedDataVersionTag } from 'node:v8'

import envPaths from 'env-paths'
import * as z from 'zod/mini'

import { asError } from '../../errors.js'
import type { SourcesOfApp } from '../source/app-source.js'
import { makeFolders, readFileIfThere } from '../source/file-access.js'
import type { CompiledScript } from './compile.js'
import { elmCompilerVersion } from './compiler-binary.js'
import { publishFormatVersion } from './publish.js'

const entrySchema = z.object({
    optimized: z.boolean(),
    notes: z.array(z.string()),
    /** Upper hex, over the script's bytes. */
    scriptSha256: z.string(),
})

/** Where caches are: the caller's choice, COMPLOG_CACHE_DIR, or the user's cache directory. */
export function cacheRoot(chosen: string | undefined): string {
    const fromEnvironment = process.env['COMPLOG_CACHE_DIR']
    return (
        chosen ??
        (fromEnvironment === undefined || fromEnvironment === ''
            ? envPaths('complog', { suffix: '' }).cache
            : fromEnvironment)
    )
}

/** Where compiled scripts are kept. */
export function cacheFolder(chosen: string | undefined): string {
    return join(cacheRoot(chosen), 'compiled-apps')
}

/**
 * Key of an app's script: hash over all that the script depends on.
 *
 * An Elm home that was asked for is part of it: a different home may hold different code under the same
 * version numbers, and a script built against a test home must never be served to somebody who did not ask
 * for that home.
 */
export function cacheKey(app: SourcesOfApp, elmHome: string | undefined): string {
    const hash = createHash('sha256')
    // Lengths before contents, so that no two lists of parts run together into the same bytes.
    const add = (part: string | Uint8Array): void => {
        const bytes = Buffer.from(part)
        hash.update(`${bytes.length}:`).update(bytes)
    }
    add(elmCompilerVersion)
    add(String(publishFormatVersion))
    add(JSON.stringify([app.map, elmHome ?? null]))
    for (const path of [...app.files.keys()].sort()) {
        add(path)
        add(app.files.get(path) ?? '')
    }
    return upperHex(hash.digest())
}

/** The script kept under a key, or undefined where there is none that can be believed. */
export async function readCachedScript(folder: string, key: string): Promise<CompiledScript | undefined> {
    try {
        const about = await readFileIfThere(join(folder, `${key}.json`))
        const path = join(folder, `${key}.js`)
        const bytes = await readFileIfThere(path)
        if (about === undefined || bytes === undefined) return undefined
        const entry = entrySchema.parse(JSON.parse(about.toString('utf8')))
        if (entry.scriptSha256 !== sha256(bytes)) return undefined
        // Who prunes sees by this that it is in use. A cache that others own is read all the same.
        await utimes(path, new Date(), new Date()).catch(() => undefined)
        return { bytes, optimized: entry.optimized, notes: entry.notes }
    } catch {
        // Damaged or unreadable: it is compiled anew, which writes it anew.
        return undefined
    }
}

/** Keeps a script. Returns a note where that fails, since a run must not fail for its cache. */
export async function writeCachedScript(
    folder: string,
    key: string,
    script: CompiledScript,
): Promise<string | undefined> {
    const entry: z.infer<typeof entrySchema> = {
        optimized: script.optimized,
        notes: [...script.notes],
        scriptSha256: sha256(script.bytes),
    }
    try {
        await makeFolders(folder, 0o700)
        await replaceCachedFile(join(folder, `${key}.js`), script.bytes)
        await replaceCachedFile(join(folder, `${key}.json`), JSON.stringify(entry))
        await pruneScriptCache(folder)
        return undefined
    } catch (error) {
        return `the compiled script could not be kept for the next time: ${asError(error).message}`
    }
}

/** What V8 made of a script when it ran before, kept beside that script. */
export interface CodeCache {
    /** Undefined where nothing is kept that can be believed. */
    read(): Promise<Uint8Array | undefined>
    /** Does nothing where that fails, since a run must not fail for its cache. */
    write(code: Uint8Array): Promise<void>
}

const codeEntrySchema = z.object({
    codeKey: z.string(),
    /** Upper hex, over the bytes behind this line. */
    codeSha256: z.string(),
})

/**
 * V8 runs whatever it is given as code of a script, and looks at no more than the script's length. So code is
 * believed only where it was made of this very script, by this very engine, under the same flags.
 * @param key of the script
 * @param madeOf all that the text depends on which V8 is given
 */
export function codeCacheOf(folder: string, key: string, madeOf: readonly string[]): CodeCache {
    const path = join(folder, `${key}.code`)
    const engine = [process.version, process.arch, String(cachedDataVersionTag())]
    const codeKey = sha256(Buffer.from(JSON.stringify([...madeOf, ...engine])))
    return {
        async read() {
            try {
                const kept = await readFileIfThere(path)
                const end = kept?.indexOf('\n') ?? -1
                if (kept === undefined || end < 0) return undefined
                const entry = codeEntrySchema.parse(JSON.parse(kept.toString('utf8', 0, end)))
                const code = kept.subarray(end + 1)
                return entry.codeKey === codeKey && entry.codeSha256 === sha256(code) ? code : undefined
            } catch {
                return undefined
            }
        },
        async write(code) {
            const entry: z.infer<typeof codeEntrySchema> = { codeKey, codeSha256: sha256(code) }
            const content = Buffer.concat([Buffer.from(`${JSON.stringify(entry)}\n`), code])
            await replaceCachedFile(path, content).catch(() => undefined)
        },
    }
}

export function sha256(bytes: Uint8Array): string {
    return upperHex(createHash('sha256').update(bytes).digest())
}

function upperHex(digest: Buffer): string {
    return digest.toString('hex').toUpperCase()
}

/** Puts a file of a cache in its place, whole or not at all. */
export async function replaceCachedFile(path: string, content: string | Uint8Array): Promise<void> {
    const temporary = `${path}.${randomUUID()}.tmp`
    try {
        await writeFile(temporary, content, { flag: 'wx' })
        await rename(temporary, path)
    } finally {
        await rm(temporary, { force: true })
    }
}

// Every change of an app leaves one more compiled script behind. Those that nobody has used for longest go.

/**
 * Scripts to keep: more versions of an app than somebody tries in turn; each takes some tens of KB, or a few
 * hundred.
 */
const scriptsMax = 50
/** A file under a temporary name is no longer being written after so long. */
const temporaryMillisecondsMax = 24 * 60 * 60 * 1000

/** What a cache folder holds of one script, and nothing that anybody else may have put there. */
const scriptFile = /^([0-9A-F]{64})\.(?:js|json|code)$/
const temporaryFile = /^[0-9A-F]{64}\.(?:js|json|code)\.[0-9a-f-]{36}\.tmp$/

/**
 * Removes the scripts that were not used for longest, and what a killed process left half written. Never
 * throws.
 */
export async function pruneScriptCache(folder: string, keep = scriptsMax): Promise<void> {
    try {
        const usedAt = new Map<string, number>()
        const now = Date.now()
        for (const name of await readdir(folder)) {
            const key = scriptFile.exec(name)?.[1]
            if (key === undefined && !temporaryFile.test(name)) continue
            const path = join(folder, name)
            // Another process may prune as well.
            const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: now }))
            if (key !== undefined) usedAt.set(key, Math.max(usedAt.get(key) ?? 0, mtimeMs))
            else if (now - mtimeMs > temporaryMillisecondsMax) await rm(path, { force: true })
        }
        const unused = [...usedAt].sort(([, a], [, b]) => b - a).slice(keep)
        for (const [key] of unused) {
            await rm(join(folder, `${key}.json`), { force: true })
            await rm(join(folder, `${key}.js`), { force: true })
            await rm(join(folder, `${key}.code`), { force: true })
        }
    } catch {
        // A cache that grows is no reason for a run to fail.
    }
}
