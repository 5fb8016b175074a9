import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { checkLog } from '../../../src/core/check/check-log.js'
import { positionOf } from '../../../src/core/check/choose-chain.js'
import { positionFromTime, timeOfLine, timeOfRecord } from '../../../src/core/check/record-time.js'
import { parseRef, parseTime } from '../../../src/core/composition/ref.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { LogWriter } from '../../support/log-writer.js'
import { makeStore, recordsOf, writeLog } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'

const noon = Date.parse('2019-04-28T12:00:00Z')

function request(posixTimeMilli: number, body = ''): string {
    return JSON.stringify({
        httpRequest: { posixTimeMilli, request: { method: 'POST', uri: '/', bodyAsString: body } },
    })
}

test('the time of a record is what an event says, else what the name of the file says', async (t) => {
    const folder = temporaryFolder(t)
    const log = new LogWriter()
    // What a client sends is no time, however it looks.
    log.add({ events: ['text', request(noon + 1, request(5))] })
    log.add({ events: ['{"posixTimeMilli" : 99999999999999999}'] })
    log.add({ setState: request(7), events: [request(noon + 2)] })
    log.add({ events: ['{"posixTimeMilli":-1}'] })
    writeLog(folder, {
        '2019-04-28/2019-04-28T12.composition.jsonl': log.lines.slice(0, 3),
        '2019-04-29.archived.composition.jsonl': log.lines.slice(3),
    })
    const chain = (await checkLog(await openProcessStore(folder))).longest
    const event = (at: number) => ({ first: at, last: at, source: 'event' })
    const file = (first: number, hours: number) => ({
        first,
        last: first + hours * 3_600_000 - 1,
        source: 'file',
    })
    assert.deepEqual((await recordsOf(chain)).map(timeOfRecord), [
        event(noon + 1),
        file(noon, 1),
        event(noon + 2),
        file(Date.parse('2019-04-29'), 24),
    ])
})

test('a time names the last record at or before it, whatever the clock did', async (t) => {
    const folder = temporaryFolder(t)
    const log = new LogWriter()
    const times = [0, 10, 10, 5, 30, 20]
    for (const time of times) log.add({ events: [request(noon + time)] })
    for (const lines of [log.lines, log.lines.toReversed()]) {
        const chain = (await checkLog(await openProcessStore(makeStore(folder, lines)))).longest
        for (let time = 0; time < 35; time++) {
            const ref = parseRef(`@${new Date(noon + time).toISOString()}`)
            const expected = times.findLastIndex((at) => at <= time) + 1
            assert.equal(await positionOf({ chain, head: times.length }, ref), expected, String(time))
            const from = times.findIndex((at) => at >= time)
            assert.equal(
                await positionFromTime({ chain, head: times.length }, noon + time),
                (from < 0 ? times.length : from) + 1,
            )
        }
    }
    const nameless = makeStore(folder, [])
    writeLog(nameless, { 'log.jsonl': new LogWriter().addAdditions(1).lines })
    const chain = (await checkLog(await openProcessStore(nameless))).longest
    await assert.rejects(positionOf({ chain, head: 1 }, parseRef('@2019-04-28')), {
        code: 'unknown-ref',
        message: /says when it was/,
    })
})

test('a line says the same as its record, however it is written', async (t) => {
    const folder = temporaryFolder(t)
    const piece = fc.constantFrom('"posixTimeMilli"', ':', ' ', '12', '34', '\\', '"', '\n', 'é', request(3))
    const texts = fc.array(
        fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join('')),
        { maxLength: 3 },
    )
    await fc.assert(
        fc.asyncProperty(
            fc.array(texts, { minLength: 1, maxLength: 20 }),
            fc.boolean(),
            async (all, escape) => {
                const log = new LogWriter()
                for (const events of all)
                    log.add({ events, ...(events.length > 2 && { setState: request(9) }) })
                const written = (line: string) => (escape ? line.replaceAll('p', '\\u0070') : line)
                const lines = escape ? [written(log.lines[0]!)] : log.lines
                const chain = (await checkLog(await openProcessStore(makeStore(folder, lines)))).longest
                const found: unknown[] = []
                for await (const part of chain.readLines(1, chain.length) ?? [])
                    part.forEach((line) => void found.push(timeOfLine(part, line)))
                assert.deepEqual(found, (await recordsOf(chain)).map(timeOfRecord))
                assert.equal(found.length, lines.length)
            },
        ),
        { numRuns: 60 },
    )
})

test('a time is read as it stands, in UTC unless it names a zone', () => {
    fc.assert(
        fc.property(
            fc.date({ min: new Date(0), max: new Date('9999-01-01'), noInvalidDate: true }),
            (date) => {
                const iso = date.toISOString()
                for (const characters of [10, 13, 16, 19, 23, 24]) {
                    const text = iso.slice(0, characters)
                    const padded = `${text}${'0000-00-00T00:00:00.000Z'.slice(characters)}`
                    assert.equal(parseTime(text), Date.parse(padded))
                }
            },
        ),
        { numRuns: 50 },
    )
})
