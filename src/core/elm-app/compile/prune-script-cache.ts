// Every change of an app leaves one more compiled script behind. Those that nobody has used for longest go.
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Scripts to keep: more versions of an app than somebody tries in turn; each takes some tens of KB, or a few hundred. */
const scriptsMax = 50
/** A file under a temporary name is no longer being written after so long. */
const temporaryMillisecondsMax = 24 * 60 * 60 * 1000

/** What a cache folder holds of one script, and nothing that anybody else may have put there. */
const scriptFile = /^([0-9A-F]{64})\.(?:js|json)$/
const temporaryFile = /^[0-9A-F]{64}\.(?:js|json)\.[0-9a-f-]{36}\.tmp$/

/** Removes the scripts that were not used for longest, and what a killed process left half written. Never throws. */
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
        }
    } catch {
        // A cache that grows is no reason for a run to fail.
    }
}
