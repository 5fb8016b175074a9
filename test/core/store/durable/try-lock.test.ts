import assert from 'node:assert/strict'
import { test } from 'node:test'

import { ComplogError } from '../../../../src/core/errors.js'
import { loadTryLock } from '../../../../src/core/store/durable/store-lock.js'

test('where the platform has no lock, nobody writes: the error says what helps', async () => {
    const missing = Object.assign(new Error('Cannot find addon'), { code: 'ADDON_NOT_FOUND' })
    await assert.rejects(
        loadTryLock(() => Promise.reject(missing)),
        (error) => {
            assert.ok(error instanceof ComplogError)
            assert.equal(error.code, 'lock-unsupported')
            assert.match(error.message, /Nothing was written/)
            assert.match(error.hint ?? '', /node:22-slim/)
            assert.equal(error.cause, missing)
            return true
        },
    )
})

test('a lock that another one holds is no error; a file system without locks is one', async () => {
    const failing = (code: string) =>
        loadTryLock(() =>
            Promise.resolve({
                tryLock: () => {
                    throw Object.assign(new Error(code), { code })
                },
            }),
        )
    for (const code of ['EBUSY', 'EACCES']) assert.equal((await failing(code))(3), false)
    for (const code of ['ENOLCK', 'ENOTSUP']) {
        const tryLock = await failing(code)
        assert.throws(() => tryLock(3), { code, syscall: 'lock' })
    }
})
