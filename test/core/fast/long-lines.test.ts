// Lines longer than a piece of the log, than what is held of one, and than a window of the chain, whole and torn, in
// every place and on every way through a log: each way comes to its end, and all of them say the same.
import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'

import fc from 'fast-check'

import { ChainByIndex } from '../../../src/core/check/chain-by-index.js'
import { LineSplitter } from '../../../src/core/composition/lines.js'
import { ComplogError } from '../../../src/core/errors.js'
import { packLines } from '../../../src/core/fast/scanner/pack-lines.js'
import { readChainFromEnd } from '../../../src/core/restore/from-end.js'
import { planReorder } from '../../../src/core/rewrite/reorder/plan-reorder.js'
import { reorderTo } from '../../../src/core/rewrite/reorder/reorder.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { readBackwards } from '../../../src/core/store/reading/read-backwards.js'
import { LogWriter } from '../../support/log-writer.js'
import { dailyFile, recordsOf } from '../../support/stores.js'
import { temporaryFolder, writeFiles } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'
import { agreedCheck } from './agreement.js'
import { agreedIndex } from './shuffled/index-agreement.js'

const piece = 1 << 20
/** A piece and what is held beyond it. */
const held = piece + (1 << 17)
/** About what stands around the event in a record. */
const around = 123 + 4

const size = fc.oneof(
    { weight: 3, arbitrary: fc.nat(400) },
    { weight: 2, arbitrary: fc.integer({ min: piece - around - 4, max: piece + 4 }) },
    { weight: 2, arbitrary: fc.integer({ min: held - around - 4, max: held + 4 }) },
    { weight: 1, arbitrary: fc.integer({ min: held, max: 2 * held + 100 }) },
    { weight: 1, arbitrary: fc.constant(150_000) },
)
/** What the scanner reads by itself, what is beyond ASCII, and what it leaves to the reference reader. */
const filling = fc.constantFrom('q', 'é', '\\\n', '\u{1f600}"')

interface Recipe {
    readonly events: readonly (readonly [sizeBytes: number, filling: string])[]
    /** Pairs of lines that change places. */
    readonly swaps: readonly (readonly [number, number])[]
    /** How much of the last line is cut off, in thousandths; 0: not even its line end. */
    readonly torn: number
    readonly lineEnd: '\n' | '\r\n'
    readonly pieceSizeBytes: number
    readonly windowSizeBytes: number | undefined
    readonly lineSizeBytesMax: number
}

const recipe: fc.Arbitrary<Recipe> = fc.record({
    events: fc.array(fc.tuple(size, filling), { minLength: 1, maxLength: thinned(4, 6) }),
    swaps: fc.oneof(fc.constant([]), fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 4 })),
    torn: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(1000) }),
    lineEnd: fc.constantFrom('\n', '\r\n'),
    pieceSizeBytes: fc.constantFrom(piece, piece, 100_000, 4096),
    windowSizeBytes: fc.constantFrom(undefined, undefined, 3 * piece, 1000),
    lineSizeBytesMax: fc.constantFrom(1 << 28, 1 << 28, held, piece),
})

function bytesOf({ events, swaps, torn, lineEnd }: Recipe): {
    readonly bytes: Buffer
    readonly inOrder: Buffer
} {
    const log = new LogWriter()
    for (const [sizeBytes, text] of events) {
        // In bytes of the record: escapes count twice.
        const one = Buffer.byteLength(JSON.stringify(text)) - 2
        log.add({ events: [text.repeat(Math.floor(sizeBytes / one))] })
    }
    const lines = [...log.lines]
    for (const [a, b] of swaps) {
        const [i, j] = [a % lines.length, b % lines.length]
        ;[lines[i], lines[j]] = [lines[j] as string, lines[i] as string]
    }
    const bytes = Buffer.from(lines.map((line) => line + lineEnd).join(''))
    const last = Buffer.byteLength(lines.at(-1) as string)
    return {
        bytes: bytes.subarray(0, bytes.length - Math.ceil((torn * last) / 1000)),
        inOrder: Buffer.from(log.lines.map((line) => line + lineEnd).join('')),
    }
}

