import assert from 'node:assert/strict'

import { ComplogError, type ErrorCode } from '../../src/core/errors.js'

/** For `assert.rejects` and `assert.throws`: an error of complog's own, by its code and, where that matters, its words. */
export function isError(code: ErrorCode, message = /./) {
    return (error: unknown) => {
        assert.ok(error instanceof ComplogError, String(error))
        assert.equal(error.code, code)
        assert.match(error.message, message)
        return true
    }
}
