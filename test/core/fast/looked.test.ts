// What is looked for in lines while they are checked, held against a plain look at each line of what was checked.
import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'

import fc from 'fast-check'

import { type CheckedLog, checkInOrder } from '../../../src/core/check/check-log.js'
import { Prefilter } from '../../../src/core/composition/prefilter.js'
import type { FollowOptions } from '../../../src/core/fast/in-order/follow-log.js'
import { type EventInChain, eventsInChain } from '../../../src/core/history/events-to-test.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { counterLog, LogWriter } from '../../support/log-writer.js'
import { makeStore, recordsOf } from '../../support/stores.js'
import { temporaryFolder, writeFiles } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'
import { logRecipe, writeMutatedLog } from './mutated-logs.js'

const mutatedMin = thinned(350, 4000)

/** The events that are worth testing, by either way. */
async function placesOf(checked: CheckedLog, needles: readonly string[], isLooked: boolean) {
    const { longest: chain } = checked
    // A view on the same chain that nobody has looked through.
    const read = new Proxy(chain, {
        get: (target, name) => {
            if (name === 'looked') return undefined
            const value: unknown = Reflect.get(target, name, target)
            return typeof value === 'function' ? (value.bind(target) as unknown) : value
        },
    })
    const places: EventInChain[] = []
    const stretch = { from: 1, to: chain.length, needles }
    for await (const place of eventsInChain(isLooked ? chain : read, stretch, {}))
        if (place !== 'pause') places.push(place as EventInChain)
    return places
}

/** Returns how many of the records were looked at. */
async function agree(path: string, needles: readonly string[], options: FollowOptions): Promise<number> {
    const store = await openProcessStore(path)
    const checked = await checkInOrder(store, { threads: 1, ...options, wanted: needles })
    if (checked === undefined) return 0
    const files = new Map(store.logFiles.map((file) => [file.path, readFileSync(file.absolutePath)]))
    const records = await recordsOf(checked.longest)
    const { looked = [] } = checked.longest
    let [next, atAll] = [1, 0]
    for (const { from, to, found } of looked) {
        assert.equal(from, next)
        next = to + 1
        if (found === undefined) continue
        atAll += to - from + 1
        const wanted = records.slice(from - 1, to).flatMap(({ position, hash, place }) => {
            const { offsetBytes, sizeBytes } = place
            const bytes = files.get(place.file)!.subarray(offsetBytes, offsetBytes + sizeBytes)
            return new Prefilter(bytes, needles).mayHold(0, bytes.length)
                ? [{ position, hash, place, bytes }]
                : []
        })
        assert.deepEqual(found, wanted)
    }
    assert.equal(next, records.length + 1)
    const holds = ({ text }: EventInChain) => needles.every((needle) => text?.includes(needle))
    const [fast, plain] = [await placesOf(checked, needles, true), await placesOf(checked, needles, false)]
    assert.deepEqual(fast.filter(holds), plain.filter(holds))
    return atAll
}

const settings = fc.record({
    pieceSizeBytes: fc.constantFrom(400, 5000, 1 << 20),
    lookahead: fc.record({
        firstSizeBytes: fc.constantFrom(100, 4096),
        sizeBytesMax: fc.constantFrom(300, 1 << 17),
    }),
    wantedBytesMax: fc.constantFrom(2000, 1 << 22),
})
const needles = fc.constantFrom(
    ['addition'],
    ['1'],
    ['ab', 'c'],
    ['ition', ':1', '9'],
    ['LiteralString'],
    ['no such'],
)

test(`the same lines are found in ${mutatedMin} mutated records, each where it stands`, async (t) => {
    const folder = temporaryFolder(t)
    let [mutated, looked, runs] = [0, 0, 0]
    const property = fc.asyncProperty(logRecipe(300), settings, needles, async (recipe, fast, wanted) => {
        const log = writeMutatedLog(recipe)
        const store = join(folder, String(runs++))
        writeFiles(store, log.files)
        looked += await agree(store, wanted, fast)
        rmSync(store, { recursive: true })
        mutated += log.mutated
    })
    const lookedMin = mutatedMin / 8
    while (mutated < mutatedMin || (looked < lookedMin && runs < 300))
        await fc.assert(property, { numRuns: 20 })
    assert.ok(looked >= lookedMin, `only ${looked} were looked at`)
})

test('of a long log with threads, what there is no room for is read instead', async (t) => {
    const records = thinned(3000, 20_000)
    const store = makeStore(temporaryFolder(t), counterLog(records).lines)
    const options = { threads: 2, pieceSizeBytes: 20_000 }
    assert.equal(await agree(store, [':777'], options), records)
    const some = await agree(store, ['addition'], { ...options, wantedBytesMax: records * 50 })
    assert.ok(some > 0 && some < records, String(some))
})

test('a line that is longer than what is held hides nothing, and what stands behind it is looked at', async (t) => {
    const log = new LogWriter()
    for (let n = 0; n < 100; n++)
        log.add({ events: [`needle ${n}`, ...(n === 50 ? ['x'.repeat(3_000_000)] : [])] })
    const looked = await agree(makeStore(temporaryFolder(t), log.lines), ['needle'], { pieceSizeBytes: 1000 })
    assert.ok(looked > 80 && looked < 100, String(looked))
})
