import assert from 'node:assert/strict'
import { constants } from 'node:os'
import { test } from 'node:test'

import { ComplogError } from '../../src/core/errors.js'
import { fileSystemError } from '../../src/core/file-system-error.js'

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

test('a file system that cannot lock, sync or change modes is told as one, with what to do', () => {
    for (const [doing, code, hint] of [
        ['lock', 'ENOLCK', /cannot lock files.*nothing was written.*NFS.*local disk/],
        ['lock', 'ENOTSUP', /cannot lock files/],
        ['lock', 'ENOSYS', /cannot lock files/],
        ['sync', 'EINVAL', /cannot sync a folder.*local disk/],
        ['take over the mode and owner of', 'ENOTSUP', /cannot change modes or owners/],
        // Not every such error is one of the file system.
        ['read', 'EINVAL', /^$/],
    ] as const) {
        const cause = Object.assign(new Error(code), { code, syscall: doing })
        const error = fileSystemError(cause, doing, '/a/file')
        assert.ok(error instanceof ComplogError)
        assert.equal(error.message, `Cannot ${doing} /a/file: ${code}.`)
        assert.match(error.hint ?? '', hint)
    }
    const code = `Unknown system error -${constants.errno.ENOLCK}`
    const ofPackage = Object.assign(new Error(code), { code, syscall: 'lock' })
    assert.equal(fileSystemError(ofPackage, 'lock', '/a').message, 'Cannot lock /a: ENOLCK.')
})
