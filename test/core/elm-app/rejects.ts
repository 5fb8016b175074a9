// Errors are part of what is promised: their code, and that they say what to do next.

import assert from 'node:assert/strict'

import { ComplogError, type ErrorCode } from '../../../src/core/errors.js'

/** Awaits a rejection with a code and a message that matches, and returns the error. */
export async function rejectsWith(
    promise: Promise<unknown>,
    code: ErrorCode,
    message: RegExp = /./,
): Promise<ComplogError> {
    let error: unknown
    await promise.then(
        () => undefined,
        (reason: unknown) => {
            error = reason
        },
    )
    assert.ok(error instanceof ComplogError, `expected ${code}, got ${String(error)}`)
    assert.equal(error.code, code, error.message)
    assert.match(error.message, message)
    return error
}

/** The same for a call that throws at once. */
export function throwsWith(call: () => unknown, code: ErrorCode, message: RegExp = /./): ComplogError {
    let error: unknown
    try {
        call()
    } catch (reason) {
        error = reason
    }
    assert.ok(error instanceof ComplogError, `expected ${code}, got ${String(error)}`)
    assert.equal(error.code, code, error.message)
    assert.match(error.message, message)
    return error
}
