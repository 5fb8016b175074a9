import assert from 'node:assert/strict'
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { checkStore } from '../../../src/core/check/check-store.js'
import type { Finding } from '../../../src/core/composition/finding.js'
import type { CompositionHash } from '../../../src/core/composition/hash.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { hashOf, logFile } from '../../support/log-writer.js'
import { copyStore, dailyFile, fixtureStores, readLog, writeLog } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'

/** Every so manieth byte is flipped, and fewer of a big store. */
const bytesPerFlip = thinned(257, 1)
const bytesPerFlipOfBigStore = thinned(2503, 97)
const bigStoreBytes = 20_000

const lineFeed = 0x0a

for (const { name, path, expected } of fixtureStores) {
    test(`${name}: one flipped byte anywhere is an error at its line, or shows by the expected head`, async (t) => {
        // The same log in one file: its line ends are flipped as well, and it is checked quickly.
        const store = join(temporaryFolder(t), 'store')
        copyStore(path, store)
        const lines = Object.values(readLog(path)).flat()
        writeLog(store, { [dailyFile]: lines })
        const log = logFile(lines)
        const file = join(store, 'composition', dailyFile)
        const descriptor = openSync(file, 'r+')
        const opened = await openProcessStore(store)
        const step = log.length > bigStoreBytes ? bytesPerFlipOfBigStore : bytesPerFlip
        let flips = 0
        try {
            let line = 1
            let before = 0
            for (const at of everyNth(log.length, step)) {
                line += count(log, before, at)
                before = at
                const original = log[at] as number
                const flipped = original ^ flipAt(at)
                writeSync(descriptor, Buffer.of(flipped), 0, 1, at)
                const checked = await checkStore(opened, { expectHead: expected.tip })
                const where = `byte ${at} (line ${line}): ${original} to ${flipped}`
                const report = checked.findings.list
                if (at === log.length - 1) assertLineEndOfHead(report, flipped, where)
                else assertNamed(report, line, original, flipped, lines.length, where)
                flips++
                writeSync(descriptor, Buffer.of(original), 0, 1, at)
            }
        } finally {
            closeSync(descriptor)
        }
        assert.ok(flips > thinned(10, 200))
        assert.equal((await checkStore(opened)).findings.counts.error, 0)
    })
}

/** Every nth byte, and the last one, which is a line end. */
function everyNth(length: number, step: number): readonly number[] {
    return [...Array(length).keys()].filter((at) => at % step === 0 || at === length - 1)
}

/** One single bit, each in its turn, and several at every other byte. */
function flipAt(at: number): number {
    return at % 2 === 0 ? 1 << ((at / 2) % 8) : 1 + ((at * 89) % 255)
}

/** Line feeds in `[from, to)`. */
function count(bytes: Buffer, from: number, to: number): number {
    return bytes.subarray(from, to).filter((byte) => byte === lineFeed).length
}

function assertNamed(
    report: readonly Finding[],
    line: number,
    original: number,
    flipped: number,
    lines: number,
    where: string,
): void {
    // A new line feed makes two lines out of one; the record can be said to be in either.
    const named = flipped === lineFeed ? [line, line + 1] : [line]
    const isLast = line >= lines
    const errors = report.filter(
        ({ severity, place, id }) =>
            severity === 'error' &&
            ((place?.line !== undefined && named.includes(place.line)) || (isLast && id === 'head-differs')),
    )
    assert.ok(errors.length > 0, `${where}${original === lineFeed ? ', a line end' : ''}: ${ids(report)}`)
}

/** The last byte of a log is no part of any record. */
function assertLineEndOfHead(report: readonly Finding[], flipped: number, where: string): void {
    // Before the end of the file a carriage return says no more than that the line end is not whole.
    const expected =
        flipped === 0x0d
            ? 'line-end-missing'
            : ['head-differs', 'torn-tail', 'malformed-record', 'invalid-utf8']
    assert.ok(
        report.some(({ id }) => expected.includes(id)),
        `${where}: ${ids(report)}`,
    )
}

function ids(report: readonly Finding[]): string {
    return report.map(({ id, place }) => `${id} ${place?.line ?? ''}`).join(', ')
}

test('a flipped line end that only adds a blank line leaves every record as it was', async (t) => {
    const [store] = fixtureStores
    assert.ok(store)
    const copy = join(temporaryFolder(t), 'store')
    copyStore(store.path, copy)
    writeLog(copy, readLog(store.path), '\r\n')
    const [file] = Object.keys(readLog(copy))
    const path = join(copy, 'composition', file!)
    const lines = Object.values(readLog(store.path)).flat()
    const returnAt = lines[0]!.length
    const descriptor = openSync(path, 'r+')
    writeSync(descriptor, '\n', returnAt)
    closeSync(descriptor)
    const checked = await checkStore(await openProcessStore(copy), { expectHead: store.expected.tip })
    assert.deepEqual(
        checked.findings.list.map(({ id, place }) => [id, place?.line]),
        [
            ['blank-line', 2],
            ['generation-refused-by-host', 1],
        ],
    )
    const first: CompositionHash = hashOf(lines[0]!)
    for await (const [record] of checked.longest.read(1, 1)) assert.equal(record?.hash, first)
})
