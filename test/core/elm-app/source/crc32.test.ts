import assert from 'node:assert/strict'
import { test } from 'node:test'

import { crc32 } from '../../../../src/core/elm-app/source/zip-archive.js'

test('the check value of CRC-32 comes out', () => {
    assert.equal(crc32(Buffer.from('123456789')), 0xcbf43926)
    assert.equal(crc32(new Uint8Array()), 0)
})
