// Which files and folders a listing has visited already. One that is read by two paths looks like a copy, and
// whoever then removes the copy removes the file itself.
import { type BigIntStats, type Stats, statSync } from 'node:fs'

/** A file or folder by the path by which it was found. */
export interface Visited {
    readonly path: string
    readonly absolutePath: string
}

/** The files and folders that were visited, by the numbers that tell them from others. */
export class VisitedPaths {
    /** By their numbers, rounded: nearly always one each. */
    readonly #visited = new Map<number, readonly Visited[]>()

    /** The path by which the same file or folder was visited before; otherwise remembers this one. */
    visitedAs(entry: Visited, { ino }: Pick<Stats, 'ino'>): string | undefined {
        // Some file systems number nothing.
        if (ino === 0) return undefined
        const visited = this.#visited.get(ino) ?? []
        const same = visited.find((other) => areOne(entry.absolutePath, other.absolutePath))
        if (same === undefined) this.#visited.set(ino, [...visited, entry])
        return same?.path
    }
}

/** The numbers have up to 64 bits; those that are compared first are rounded. */
function areOne(a: string, b: string): boolean {
    const [one, other] = [exactStats(a), exactStats(b)]
    return one !== undefined && one.ino === other?.ino && one.dev === other.dev
}

/** Undefined for what is gone meanwhile, and what nobody can look at. */
export function exactStats(path: string): BigIntStats | undefined {
    try {
        return statSync(path, { bigint: true, throwIfNoEntry: false })
    } catch {
        return undefined
    }
}
