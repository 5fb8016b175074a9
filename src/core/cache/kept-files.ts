// Entrance of core/cache/: what is kept for the next time, apart from stores and apps. In comes what was
// made; out comes where it is kept, and what of that is believed.
import { createHash, randomUUID } from 'node:crypto'
import { closeSync, fstatSync, openSync, readFileSync, type Stats } from 'node:fs'
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { cachedDataVersionTag } from 'node:v8'

import { asError, isAbsence } from '../errors.js'
import { attemptIfThere } from '../file-system-error.js'

/**
 * Where caches are: the caller's choice, COMPLOG_CACHE_DIR, or where the system has those of a user;
 * undefined for a user without a home.
 */
export function cacheRoot(chosen: string | undefined): string | undefined {
    return chosen ?? (given('COMPLOG_CACHE_DIR') || cacheOfUser())
}

function cacheOfUser(): string | undefined {
    try {
        if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'complog')
        if (process.platform === 'win32')
            return join(given('LOCALAPPDATA') || join(homedir(), 'AppData', 'Local'), 'complog', 'Cache')
        return join(given('XDG_CACHE_HOME') || join(homedir(), '.cache'), 'complog')
    } catch {
        return undefined
    }
}

/** Empty where it is not set. */
function given(variable: string): string {
    return process.env[variable] ?? ''
}

/**
 * Makes a folder, and those above it that are missing. One by one: `mkdir` with `recursive` tries again for
 * ever where a folder above is a link to nowhere, or of a file system such as /proc in which nothing can be
 * made.
 * @throws the error of the system
 */
export async function makeFolders(path: string, mode = 0o777): Promise<void> {
    const failure = await makeFolder(path, mode)
    if (failure === undefined) return
    const above = dirname(path)
    const isMissingAbove = isAbsence(failure) && above !== path && (await kindAt(above)) === undefined
    if (!isMissingAbove) throw failure
    await makeFolders(above, mode)
    const second = await makeFolder(path, mode)
    if (second !== undefined) throw second
}

/** Undefined where the folder is there now; else why not. */
async function makeFolder(path: string, mode: number): Promise<Error | undefined> {
    try {
        await mkdir(path, { mode })
        return undefined
    } catch (error) {
        return (await kindAt(path))?.isDirectory() === true ? undefined : asError(error)
    }
}

function kindAt(path: string): Promise<Stats | undefined> {
    return attemptIfThere('look at', path, () => stat(path))
}

/** Puts a file of a cache in its place, whole or not at all. */
export async function replaceCachedFile(
    path: string,
    content: string | Uint8Array,
    mode = 0o666,
): Promise<void> {
    const temporary = `${path}.${randomUUID()}.tmp`
    try {
        await writeFile(temporary, content, { flag: 'wx', mode })
        await rename(temporary, path)
    } finally {
        await rm(temporary, { force: true })
    }
}

/** Upper hex. */
export function sha256(bytes: Uint8Array): string {
    return createHash('sha256').update(bytes).digest('hex').toUpperCase()
}

/** What V8 made of a script when it ran before. */
export interface CodeCache {
    /** Undefined where nothing is kept that can be believed. */
    read(): Uint8Array | undefined
    /** Does nothing where that fails, since a run must not fail for its cache. */
    write(code: Uint8Array): Promise<void>
}

/**
 * V8 runs whatever it is given as code of a script, and looks at no more than the script's length. So code is
 * believed only where this very user has kept it, made of this very script, by this very engine, under the
 * same flags. Behind a first line with two hashes, the code.
 * @param key of the script
 * @param madeOf all that the text depends on which V8 is given
 */
export function codeCacheOf(folder: string, key: string, madeOf: readonly string[]): CodeCache {
    const path = join(folder, `${key}.code`)
    const codeKey = sha256(Buffer.from(JSON.stringify([...madeOf, ...engine()])))
    const firstLine = (code: Uint8Array) => `${codeKey} ${sha256(code)}\n`
    return {
        read() {
            const kept = readOwnFile(path)
            const end = (kept?.indexOf('\n') ?? -1) + 1
            const code = kept?.subarray(end)
            return code && kept?.toString('latin1', 0, end) === firstLine(code) ? code : undefined
        },
        async write(code) {
            const content = Buffer.concat([Buffer.from(firstLine(code)), code])
            await replaceCachedFile(path, content, 0o600).catch(() => undefined)
        },
    }
}

/** All that code depends on beside the text of the script. */
export function engine(): readonly string[] {
    return [process.version, process.arch, String(cachedDataVersionTag())]
}

/** The content of a file that nobody else can have written; undefined where there is none. */
function readOwnFile(path: string): Buffer | undefined {
    let descriptor: number | undefined
    try {
        descriptor = openSync(path, 'r')
        const { uid, mode } = fstatSync(descriptor)
        const user = process.geteuid?.()
        // Windows has no such modes: there the folder is the user's own.
        if (user !== undefined && (uid !== user || (mode & 0o022) !== 0)) return undefined
        return readFileSync(descriptor)
    } catch {
        return undefined
    } finally {
        if (descriptor !== undefined) closeSync(descriptor)
    }
}

// Every change of an app leaves one more compiled script behind, and every release one more file of code.
// Those that nobody has used for longest go.

/** Scripts to keep: more versions of an app than anybody tries in turn, of tens or hundreds of KB each. */
const scriptsMax = 50
/** A file under a temporary name is no longer being written after so long. */
const temporaryMillisecondsMax = 24 * 60 * 60 * 1000

/** What a cache folder holds of one script, and nothing that anybody else may have put there. */
const scriptFile = /^([0-9A-F]{64})\.(?:js|json|code)$/
const temporaryFile = /^[0-9A-F]{64}\.(?:js|json|code)\.[0-9a-f-]{36}\.tmp$/

/** Removes scripts not used for longest, and what a killed process left half written. Never throws. */
export async function pruneCache(folder: string, keep = scriptsMax): Promise<void> {
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
