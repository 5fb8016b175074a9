import assert from 'node:assert/strict'
import { test } from 'node:test'

import { RecordTable } from '../../../../src/core/composition/chain/record-table.js'
import { type CompositionHash, genesis } from '../../../../src/core/composition/hash.js'
import { hashOf } from '../../../support/log-writer.js'

/** More than one segment and many times the slots that a table begins with. */
const rows = 70_000

function filled(): { table: RecordTable; hashes: CompositionHash[] } {
    const table = new RecordTable()
    const hashes: CompositionHash[] = []
    for (let row = 0; row < rows; row++) {
        const hash = hashOf(`record ${row}`)
        const place = { file: row % 7, line: row + 1, offsetBytes: row * 2 ** 33, sizeBytes: row }
        assert.equal(table.add({ hash, parentHash: hashes.at(-1) ?? genesis }, place, row % 3 === 0), -1)
        hashes.push(hash)
    }
    return { table, hashes }
}

test('a table gives back everything that was put into it', () => {
    const { table, hashes } = filled()
    assert.equal(table.rows, rows)
    for (const [row, hash] of hashes.entries()) {
        assert.equal(table.hash(row), hash)
        assert.equal(table.parentHash(row), hashes[row - 1] ?? genesis)
        assert.equal(table.findParent(row), row - 1)
        assert.equal(table.find(hash), row)
        assert.equal(table.behindUnreadable(row), row % 3 === 0)
    }
    const row = rows - 1
    const place = { file: row % 7, line: row + 1, offsetBytes: row * 2 ** 33, sizeBytes: row }
    assert.deepEqual(table.place(row), place)
})

test('hashes that were not put in are not found', () => {
    const { table } = filled()
    for (let i = 0; i < 1000; i++) assert.equal(table.find(hashOf(`no record ${i}`)), -1)
    assert.equal(new RecordTable().find(genesis), -1)
})

test('a copy is told by the row of its original, however much the table grew in between', () => {
    const { table, hashes } = filled()
    const place = { file: 0, line: 1, offsetBytes: 0, sizeBytes: 1 }
    for (const row of [0, 1, 1023, 65_535, 65_536, rows - 1]) {
        assert.equal(
            table.add({ hash: hashes[row] as CompositionHash, parentHash: genesis }, place, false),
            row,
        )
        assert.equal(table.find(hashes[row] as CompositionHash), row)
    }
    for (let i = 0; i < rows; i++) table.add({ hash: hashOf(`more ${i}`), parentHash: genesis }, place, false)
    for (const [row, hash] of hashes.entries()) assert.equal(table.find(hash), row)
})