test('every way through a log with long lines ends, and all say the same', async (t) => {
    const folder = temporaryFolder(t)
    const seen = { inOrder: 0, windows: 0, reordered: 0, fast: 0 }
    let runs = 0
    const property = fc.asyncProperty(recipe, async (made) => {
        const { bytes, inOrder } = bytesOf(made)
        const { pieceSizeBytes, windowSizeBytes, lineSizeBytesMax } = made
        const path = join(folder, String(runs++))
        writeFiles(path, { [`composition/${dailyFile}`]: bytes })
        const limits = { lineSizeBytesMax }
        const lookahead = { firstSizeBytes: 1 << 12, sizeBytesMax: 1 << 17 }
        const followed = { threads: 1, pieceSizeBytes, lookahead }
        if ((await agreedCheck(path, followed, limits)) !== undefined) seen.inOrder++
        const options = { threads: 1, pieceSizeBytes, windowSizeBytes }
        const indexed = await agreedIndex(path, options, limits)
        if (indexed.reader === 'fast') seen.fast++
        await agreeFromTheEnd(path, bytes)
        if (indexed.longest instanceof ChainByIndex && indexed.longest.hasWindows) {
            const lines = await throughWindows(indexed.longest)
            assert.deepEqual(
                lines.filter((line) => !inOrder.includes(line)),
                [],
            )
            assert.equal(lines.length, indexed.longest.length)
            seen.windows++
        }
        if (made.torn === 0 && indexed.counts.records === made.events.length) {
            const output = join(folder, `${runs}-output`)
            await reorderTo(await planReorder(await openProcessStore(path, limits), undefined), output)
            assert(readFileSync(join(output, 'composition', dailyFile)).equals(inOrder))
            seen.reordered++
            rmSync(output, { recursive: true })
        }
        rmSync(path, { recursive: true })
    })
    do await fc.assert(property, { numRuns: thinned(5, 48), endOnFailure: true })
    while (Object.values(seen).includes(0) && runs < 100)
    t.diagnostic(JSON.stringify(seen))
    for (const count of Object.values(seen)) assert(count > 0, JSON.stringify(seen))
})

/** The lines of a shuffled log as its windows hold them, and as they are packed for an app. */
async function throughWindows(chain: ChainByIndex): Promise<readonly Buffer[]> {
    const windows: Buffer[] = []
    for await (const { lines } of chain.readWindows(1, chain.length)) windows.push(Buffer.from(lines))
    let records = 0
    for await (const packed of packLines(windows, 1)) {
        records += packed.records
        packed.release()
    }
    assert.equal(records, chain.length)
    return [...new LineSplitter(1 << 28).push(Buffer.concat(windows))].map(({ bytes }) => bytes)
}

/** The lines from the end are those from the beginning, and the walk of a host at start meets all that are linked. */
async function agreeFromTheEnd(path: string, bytes: Buffer): Promise<void> {
    const store = await openProcessStore(path)
    const backwards: [number, Buffer, boolean][] = []
    for await (const lines of readBackwards(store.logFiles.at(0)!, { lineSizeBytesMax: 1 << 28 })) {
        for (const { offsetBytes, bytes: line, ended } of lines) backwards.push([offsetBytes, line, ended])
    }
    const splitter = new LineSplitter(1 << 28)
    const forwards = [...splitter.push(bytes), ...splitter.end()]
        .filter(({ sizeBytes }) => sizeBytes > 0)
        .map(({ offsetBytes, bytes: line, end }) => [offsetBytes, line, end !== 'none'])
    assert.deepEqual(backwards.reverse(), forwards)
    // A torn line ends the walk: that it ends at all is what counts then.
    await readChainFromEnd(store).then(
        async (read) => assert(read && (await recordsOf(read.chain)).length > 0),
        (error: unknown) =>
            assert(error instanceof ComplogError && ['torn-tail', 'broken-chain'].includes(error.code)),
    )
}

test('several lines that are longer than what a thread holds change places', async (t) => {
    const folder = temporaryFolder(t)
    const log = new LogWriter()
    for (const sizeBytes of [10, held, held, held, 10]) log.add({ events: ['q'.repeat(sizeBytes)] })
    const [first, second, ...others] = log.lines as [string, string, ...string[]]
    for (const [threads, windowSizeBytes] of [
        [1, undefined],
        [3, undefined],
        [1, 3 * held],
    ] as const) {
        const path = join(folder, `${threads}-${windowSizeBytes}`)
        const lines = [second, first, ...others].map((line) => `${line}\n`)
        writeFiles(path, { [`composition/${dailyFile}`]: lines.join('') })
        const { longest, reader } = await agreedIndex(path, { threads, windowSizeBytes })
        assert.deepEqual([reader, longest.length], ['fast', 5])
        assert(longest instanceof ChainByIndex && longest.hasWindows)
        assert.deepEqual(
            await throughWindows(longest),
            log.lines.map((line) => Buffer.from(line)),
        )
    }
})

test('lines that are cut in two are refused, and not gone round in', async () => {
    const line = new LogWriter()
    line.add({ events: ['q'.repeat(held)] })
    // Whole lines are what it takes; the last one here is cut in two, each half longer than what is held.
    const halves = [Buffer.from(line.lines[0]!.slice(0, -10)), Buffer.from(line.lines[0]!.slice(-10))]
    await assert.rejects(async () => {
        for await (const packed of packLines(halves, 1)) packed.release()
    }, /is no record/)
})
