// However a log lies in files, and however these are cut into pieces, the answer is the same.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'

import { cutIntoPieces } from '../../../../src/core/fast/pieces/pieces.js'
import { counterLog, logFile } from '../../../support/log-writer.js'
import { fixtureStores, readLog } from '../../../support/stores.js'
import { temporaryFolder, writeFiles } from '../../../support/temporary.js'
import { thinned } from '../../../support/thinned.js'
import { agreedCheck } from '../agreement.js'

test('cuts large files and gathers small ones', () => {
    const files = [3, 4, 25, 0, 10, 1, 9].map((sizeBytes) => ({ sizeBytes }))
    const pieces = cutIntoPieces(files, 10)
    assert.deepEqual(
        pieces.map(({ fromFile, toFile, beginBytes, endBytes }) => [fromFile, toFile, beginBytes, endBytes]),
        [
            [0, 2, 0, 3],
            [2, 3, 0, 10],
            [2, 3, 10, 20],
            [2, 3, 20, 25],
            [3, 5, 0, 0],
            [5, 7, 0, 1],
        ],
    )
})

test('leaves out what stands before the place where a file begins to count', () => {
    const files = [{ sizeBytes: 30, beginBytes: 12 }]
    assert.deepEqual(
        cutIntoPieces(files, 10).map(({ beginBytes, endBytes }) => [beginBytes, endBytes]),
        [
            [12, 22],
            [22, 30],
        ],
    )
})

for (const [nth, { name, path }] of fixtureStores.entries()) {
    test(`agrees on ${name} in pieces of any size`, async () => {
        const sizeBytes = Object.values(readLog(path)).flat().join('').length
        for (const [i, pieceSizeBytes] of [1, 7, 100, 120, 121, 122, 123, 333, 4096].entries()) {
            // Of one store these, of the next one the others.
            if ((i + nth) % thinned(2, 1) !== 0 || sizeBytes / pieceSizeBytes > thinned(6000, Infinity))
                continue
            const sizeBytesMax = [0, 60, 1 << 17][i % 3] ?? 0
            const lookahead = { firstSizeBytes: sizeBytesMax === 60 ? 10 : sizeBytesMax, sizeBytesMax }
            assert((await agreedCheck(path, { threads: 1, pieceSizeBytes, lookahead })) !== undefined)
        }
    })
}

test('agrees on many files, some of them empty or with a single line, with and without a last line end', async (t) => {
    const folder = temporaryFolder(t)
    const records = thinned(200, 3000)
    const { lines, hashes } = counterLog(records)
    const files: Record<string, Buffer> = {}
    for (let i = 0, file = 0; i < lines.length; file++) {
        const count = file % 7 === 0 ? 0 : (file % 3) + 1
        const bytes = logFile(lines.slice(i, i + count), file % 5 === 0 ? '\r\n' : '\n')
        const path = `composition/${String(file).padStart(5, '0')}.composition.jsonl`
        files[path] = file % 11 === 1 ? bytes.subarray(0, -1) : bytes
        i += count
    }
    const reductions = [0, 1, records / 2, records - 1].map(
        (i) => [`reduction/${hashes[i] ?? ''}`, ''] as const,
    )
    writeFiles(folder, { ...files, ...Object.fromEntries(reductions) })
    for (const pieceSizeBytes of thinned([100, 10_000], [100, 500, 10_000, 1 << 20])) {
        const checked = await agreedCheck(folder, { threads: 1, pieceSizeBytes })
        assert.equal(checked?.counts.records, records)
        assert.equal(checked.longest.reduced.size, 4)
    }
})

test('agrees on an empty log and on empty files', async (t) => {
    const folder = temporaryFolder(t)
    writeFiles(folder, { 'reduction/x': '' })
    assert.equal((await agreedCheck(folder, { threads: 1 }))?.counts.records, 0)
    writeFiles(folder, { 'composition/a': '', 'composition/b': '\n', 'composition/c': '' })
    assert.equal((await agreedCheck(folder, { threads: 1 }))?.counts.records, 0)
})

test('agrees on records that are longer than what is held of a line', async (t) => {
    const folder = temporaryFolder(t)
    const log = counterLog(3)
    const long = thinned(700_000, 1_200_000)
    for (const size of [1000, 150_000, long, thinned(10, 3_000_000), 10])
        log.add({ events: ['é'.repeat(size)] })
    log.addAdditions(1, 2, 3)
    writeFiles(folder, { 'composition/a': logFile(log.lines) })
    for (const pieceSizeBytes of [1000, 1 << 20]) {
        assert.equal((await agreedCheck(folder, { threads: 1, pieceSizeBytes }))?.counts.records, 11)
    }
    for (const lineSizeBytesMax of [149_000, 1_000_000, 2 * long - 1]) {
        assert.equal(await agreedCheck(folder, { threads: 1 }, { lineSizeBytesMax }), undefined)
    }
})

test('finds the record that is not the child of the one before, in a piece and between two', async (t) => {
    const folder = temporaryFolder(t)
    const { lines } = counterLog(200)
    for (const at of [0, 1, 57, 198]) {
        const swapped = lines.with(at, lines[at + 1] ?? '').with(at + 1, lines[at] ?? '')
        const store = join(folder, String(at))
        writeFiles(store, { 'composition/a': logFile(swapped) })
        for (const pieceSizeBytes of [50, 150, 1 << 20]) {
            assert.equal(await agreedCheck(store, { threads: 1, pieceSizeBytes }), undefined)
        }
    }
})

test('keeps a bounded number of findings, and counts all', async (t) => {
    const folder = temporaryFolder(t)
    const { lines } = counterLog(20)
    const bad = thinned(1500, 5000)
    writeFiles(folder, { 'composition/a': logFile([...lines, ...Array<string>(bad).fill('x'), '', '']) })
    for (const pieceSizeBytes of [500, 5000, 1 << 20]) {
        const checked = await agreedCheck(folder, { threads: 1, pieceSizeBytes })
        assert.equal(checked?.findings.count('malformed-record'), bad)
    }
})
