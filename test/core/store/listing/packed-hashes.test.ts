// Packed hashes answer as a Set and a Map of JavaScript do, also where many begin with the same bytes.
import assert from 'node:assert/strict'
import test from 'node:test'

import fc from 'fast-check'

import type { CompositionHash } from '../../../../src/core/composition/hash.js'
import { HashRows } from '../../../../src/core/composition/packed-rows.js'
import { NumbersOfHashes, packHashes } from '../../../../src/core/store/listing/packed-hashes.js'

const hash = fc
    .tuple(fc.constantFrom('00000000', 'FFFFFFFF', '12345678'), fc.integer({ min: 0, max: 40 }))
    .map(([beginning, n]) => (beginning + n.toString(16).toUpperCase().padStart(56, '0')) as CompositionHash)

test('packed hashes are a set, and numbers by them a map in the order of the numbers', () => {
    fc.assert(
        fc.property(
            fc.uniqueArray(hash, { maxLength: 80 }),
            fc.array(hash, { maxLength: 20 }),
            (known, asked) => {
                const rows = new HashRows()
                for (const each of known) rows.addHex(each)
                const packed = packHashes(rows)
                const set = new Set(known)
                assert.equal(packed.size, set.size)
                assert.deepEqual([...packed].sort(), [...set].sort())
                for (const each of asked) assert.equal(packed.has(each), set.has(each))

                const numbers = new NumbersOfHashes(packed)
                const map = new Map<CompositionHash, number>()
                for (const [i, each] of asked.filter((one) => set.has(one)).entries()) {
                    numbers.set(each, i)
                    map.set(each, i)
                }
                assert.equal(numbers.size, map.size)
                for (const each of asked) assert.equal(numbers.get(each), map.get(each))
                assert.deepEqual(
                    [...numbers],
                    [...map].sort(([, a], [, b]) => a - b),
                )
                assert.deepEqual([...numbers.values()].sort(), [...map.values()].sort())
            },
        ),
    )
})

test('what is no whole hash is none of them', () => {
    const rows = new HashRows()
    rows.addHex('AB'.repeat(32))
    for (const odd of ['', 'AB', 'no hash']) assert.equal(packHashes(rows).has(odd as CompositionHash), false)
})
