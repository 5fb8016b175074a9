import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'

import fc from 'fast-check'

import {
    differingDigits,
    genesis,
    hashFromBase64,
    hashFromHex,
    hashOfLine,
    shortHash,
} from '../../../src/core/composition/hash.js'
import { base64, hashOf } from '../../support/log-writer.js'

test('the hash of a line is the SHA-256 of its bytes in upper-case hex', () => {
    fc.assert(
        fc.property(fc.uint8Array(), (bytes) => {
            assert.equal(
                hashOfLine(Buffer.from(bytes)),
                createHash('sha256').update(bytes).digest('hex').toUpperCase(),
            )
        }),
    )
})

test('genesis is the hash of zero bytes', () => assert.equal(hashOfLine(Buffer.alloc(0)), genesis))

test('a hash reads the same from hex of either case and from base64', () => {
    fc.assert(
        fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
            const hash = hashFromHex(Buffer.from(bytes).toString('hex'))
            assert.ok(hash)
            assert.match(hash, /^[0-9A-F]{64}$/)
            assert.equal(hashFromHex(hash), hash)
            assert.equal(hashFromBase64(base64(hash)), hash)
        }),
    )
})

test('the digits that differ are counted', () => {
    const hash = hashOf('a')
    assert.equal(differingDigits(hash, hash), 0)
    assert.equal(differingDigits(hash, hashFromHex(`${hash.slice(0, 63)}F`)!), hash.endsWith('F') ? 0 : 1)
    assert.ok(differingDigits(hash, hashOf('b')) > 40)
})

test('a short hash is long enough for a reference', () => assert.equal(shortHash(genesis), 'E3B0C44298FC'))
