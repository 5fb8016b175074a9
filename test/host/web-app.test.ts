import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'

import { AppFailure } from '../../src/core/elm-app/elm-app.js'
import { ComplogError } from '../../src/core/errors.js'
import { RefusedCall } from '../../src/core/process/calls.js'
import { type EventProcessor, type Trouble, type WebAnswer, WebApp } from '../../src/host/web-app.js'
import { until } from '../support/until.js'

const request = { method: 'GET', uri: 'http://a/', headers: [], body: '' }

function idOf(events: readonly string[]): string {
    const [event = ''] = events
    return (JSON.parse(event) as { httpRequest: { httpRequestId: string } }).httpRequest.httpRequestId
}

function completion(httpRequestId: string, bodyAsString: string) {
    return {
        completeHttpResponse: {
            httpRequestId,
            response: { statusCode: 200, headersToAdd: [], bodyAsString },
        },
    }
}

function webApp(
    processEvents: EventProcessor['processEvents'],
    requestsMax = 10,
    answerTimeMillisecondsMax = 100,
) {
    const troubles: Trouble[] = []
    const app = new WebApp(
        { processEvents },
        {
            requestsMax,
            answerTimeMillisecondsMax,
            now: () => new Date(1556452842465),
            onTrouble: (trouble) => troubles.push(trouble),
        },
    )
    return { app, troubles }
}

const bodyOf = (answer?: WebAnswer) =>
    answer !== undefined && 'bodyAsString' in answer ? answer.bodyAsString : undefined
const kindOf = (answer?: WebAnswer) => (answer !== undefined && 'kind' in answer ? answer.kind : undefined)

const answering = (events: readonly string[]) =>
    Promise.resolve([JSON.stringify({ decodeSuccess: [completion(idOf(events), idOf(events))] })])

test('each request has an id of the time and a running number', async () => {
    const { app } = webApp(answering)
    const answers = await Promise.all([app.answer(request), app.answer(request)])
    assert.deepEqual(answers.map(bodyOf), ['1556452842465-1', '1556452842465-2'])
    assert.equal(app.underWay, 0)
})

test('a request may be answered at a later event', async () => {
    const ids: string[] = []
    const { app } = webApp((events) => {
        ids.push(idOf(events))
        const done = ids.length < 2 ? [] : ids.map((id) => completion(id, `for ${id}`))
        return Promise.resolve([JSON.stringify({ decodeSuccess: done })])
    })
    const [first, second] = await Promise.all([app.answer(request), app.answer(request)])
    assert.equal(bodyOf(first), 'for 1556452842465-1')
    assert.equal(bodyOf(second), 'for 1556452842465-2')
})

const failure = new AppFailure({ kind: 'threw', during: 'event', inputIndex: 0, reason: 'enough' })

test('whatever goes wrong in the app has its own answer, and is told', async () => {
    const cases = {
        'decode-error': () => Promise.resolve(['{"decodeError":"what?"}']),
        'malformed-response': () => Promise.resolve(['what']),
        'no-answer': () => Promise.resolve(['{"decodeSuccess":[]}']),
        'app-failed': () => Promise.reject(failure),
    }
    for (const [kind, processEvents] of Object.entries(cases)) {
        const { app, troubles } = webApp(processEvents)
        assert.deepEqual(await app.answer(request), { kind })
        assert.deepEqual(
            troubles.map((trouble) => trouble.kind),
            [kind],
        )
        assert.equal(app.underWay, 0)
    }
})

test('an answer to a request that waits for none is told, and harms nothing', async () => {
    const { app, troubles } = webApp((events) =>
        Promise.resolve([
            JSON.stringify({ decodeSuccess: [completion('7-7', ''), completion(idOf(events), 'x')] }),
        ]),
    )
    assert.equal(bodyOf(await app.answer(request)), 'x')
    assert.deepEqual(
        troubles.map(({ kind, httpRequestId }) => [kind, httpRequestId]),
        [['unknown-request', '7-7']],
    )
})

