// Requests from many connections at once, each with what tells it from all others, until the server is gone.
import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'

export interface Load {
    /** Bodies of the requests that were answered with success, in the order of their answers. */
    readonly acknowledged: readonly Acknowledged[]
    /** Ends it, and waits until no request is under way. */
    stop(): Promise<void>
}

export interface Acknowledged {
    readonly mark: string
    /** What the app answered: its whole state after the request. */
    readonly answer: string
}

const reads: readonly RequestInit[] = [{}, { method: 'PUT', body: 'put' }, { method: 'DELETE' }, {}]

/** Begins at once. `name` makes the marks of this load differ from those of others. */
export function startLoad(url: string, connections: number, name: string): Load {
    const acknowledged: Acknowledged[] = []
    let isStopped = false
    let next = 0
    const one = async () => {
        while (!isStopped) {
            next += 1
            // Now and then a large one.
            const mark = next % 40 === 1 ? `<${name}.${next}.${'x'.repeat(2000)}>` : `<${name}.${next}>`
            // Every third request leaves the state as it is; the app adds what is posted, and nothing else.
            const isRead = next % 3 === 0
            const request = isRead ? reads[next % reads.length] : { method: 'POST', body: mark }
            try {
                const response = await fetch(url, request)
                const answer = await response.text()
                if (response.status === 200 && !isRead) acknowledged.push({ mark, answer })
            } catch {
                await wait(1)
            }
        }
    }
    const all = Promise.all(Array.from({ length: connections }, one))
    return {
        acknowledged,
        async stop() {
            isStopped = true
            await all
        },
    }
}

/** Whether every answered request is in the state of the app once, in the order that the answers tell. */
export function assertAllThere(acknowledged: readonly Acknowledged[], state: string): void {
    const counts = new Map<string, number>()
    for (const [mark] of state.matchAll(/<[^<>]*>/g)) counts.set(mark, (counts.get(mark) ?? 0) + 1)
    for (const { mark, answer } of acknowledged) {
        assert.equal(counts.get(mark), 1, `${mark} is there once`)
        assert.ok(answer.endsWith(mark) && state.startsWith(answer), `${mark} was answered with its state`)
    }
}
