import assert from 'node:assert/strict'
import { test } from 'node:test'

import { EventsUnderWay } from '../../../src/core/process/events-under-way.js'

const million = 1_000_000
const text = (characters: number) => 'x'.repeat(characters)

/** Adds an event, and gives what answers it; the answer is noted when that returns. */
function given(underWay: EventsUnderWay, event = ''): (response: string) => Promise<void> {
    let answer: (responses: readonly string[]) => void = () => undefined
    const responses = new Promise<readonly string[]>((resolve) => (answer = resolve))
    underWay.add({ event, line: 1, responses })
    return async (response) => {
        answer([response])
        await responses
    }
}

async function answered(underWay: EventsUnderWay, response: string): Promise<void> {
    await given(underWay)(response)
    underWay.takeOldest(response)
}

/** How many events of no size it has room for now, none of which is answered. */
function room(underWay: EventsUnderWay): number {
    let count = 0
    for (; underWay.hasRoom; count++) given(underWay)
    return count
}

test('before the first response there is room for one event alone', () =>
    assert.equal(room(new EventsUnderWay()), 1))

test('what was answered and taken takes no room any more, however much it was', async () => {
    const underWay = new EventsUnderWay()
    for (let i = 0; i < 200; i++) await answered(underWay, text(million))
    const count = room(underWay)
    assert.ok(count > 25 && count <= 34, `${count}`)
})

test('nor does an event that was taken', async () => {
    const underWay = new EventsUnderWay()
    for (let i = 0; i < 60; i++) {
        await given(underWay, text(million))('')
        underWay.takeOldest('')
    }
    assert.equal(room(underWay), 1024)
})

test('behind a large response, others are expected to be large for a while, and then no more', async () => {
    const underWay = new EventsUnderWay()
    await answered(underWay, text(8 * million))
    await answered(underWay, 'small')
    assert.ok(underWay.hasRoom)
    const soon = new EventsUnderWay()
    await answered(soon, text(8 * million))
    await answered(soon, 'small')
    assert.ok(room(soon) <= 6)
    for (let i = 0; i < 1000; i++) await answered(underWay, 'small')
    assert.equal(room(underWay), 1024)
})

test('responses that nobody has taken yet take room, and what waits for some hears when there is', async () => {
    const underWay = new EventsUnderWay()
    await answered(underWay, '')
    const answers = Array.from({ length: 40 }, () => given(underWay))
    for (const answer of answers) await answer(text(million))
    assert.ok(!underWay.hasRoom)
    const change = underWay.change()
    for (let i = 0; i < 10; i++) underWay.takeOldest(text(million))
    await change
    assert.ok(underWay.hasRoom)
})
