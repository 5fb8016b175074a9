import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { test } from 'node:test'

import { ComplogError } from '../../../src/core/errors.js'
import { fileSystemError } from '../../../src/core/store/file-system-error.js'

test('an error that Node has no name for is told by the name that the system has, with its hint', () => {
    const errno = -constants.errno.EDQUOT
    for (const code of ['UNKNOWN', `Unknown system error ${errno}`]) {
        const cause = Object.assign(new Error(code), { code, errno, syscall: 'write' })
        const error = fileSystemError(cause, 'write', '/a/file')
        assert.ok(error instanceof ComplogError)
        assert.equal(error.message, 'Cannot write /a/file: EDQUOT.')
        assert.match(error.hint ?? '', /quota/)
    }
    const strange = Object.assign(new Error('?'), { code: 'UNKNOWN', errno: -99_999, syscall: 'write' })
    assert.equal(fileSystemError(strange, 'write', '/a/file').message, 'Cannot write /a/file: UNKNOWN.')
})
