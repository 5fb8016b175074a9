import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ComplogError } from '../../../../src/core/errors.js'
import { readWholeFile } from '../../../../src/core/store/reading/read-whole.js'

test('a file larger than the bound is never opened: its place is told, and what to do', () => {
    assert.throws(
        () => readWholeFile({ path: 'log/a', absolutePath: '/nowhere', sizeBytes: 5 }, 4),
        (error) => {
            assert.ok(error instanceof ComplogError)
            assert.deepEqual([error.code, error.place?.file], ['limit-exceeded', 'log/a'])
            assert.match(error.hint ?? '', /^See whether it is what it should be/)
            return true
        },
    )
})
