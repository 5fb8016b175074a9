import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { runInNewContext } from 'node:vm'

import { collectGarbage } from '../../../../src/core/elm-app/thread/app-memory.js'

test('garbage is collected when it is asked for, by a function that no app has', async () => {
    const held = new WeakRef({})
    // Until the end of a turn, V8 keeps what a WeakRef was made of.
    await setImmediate()
    collectGarbage()
    assert.equal(held.deref(), undefined)
    assert.equal(runInNewContext('typeof gc'), 'undefined')
})