test('too many requests are refused before anything is recorded', async () => {
    let events = 0
    const { app } = webApp(async (given) => {
        events += 1
        await wait(20)
        return answering(given)
    }, 3)
    const answers = await Promise.all(Array.from({ length: 5 }, () => app.answer(request)))
    assert.equal(events, 3)
    assert.deepEqual(
        answers.map(kindOf).filter((kind) => kind !== undefined),
        ['too-many-requests', 'too-many-requests'],
    )
})

test('what the app has not come to counts as under way, though it was answered that its time is over', async () => {
    let events = 0
    let goOn = (): void => undefined
    const isFree = new Promise<void>((resolve) => (goOn = resolve))
    const { app, troubles } = webApp(async () => {
        events += 1
        await isFree
        return ['{"decodeSuccess":[]}']
    }, 3)
    const answers = Array.from({ length: 3 }, () => app.answer(request))
    await until(() => troubles.length === 3)
    assert.equal(app.underWay, 3)
    assert.deepEqual(await app.answer(request), { kind: 'too-many-requests' })
    goOn()
    assert.deepEqual((await Promise.all(answers)).map(kindOf), ['no-answer', 'no-answer', 'no-answer'])
    assert.deepEqual([events, app.underWay], [3, 0])
    assert.equal(kindOf(await app.answer(request)), 'no-answer')
})

test('who waits for a later event is told so as soon as none can come, and not before', async () => {
    const ids: string[] = []
    let goOn = (): void => undefined
    const isFree = new Promise<void>((resolve) => (goOn = resolve))
    const { app, troubles } = webApp(
        async (events) => {
            ids.push(idOf(events))
            if (ids.length < 3) return ['{"decodeSuccess":[]}']
            await isFree
            return [JSON.stringify({ decodeSuccess: [completion(ids[0] ?? '', 'late')] })]
        },
        10,
        120_000,
    )
    const answers = Array.from({ length: 3 }, () => app.answer(request))
    await until(() => ids.length === 3)
    app.expectNoMore()
    await new Promise(setImmediate)
    assert.deepEqual(troubles, [])
    goOn()
    const [first, ...others] = await Promise.all(answers)
    assert.equal(bodyOf(first), 'late')
    assert.deepEqual(others.map(kindOf), ['no-answer', 'no-answer'])
    for (const { message } of troubles) assert.match(message, /^the host ends/)
    assert.equal(troubles.length, 2)
    assert.equal(kindOf(await app.answer(request)), 'no-answer')
})

test('at the end nobody waits any more, and nothing keeps the process alive', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    const { app, troubles } = webApp(() => Promise.resolve(['{"decodeSuccess":[]}']))
    const answers = [app.answer(request), app.answer(request)]
    await new Promise(setImmediate)
    assert.equal(timers(), before + 2)
    app.end()
    assert.deepEqual(await Promise.all(answers), [undefined, undefined])
    assert.equal(timers(), before)
    assert.deepEqual([app.underWay, troubles], [0, []])
})

test('where the process is dead there is no answer at all, not even late', async () => {
    const { app, troubles } = webApp(() => Promise.reject(new Error('EIO')))
    assert.equal(await app.answer(request), undefined)
    await wait(150)
    assert.equal(app.underWay, 0)
    assert.deepEqual(troubles, [])
})

test('nor where its time was over first: nobody knows then whether the request is in the log', async () => {
    const failures = [new Error('EIO'), new RefusedCall(new ComplogError('limit-exceeded', 'x'))]
    for (const error of failures) {
        const { app, troubles } = webApp(async () => {
            await until(() => troubles.some(({ kind }) => kind === 'no-answer'))
            throw error
        })
        const kind = kindOf(await app.answer(request))
        assert.equal(kind, error === failures[0] ? undefined : 'too-large')
    }
})
