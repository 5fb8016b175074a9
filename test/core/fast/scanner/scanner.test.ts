// Which records a reduction may be named after is told by 32 bits of their hashes, whatever the filter knows them by.
import assert from 'node:assert/strict'
import test from 'node:test'

import { genesis } from '../../../../src/core/composition/hash.js'
import { compileScanner, Scanner } from '../../../../src/core/fast/scanner/scanner.js'

test('no record passes for a reduced one that only a few bits of its hash are like', () => {
    const module = compileScanner()
    assert.ok(module)
    const scanner = new Scanner(module)
    const beginnings = ['01000000', '01000800', '0100F0FF', '02000000']
    for (const [row, beginning] of beginnings.entries())
        scanner.enter(row, { start: 0, sizeBytes: 0, parentHash: genesis, hash: beginning.padEnd(64, '0') })
    scanner.letThrough(Uint32Array.of(1, 0xfff00001))
    assert.deepEqual([...scanner.passFilter(beginnings.length)], [0, 2])
})
