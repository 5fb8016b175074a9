// Compiling takes seconds and needs packages; the same sources give the same script. So the script is kept,
// apart from the app, and believed only where its hash fits.
import { createHash } from 'node:crypto'
import { utimes } from 'node:fs/promises'
import { join } from 'node:path'

import * as z from 'zod/mini'

import { cacheRoot, makeFolders, pruneCache, replaceCachedFile, sha256 } from '../../cache/kept-files.js'
import { asError } from '../../errors.js'
import type { SourcesOfApp } from '../source/app-source.js'
import { readFileIfThere } from '../source/file-access.js'
import type { CompiledScript } from './compile.js'
import { elmCompilerVersion } from './compiler-binary.js'
import { publishFormatVersion } from './publish.js'

const entrySchema = z.object({
    optimized: z.boolean(),
    notes: z.array(z.string()),
    /** Upper hex, over the script's bytes. */
    scriptSha256: z.string(),
})

/** Where compiled scripts are kept; undefined where there is no such place. */
export function cacheFolder(chosen: string | undefined): string | undefined {
    const root = cacheRoot(chosen)
    return root === undefined ? undefined : join(root, 'compiled-apps')
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
    return hash.digest('hex').toUpperCase()
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
        await pruneCache(folder)
        return undefined
    } catch (error) {
        return `the compiled script could not be kept for the next time: ${asError(error).message}`
    }
}
