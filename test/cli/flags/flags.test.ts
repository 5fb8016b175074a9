import assert from 'node:assert/strict'
import { constants } from 'node:buffer'
import { test } from 'node:test'

import { limitsFrom } from '../../../src/cli/flags/flags.js'

test('a line may be as long as a string can be, and no longer', () => {
    const longest = constants.MAX_STRING_LENGTH
    assert.deepEqual(limitsFrom({ 'max-line-size': longest }), { lineSizeBytesMax: longest })
    assert.throws(() => limitsFrom({ 'max-line-size': longest + 1 }), { code: 'usage' })
})
