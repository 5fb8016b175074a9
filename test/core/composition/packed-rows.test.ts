// Packed rows are the same as in an array, however many are added at a time.
import assert from 'node:assert/strict'
import test from 'node:test'

import fc from 'fast-check'

import { HashIndex, HashRows, hashSizeBytes, PackedRows } from '../../../src/core/composition/packed-rows.js'

const counts = fc.array(fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 900, max: 3000 })), {
    maxLength: 5,
})

test('packed rows and hashes are what was added, in order', () => {
    fc.assert(
        fc.property(counts, (added) => {
            const [rows, hashes] = [new PackedRows(3, (length) => new Uint32Array(length)), new HashRows()]
            let length = 0
            for (const count of added) {
                rows.add(Uint32Array.from({ length: 3 * count }, (_, i) => 3 * length + i))
                const bytes = Buffer.alloc(hashSizeBytes * count)
                for (let i = 0; i < count; i++) bytes.writeUInt32BE(length + i, i * hashSizeBytes)
                hashes.add(bytes)
                length += count
            }
            assert.equal(rows.length, length)
            assert.equal(hashes.length, length)
            for (let row = 0; row < length; row++) {
                assert.deepEqual([rows.at(row), rows.at(row, 2)], [3 * row, 3 * row + 2])
                assert.equal(hashes.beginningOf(row), row)
                assert.equal(hashes.hexAt(row), row.toString(16).padStart(8, '0').padEnd(64, '0'))
            }
        }),
        { numRuns: 20 },
    )
})

test('hashes that were chosen to begin alike are found in as few steps as others', (t) => {
    const hashes = new HashRows()
    const index = new HashIndex(hashes)
    const like = (i: number) => {
        const hash = Buffer.alloc(hashSizeBytes, 0x5a)
        hash.writeUInt32LE(i, 4)
        return hash
    }
    const count = 500
    for (let i = 0; i < count; i++) hashes.add(like(i))
    const equals = t.mock.method(HashRows.prototype, 'equals')
    for (let i = 0; i < count; i++) assert.equal(index.find(like(i)), i)
    assert.equal(index.find(like(count)), -1)
    assert.ok(equals.mock.callCount() < 20 * count, `${equals.mock.callCount()}`)
})
