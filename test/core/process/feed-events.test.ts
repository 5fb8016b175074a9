import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'

import fc from 'fast-check'

import { AppFailure } from '../../../src/core/elm-app/elm-app.js'
import type { ComplogError } from '../../../src/core/errors.js'
import { type EventLine, feedEvents } from '../../../src/core/process/feed-events.js'
import { inProcess } from '../../support/in-process-app.js'
import { openAndCheck, recordsOf } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'
import { opened } from './opening.js'

/** Answers each event by itself, later ones sooner. */
const process = {
    async processEvents([event = '']: readonly string[]) {
        await wait(Number(event) % 7)
        return [event]
    },
}

async function* lines(events: readonly string[], error?: Error): AsyncGenerator<EventLine> {
    for (const [i, event] of events.entries()) {
        if (i % 100 === 0) await wait(1)
        yield { event, line: i + 1 }
    }
    if (error) throw error
}

const numbers = (count: number, error?: Error) => lines(expected(count), error)

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

const million = 'x'.repeat(1_000_000)

/** How many events a process had been given, at most, beyond those whose response was taken. */
async function mostHeld(events: readonly string[], respond: (event: string) => string): Promise<number> {
    let given = 0
    let taken = 0
    let most = 0
    const answering = {
        async processEvents([event = '']: readonly string[]) {
            most = Math.max(most, ++given - taken)
            await wait(1)
            return [respond(event)]
        },
    }
    for await (const response of feedEvents(answering, lines(events))) {
        assert.equal(response, respond(events[taken] ?? ''))
        // Time to take in more than there should be.
        await wait(5)
        taken += 1
    }
    assert.equal(taken, events.length)
    return most
}

test('of large events, or events with large responses, only a few are held at a time', async () => {
    const many = (event: string) => Array.from({ length: 150 }, () => event)
    const largeEvents = await mostHeld(many(million), () => '')
    assert.ok(largeEvents > 5 && largeEvents < 40, `${largeEvents} events`)
    const largeResponses = await mostHeld(many('a'), () => million)
    assert.ok(largeResponses > 5 && largeResponses < 40, `${largeResponses} responses`)
})

test('an event or a response that is larger than all that may be held goes through alone', async () => {
    const large = million.repeat(40)
    assert.equal(await mostHeld([large, large, large], () => ''), 1)
    assert.equal(await mostHeld(['a', 'b', 'c'], () => large), 1)
})

const tooLong = 'x'.repeat(1000)

/** Its state is how many events it took; it fails on `!`, and after `poison` cannot serialise its state. */
const counting = () =>
    inProcess<number>({
        initialState: 0,
        process: (event, state) => {
            if (event === '!') throw new Error('no')
            return [event === 'poison' ? NaN : state + 1, event]
        },
        serialize: (state) => {
            if (Number.isNaN(state)) throw new Error('not a number')
            return String(state)
        },
        deserialize: Number,
    })

/** What was answered, what the log holds, and the error. */
async function fed(t: TestContext, events: readonly string[]) {
    const store = temporaryFolder(t)
    const process = await opened(t, store, { app: counting(), limits: { lineSizeBytesMax: 1000 } })
    const responses: string[] = []
    const error = await collect(feedEvents(process, lines(events)), responses).then(
        () => undefined,
        (error: unknown) => error as ComplogError,
    )
    await process.close()
    const records = await recordsOf((await openAndCheck(store)).longest)
    return { responses, log: records.map(({ events, setState }) => setState ?? events.join()), error }
}

test('where the app fails on an event, neither that nor one behind it is recorded, and its line is named', async (t) => {
    const events = expected(3000)
    const { responses, log, error } = await fed(t, [...events.slice(0, 1499), '!', ...events.slice(1500)])
    assert.deepEqual(responses, events.slice(0, 1499))
    assert.deepEqual(log, responses)
    assert.equal(error?.code, 'app-threw')
    assert.match(
        error.message,
        /: no\. It is line 1500 of the input\. .* that line and those behind it are not\./,
    )
    assert.equal(
        error.hint,
        'To go on, mend the app and give the lines from 1500 on, or leave that line out.',
    )
})

test('where the app took too long, or too much, the hint says also what bounds that', async () => {
    for (const [kind, flag] of [
        [
            'timed-out',
            /^To go on, mend the app and give the lines from 1 on, or leave that line out\. .*--event-timeout/,
        ],
        [
            'out-of-memory',
            /^To go on, mend the app and give the lines from 1 on, or leave that line out\. .*--app-heap/,
        ],
    ] as const) {
        const failure = new AppFailure({ kind, during: 'event', inputIndex: 0, reason: 'so' })
        const failing = { processEvents: () => Promise.reject(failure) }
        await assert.rejects(collect(feedEvents(failing, lines(['a', 'b']))), {
            code: `app-${kind}`,
            hint: flag,
        })
    }
})

test('where an event is refused, neither that nor one behind it is recorded, and its line is named', async (t) => {
    for (const [before, event, code] of [
        ['a', tooLong, 'limit-exceeded'],
        ['a', '!', 'app-threw'],
    ] as const) {
        const { responses, log, error } = await fed(t, [before, 'b', event, 'c', 'd'])
        assert.deepEqual(
            [responses, log],
            [
                [before, 'b'],
                [before, 'b'],
            ],
        )
        assert.equal(error?.code, code)
        assert.match(error.message, /line 3 of the input.* that line and those behind it are not\./)
    }
})

test('whatever fails first, the log holds what was answered, and what the error says', async (t) => {
    const event = fc.oneof(
        { weight: 20, arbitrary: fc.constant('a') },
        { weight: 1, arbitrary: fc.constantFrom('!', tooLong, 'poison') },
    )
    await fc.assert(
        fc.asyncProperty(fc.array(event, { maxLength: 60 }), async (events) => {
            const { responses, log, error } = await fed(t, events)
            const failed = events.findIndex((event) => event === '!' || event === tooLong)
            assert.deepEqual(responses, failed < 0 ? events : events.slice(0, failed))
            assert.deepEqual(log, responses)
            assert.equal(
                error?.message.includes(`line ${failed + 1} of the input`),
                failed < 0 ? undefined : true,
            )
        }),
        { numRuns: thinned(25, 60) },
    )
})
