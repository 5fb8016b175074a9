// Work that must not overlap within one process takes turns. Two compilers at once in one fresh Elm home trip
// over each other's half-written files, elm's own lock notwithstanding; to read a log while its files are
// being removed would be to find holes in it.

const lastTurns = new Map<string, Promise<unknown>>()

/** Does some work once all earlier work under the same key is over, whether it succeeded or not. */
export async function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turn = (lastTurns.get(key) ?? Promise.resolve()).then(work)
    const over = turn.then(
        () => undefined,
        () => undefined,
    )
    lastTurns.set(key, over)
    try {
        return await turn
    } finally {
        if (lastTurns.get(key) === over) lastTurns.delete(key)
    }
}
