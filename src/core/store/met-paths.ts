// Which files and folders a listing has met already. One that is read by two paths looks like a copy, and whoever then
// removes the copy removes the file itself.
import type { BigIntStats, Stats } from 'node:fs'
import { stat } from 'node:fs/promises'

interface Met {
    readonly path: string
    readonly absolutePath: string
}

/** The files and folders that were met, by what tells them from others. */
export class MetPaths {
    readonly #met = new Map<string, Met[]>()

    /** The path by which the same file or folder was met before; otherwise remembers this one. */
    async metAs(path: string, absolutePath: string, { dev, ino }: Stats): Promise<string | undefined> {
        // Some file systems number nothing.
        if (ino === 0) return undefined
        const key = `${dev} ${ino}`
        const candidates = this.#met.get(key) ?? []
        for (const other of candidates) {
            if (await areOne(absolutePath, other.absolutePath)) return other.path
        }
        candidates.push({ path, absolutePath })
        this.#met.set(key, candidates)
        return undefined
    }
}

/** The numbers have up to 64 bits; those in the key are rounded. */
async function areOne(a: string, b: string): Promise<boolean> {
    const [one, other] = await Promise.all([exactStats(a), exactStats(b)])
    return one !== undefined && one.ino === other?.ino && one.dev === other.dev
}

/** Undefined for what is gone meanwhile. */
async function exactStats(path: string): Promise<BigIntStats | undefined> {
    return stat(path, { bigint: true }).catch(() => undefined)
}
