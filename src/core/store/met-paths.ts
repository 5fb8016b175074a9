// Which files and folders a listing has met already. One that is read by two paths looks like a copy, and
// whoever then removes the copy removes the file itself.
import { type BigIntStats, type Stats, statSync } from 'node:fs'

interface Met {
    readonly path: string
    readonly absolutePath: string
    readonly dev: number
    /** Another one whose rounded number is the same. */
    readonly next?: Met
}

/** The files and folders that were met, by the numbers that tell them from others. */
export class MetPaths {
    readonly #met = new Map<number, Met>()

    /** The path by which the same file or folder was met before; otherwise remembers this one. */
    metAs(path: string, absolutePath: string, { dev, ino }: Stats): string | undefined {
        // Some file systems number nothing.
        if (ino === 0) return undefined
        const first = this.#met.get(ino)
        if (first === undefined) {
            this.#met.set(ino, { path, absolutePath, dev })
            return undefined
        }
        for (let other: Met | undefined = first; other !== undefined; other = other.next)
            if (dev === other.dev && areOne(absolutePath, other.absolutePath)) return other.path
        this.#met.set(ino, { path, absolutePath, dev, next: first })
        return undefined
    }
}

/** The numbers have up to 64 bits; those that are compared first are rounded. */
function areOne(a: string, b: string): boolean {
    const [one, other] = [exactStats(a), exactStats(b)]
    return one !== undefined && one.ino === other?.ino && one.dev === other.dev
}

/** Undefined for what is gone meanwhile. */
function exactStats(path: string): BigIntStats | undefined {
    try {
        return statSync(path, { bigint: true, throwIfNoEntry: false })
    } catch {
        return undefined
    }
}
