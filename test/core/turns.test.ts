import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'

import { inTurn } from '../../src/core/turns.js'

test('work under one key is done one after the other, failures included', async () => {
    const order: string[] = []
    const work = (name: string, fails: boolean) => async (): Promise<string> => {
        order.push(`${name} begins`)
        await pause(10)
        order.push(`${name} ends`)
        if (fails) throw new Error(name)
        return name
    }
    const results = await Promise.allSettled([
        inTurn('home', work('a', false)),
        inTurn('home', work('b', true)),
        inTurn('home', work('c', false)),
    ])
    assert.deepEqual(order, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
    assert.deepEqual(
        results.map((result) => result.status),
        ['fulfilled', 'rejected', 'fulfilled'],
    )
})

test('work under different keys does not wait', async () => {
    const never = inTurn('one', () => pause(60_000, undefined, { ref: false }))
    assert.equal(await inTurn('other', () => Promise.resolve(7)), 7)
    void never
})
