import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { ElmAppInstance } from '../../../src/core/elm-app/elm-app.js'
import { defaultLimits } from '../../../src/core/limits.js'
import { KeptStates } from '../../../src/core/restore/kept-states.js'

const mebibyte = 1024 * 1024

/** An instance of which only the kept states matter: each takes so much, and none is ever collected. */
function heapOf(mebibytesEach: number) {
    const names = new Set<number>()
    let most = 0
    const instance = {
        keep: (name: number) => {
            names.add(name)
            most = Math.max(most, names.size)
            return Promise.resolve(names.size * mebibytesEach * mebibyte)
        },
        forget: (dropped: readonly number[]) => {
            for (const name of dropped) names.delete(name)
            return Promise.resolve()
        },
    } as unknown as ElmAppInstance
    return { instance, names, most: () => most }
}

test('where states share nothing they are thinned out, and the first one stays', async () => {
    const { instance, names, most } = heapOf(1)
    const kept = new KeptStates({ ...defaultLimits, appHeapMebibytesMax: 400 })
    await kept.keep(instance, 7)
    for (let position = 8; position <= 10_000; position++) await kept.keepEnd(instance, position)
    assert.ok(most() <= 126, `${most()}`)
    assert.ok(names.size > 30, `${names.size}`)
    assert.equal(kept.size, names.size)
    assert.ok(names.has(7))
    const steps = [...names].slice(1).map((name, at) => name - [...names][at]!)
    assert.ok(Math.max(...steps) < 1000, 'they are spread over all of the positions')
})

test('the nearest states before and behind a position are those that are kept', async () => {
    const { instance } = heapOf(0)
    const kept = new KeptStates(defaultLimits)
    for (const position of [3, 9, 5, 9]) await kept.keep(instance, position)
    assert.equal(kept.size, 3)
    assert.deepEqual(
        [2, 3, 4, 5, 8, 9, 10].map((position) => [
            kept.before(position),
            kept.behind(position),
            kept.nearest(position),
        ]),
        [
            [undefined, 3, 3],
            [3, 5, 3],
            [3, 5, 3],
            [5, 9, 5],
            [5, 9, 9],
            [9, undefined, 9],
            [9, undefined, 9],
        ],
    )
})
