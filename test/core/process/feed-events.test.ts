import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import { test } from 'node:test'

import { feedEvents } from '../../../src/core/process/feed-events.js'

/** Answers each event by itself, later ones sooner. */
const process = {
    async processEvents([event = '']: readonly string[]) {
        await wait(Number(event) % 7)
        return [event]
    },
}

async function* numbers(count: number, error?: Error): AsyncGenerator<string> {
    for (let i = 0; i < count; i++) {
        if (i % 100 === 0) await wait(1)
        yield String(i)
    }
    if (error) throw error
}

async function collect(responses: AsyncIterable<string>, into: string[] = []): Promise<string[]> {
    for await (const response of responses) into.push(response)
    return into
}

const expected = (count: number) => Array.from({ length: count }, (_, i) => String(i))

test('responses come in the order of the events', async () => {
    assert.deepEqual(await collect(feedEvents(process, numbers(5000))), expected(5000))
    assert.deepEqual(await collect(feedEvents(process, numbers(0))), [])
})

test('where the events end with an error, those before it are answered first', async () => {
    const responses: string[] = []
    await assert.rejects(
        collect(feedEvents(process, numbers(50, new Error('no event'))), responses),
        /no event/,
    )
    assert.deepEqual(responses, expected(50))
})

test('where the process dies, that is what it ends with', async () => {
    const dying = {
        processEvents: ([event = '']: readonly string[]) =>
            event === '3' ? Promise.reject(new Error('dead')) : Promise.resolve([event]),
    }
    const responses: string[] = []
    await assert.rejects(collect(feedEvents(dying, numbers(50)), responses), /dead/)
    assert.deepEqual(responses, ['0', '1', '2'])
})

test('no more than so many events are under way, however slow the process is', async () => {
    let underWay = 0
    let most = 0
    const slow = {
        async processEvents(events: readonly string[]) {
            most = Math.max(most, ++underWay)
            await wait(40)
            underWay -= 1
            return events
        },
    }
    await collect(feedEvents(slow, numbers(4000)))
    assert.ok(most <= 1025, `${most} under way`)
    assert.ok(most > 100, `${most} under way`)
})
