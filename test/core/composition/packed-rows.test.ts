// Packed rows are the same as in an array, however many are added at a time.
import assert from 'node:assert/strict'
import test from 'node:test'

import fc from 'fast-check'

import { HashRows, hashSizeBytes, PackedRows } from '../../../src/core/composition/packed-rows.js'

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
