// Which records a reduction may be named after is told by 32 bits of their hashes, whatever the filter knows them by.
import assert from 'node:assert/strict'
import test from 'node:test'

import { genesis } from '../../../../src/core/composition/hash.js'
import {
    compileScanner,
    releaseScanner,
    Scanner,
    takeScanner,
} from '../../../../src/core/fast/scanner/scanner.js'

const beginnings = ['01000000', '01000800', '0100F0FF', '02000000']

function enterBeginnings(scanner: Scanner): void {
    for (const [row, beginning] of beginnings.entries())
        scanner.enter(row, { start: 0, sizeBytes: 0, parentHash: genesis, hash: beginning.padEnd(64, '0') })
}

test('no record passes for a reduced one that only a few bits of its hash are like', () => {
    const module = compileScanner()
    assert.ok(module)
    const scanner = new Scanner(module)
    enterBeginnings(scanner)
    scanner.letThrough(Uint32Array.of(1, 0xfff00001))
    assert.deepEqual([...scanner.passFilter(beginnings.length)], [0, 2])
})

test('one that was released is taken again, by one alone, and lets through what it is told to now', () => {
    const module = compileScanner()
    assert.ok(module)
    const scanner = takeScanner(module)
    scanner.letThrough(Uint32Array.of(1))
    assert.notEqual(takeScanner(module), scanner)
    releaseScanner(scanner)
    assert.equal(takeScanner(module), scanner)
    assert.notEqual(takeScanner(module), scanner)
    enterBeginnings(scanner)
    scanner.letThrough(Uint32Array.of(2))
    assert.deepEqual([...scanner.passFilter(beginnings.length)], [3])
})
