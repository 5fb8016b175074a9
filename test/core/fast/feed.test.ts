// What the fast way hands out for the app: of odd records, with threads that end, and to somebody who is slow.
import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { setTimeout as setTimeoutPromise } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'

import { Findings } from '../../../src/core/composition/findings.js'
import { generations } from '../../../src/core/composition/record.js'
import { followInputs } from '../../../src/core/fast/in-order/follow-log.js'
import { claimedBy, claimPiece, endClaims, newClaims } from '../../../src/core/fast/threads/piece-claims.js'
import type { PackedRecords } from '../../../src/core/packed-inputs.js'
import { openProcessStore, type ProcessStore } from '../../../src/core/store/process-store.js'
import { counterLog, LogWriter } from '../../support/log-writer.js'
import { makeStore } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'
import { agreedCheck } from './agreement.js'
import { follow } from './feed-agreement.js'

async function counterStore(t: TestContext, records: number): Promise<ProcessStore> {
    return openProcessStore(makeStore(temporaryFolder(t), counterLog(records).lines))
}

function additions(records: number) {
    return Array.from({ length: records }, (_, i) => ['event', `{"addition":${i + 1}}`] as const)
}

const odd = [
    '',
    '\0',
    '\u0000\u001f\u007f\u0080\u07ff\u0800\uffff',
    '"\\/\b\f\n\r\t',
    '😀',
    '\ud800',
    'x\udc00y',
    '\ud83d\ud83d\ude00\ude00',
    '\ufeffmark',
    'é'.repeat(1000),
    '\\'.repeat(999),
    '"'.repeat(2000),
]

for (const generation of generations) {
    test(`${generation} events with any characters, several in a record, and states between them`, async (t) => {
        const log = new LogWriter(generation)
        for (const [i, text] of odd.entries()) {
            log.add({ events: [text, 'between', text] })
            log.add({ setState: text, events: i % 2 === 0 ? odd : [] })
            log.add({ setState: text })
            log.add({ events: [] })
        }
        const store = makeStore(temporaryFolder(t), log.lines)
        assert.equal((await agreedCheck(store, { threads: 1 }))?.counts.records, log.lines.length)
    })
}

test('characters that a writer escaped though they need it not', async (t) => {
    const escapes = [
        '\\u0041',
        '\\u00e9',
        '\\u20AC',
        '\\uD83D\\uDE00',
        '\\ud83d\\u0041',
        '\\uDE00',
        '\\ufeff',
    ]
    // Each is a log of its own: the first record names genesis whatever its events are.
    for (const escape of escapes) {
        const single = new LogWriter()
        single.add({ events: [`a#b${'c'.repeat(40)}#`, '#'] })
        const line = (single.lines[0] ?? '').replaceAll('#', () => escape)
        assert.ok(await agreedCheck(makeStore(temporaryFolder(t), [line]), { threads: 1 }))
    }
})

const megabytes = thinned(2, 20)

test(`events of ${megabytes} MB, and more events in a record than a place has room for`, async (t) => {
    const log = counterLog(10)
    const [pairs, many] = [megabytes * 350_000, thinned(400_000, 600_000)]
    log.add({ events: ['é"'.repeat(pairs), 'x'.repeat(megabytes * 1_000_000)] })
    log.add({ events: Array<string>(many).fill('') })
    log.add({ events: Array<string>(250_000).fill('') })
    log.addAdditions(1, 2, 3)
    const old = new LogWriter('2018-11', log.head)
    old.add({ events: Array<string>(340_000).fill('') })
    old.add({ events: ['a'] })
    const store = await openProcessStore(makeStore(temporaryFolder(t), [...log.lines, ...old.lines]))
    const { fed, records } = await follow(store, { threads: 1 })
    assert.equal(records, 18)
    assert.deepEqual(
        fed.filter(([, text]) => text !== '').map(([, text]) => text.length),
        [...additions(10).map(([, text]) => text.length), 2 * pairs, megabytes * 1_000_000, 14, 14, 14, 1],
    )
    assert.equal(fed.length, 10 + 2 + many + 250_000 + 3 + 340_000 + 1)
})

test('a helping thread that ends at any moment costs nothing but time', async (t) => {
    const records = thinned(4000, 20_000)
    const store = await counterStore(t, records)
    const expected = additions(records)
    // This thread would be done before another one has started: it is kept from its pieces for a while.
    const onProgress = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    let piecesByHelpers = 0
    for (const milliseconds of thinned([0, 10], [0, 1, 5, 20, 50])) {
        const kill = (worker: Worker) =>
            void worker.once('message', () => setTimeout(() => void worker.terminate(), milliseconds))
        process.on('worker', kill)
        try {
            const { fed, followed } = await follow(store, { threads: 3, pieceSizeBytes: 3000, onProgress })
            assert.ok(typeof followed === 'object')
            piecesByHelpers += followed.piecesByHelpers
            assert.deepEqual(fed, expected)
        } finally {
            process.off('worker', kill)
        }
    }
    assert.ok(piecesByHelpers > 0)
})

test('each piece has one owner, and of each thread it is known which pieces it claimed', () => {
    const claims = newClaims(4)
    assert.deepEqual(
        [1, 2, 1, 0].map((thread) => claimPiece(claims, thread)),
        [0, 1, 2, 3],
    )
    assert.deepEqual(
        [0, 1, 2, 3].map((thread) => claimedBy(claims, thread)),
        [[3], [0, 2], [1], []],
    )
    assert.equal(claimPiece(claims, 1), undefined)
    const ended = newClaims(4)
    endClaims(ended)
    assert.equal(claimPiece(ended, 1), undefined)
})

for (const threads of [1, 3]) {
    test(`with ${threads} threads, reading waits for whoever uses the inputs`, async (t) => {
        const store = await counterStore(t, 5000)
        const steps = followInputs(store, new Findings(), { threads, pieceSizeBytes: 2000 })
        const held: PackedRecords[] = []
        while (held.length < 8) {
            const step = await steps.next()
            assert.ok(step.done !== true)
            held.push(step.value)
        }
        const next = steps.next()
        assert.equal(await Promise.race([next, setTimeoutPromise(300, 'waits')]), 'waits')
        held[0]?.release()
        const { value } = await next
        assert.equal(
            (value as PackedRecords).firstPosition,
            1 + held.reduce((n, { records }) => n + records, 0),
        )
        await steps.return('undecided')
    })

    test(`with ${threads} threads, an interrupt ends the wait for whoever uses the inputs`, async (t) => {
        const store = await counterStore(t, 5000)
        const controller = new AbortController()
        const { signal } = controller
        const steps = followInputs(store, new Findings(), { threads, pieceSizeBytes: 2000, signal })
        for (let i = 0; i < 8; i++) assert.equal((await steps.next()).done, false)
        setTimeout(() => controller.abort(new Error('Enough.')), 50)
        await assert.rejects(steps.next(), { message: 'Enough.' })
    })
}

test('what is handed out before a record that is out of order is taken back by the answer', async (t) => {
    const { lines } = counterLog(3000)
    const store = await openProcessStore(makeStore(temporaryFolder(t), lines.toSpliced(2500, 1)))
    const { followed, records } = await follow(store, { threads: 2, pieceSizeBytes: 2000 })
    assert.equal(followed, 'not-in-order')
    assert.ok(records <= 2500)
})
