// Which files and folders a listing has visited already. One that is read by two paths looks like a copy, and
// whoever then removes the copy removes the file itself.
import { type BigIntStats, type Stats, statSync } from 'node:fs'

interface Visited {
    readonly path: string
    readonly absolutePath: string
    readonly dev: number
    /** Another one whose rounded number is the same. */
    readonly next?: Visited
}

/** The files and folders that were visited, by the numbers that tell them from others. */
export class VisitedPaths {
    readonly #visited = new Map<number, Visited>()

    /** The path by which the same file or folder was visited before; otherwise remembers this one. */
    visitedAs(path: string, absolutePath: string, { dev, ino }: Stats): string | undefined {
        // Some file systems number nothing.
        if (ino === 0) return undefined
        const first = this.#visited.get(ino)
        if (first === undefined) {
            this.#visited.set(ino, { path, absolutePath, dev })
            return undefined
        }
        for (let other: Visited | undefined = first; other !== undefined; other = other.next)
            if (dev === other.dev && areOne(absolutePath, other.absolutePath)) return other.path
        this.#visited.set(ino, { path, absolutePath, dev, next: first })
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
