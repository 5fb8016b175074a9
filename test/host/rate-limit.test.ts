import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

import fc from 'fast-check'

import { RateLimit } from '../../src/host/rate-limit.js'

test('no more than the limit pass within any window, and what was refused does not count', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.constantFrom('1.2.3.4', '1.2.3.5')))
    fc.assert(
        fc.property(steps, fc.integer({ min: 1, max: 4 }), (requests, limit) => {
            const rateLimit = new RateLimit({ limit, windowMilliseconds: 100 })
            const passed: (readonly [number, string])[] = []
            let now = 0
            for (const [wait, address] of requests) {
                now += wait
                const recent = passed.filter(([time, from]) => from === address && now - time < 100).length
                assert.equal(rateLimit.passes(address, now), recent < limit)
                if (recent < limit) passed.push([now, address])
            }
        }),
    )
})

test('a client of IPv4 is the same, in whatever form its address is given', () => {
    const rateLimit = new RateLimit({ limit: 1, windowMilliseconds: 100 })
    assert.ok(rateLimit.passes('::ffff:1.2.3.4', 0))
    assert.ok(!rateLimit.passes('1.2.3.4', 1))
    assert.ok(rateLimit.passes('2001:db8::1', 1))
    assert.ok(rateLimit.passes('2001:db8:1::1', 1))
})

for (const settings of [
    { limit: 0, windowMilliseconds: 100 },
    { limit: -1, windowMilliseconds: 100 },
    { limit: 1, windowMilliseconds: 0 },
]) {
    test(`nothing is refused by ${JSON.stringify(settings)}`, () => {
        const rateLimit = new RateLimit(settings)
        for (let i = 0; i < 5; i++) assert.ok(rateLimit.passes('1.2.3.4', 0))
    })
}

test('clients that are silent are forgotten', () => {
    const rateLimit = new RateLimit({ limit: 1, windowMilliseconds: 100 })
    const before = heapInUse()
    for (let i = 0; i < 500_000; i++) rateLimit.passes(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, i)
    assert.ok(heapInUse() - before < 10_000_000)
    // Else it would be gone before the heap is looked at.
    assert.ok(rateLimit.passes('10.0.0.1', 500_000))
})

/** Bytes of the heap that are not garbage. */
function heapInUse(): number {
    setFlagsFromString('--expose-gc')
    runInNewContext('gc()')
    return process.memoryUsage().heapUsed
}
