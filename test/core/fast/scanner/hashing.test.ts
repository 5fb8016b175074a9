// The scanner's own SHA-256 against Node's.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'

import fc from 'fast-check'

import { genesis } from '../../../../src/core/composition/hash.js'
import { calibrateHashing, hashAll } from '../../../../src/core/fast/scanner/hashing.js'
import { compileScanner, Scanner } from '../../../../src/core/fast/scanner/scanner.js'

const module = compileScanner()
assert(module !== undefined)
const scanner = new Scanner(module)

/** The hashes of messages, laid one behind the other, with other bytes around them. */
function hashes(messages: readonly Uint8Array[], byScannerSizeBytesMax: number): string[] {
    let at = scanner.dataAt
    scanner.memory.fill(0xa5, at)
    messages.forEach((message, row) => {
        scanner.memory.set(message, at)
        scanner.enter(row, { start: at, sizeBytes: message.length, parentHash: genesis })
        at += message.length + (row % 3)
    })
    hashAll(scanner, messages.length, byScannerSizeBytesMax)
    return messages.map((_, row) => scanner.hash(row))
}

function expected(messages: readonly Uint8Array[]): string[] {
    return messages.map((message) => createHash('sha256').update(message).digest('hex').toUpperCase())
}

const message = (sizeBytes: number) =>
    Uint8Array.from({ length: sizeBytes }, (_, i) => (i * 167 + sizeBytes) & 255)

test('hashes messages of every length from 1 to 300 bytes', () => {
    const messages = Array.from({ length: 300 }, (_, i) => message(i + 1))
    assert.deepEqual(hashes(messages, 16_000), expected(messages))
})

test('hashes any number of messages of one length', () => {
    for (let count = 1; count <= 12; count++) {
        const messages = Array.from({ length: count }, (_, i) => message(145).map((byte) => byte ^ i))
        assert.deepEqual(hashes(messages, 16_000), expected(messages))
    }
})

test('hashes messages of any lengths, by itself, by Node, or by both', () => {
    const messages = fc.array(fc.uint8Array({ minLength: 1, maxLength: 2000, size: 'max' }), {
        maxLength: 40,
    })
    fc.assert(
        fc.property(messages, fc.constantFrom(0, 64, 375, 1000, 16_000), (some, byScannerSizeBytesMax) => {
            assert.deepEqual(hashes(some, byScannerSizeBytesMax), expected(some))
        }),
        { numRuns: 300 },
    )
})

test('leaves to Node what is too large for its tables, whatever it is asked', () => {
    const messages = [message(16_311), message(16_312), message(100_000), message(10)]
    assert.deepEqual(hashes(messages, Number.MAX_SAFE_INTEGER), expected(messages))
})

test('chooses a size from which on Node hashes', () => {
    assert(calibrateHashing() >= 300)
})
