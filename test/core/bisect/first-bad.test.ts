import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { firstBad, type Search, type Verdict } from '../../../src/core/bisect/first-bad.js'

const all = (verdicts: readonly Verdict[], options: Partial<Search> = {}) => {
    const tests: number[] = []
    const look = (position: number) => {
        tests.push(position)
        return Promise.resolve(verdicts[position] ?? 'skip')
    }
    const search = { from: 0, to: verdicts.length - 1, probes: 0, exact: false, ...options }
    return firstBad(look, search).then((sought) => ({ ...sought, tests }))
}

/** What a linear scan says: the first bad state, and the last good one before it. */
function scan(verdicts: readonly Verdict[]) {
    const last = verdicts.indexOf('bad')
    const first = verdicts.lastIndexOf('good', last) + 1
    return last < 0 ? undefined : { first, last }
}

const probes = fc.integer({ min: 0, max: 9 })

test('where the condition holds from some state on, that one is found, as by a linear scan', async () => {
    const cases = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 }), probes)
    await fc.assert(
        fc.asyncProperty(cases, async ([good, bad, count]) => {
            const verdicts = [...Array<Verdict>(good).fill('good'), ...Array<Verdict>(bad).fill('bad')]
            for (const exact of [false, true]) {
                const atHand = (position: number) => 7 * Math.round(position / 7)
                const easily = await all([...verdicts, 'bad'], {
                    probes: count,
                    exact,
                    atHand,
                    to: good + bad - 1,
                })
                assert.deepEqual([easily.outcome, easily.last], ['found', good])
                const sought = await all(verdicts, { probes: count, exact })
                assert.deepEqual([sought.outcome, sought.first, sought.last], ['found', good, good])
                assert.equal(sought.monotonic, true)
                assert.equal(sought.tested, new Set(sought.tests).size)
                assert.equal(sought.tests.length, sought.tested, 'no state is tested twice')
                const bound = exact ? good + 1 : 3 + count + Math.log2((good + bad) / (count + 1))
                assert.ok(sought.tested <= bound + 1, `${sought.tested} of ${good + bad}`)
            }
        }),
    )
})

test('where states are skipped as well, the answer is that of a linear scan: one, or one of these', async () => {
    const some = fc.array(fc.constantFrom<Verdict>('good', 'skip'), { maxLength: 60 })
    const others = fc.array(fc.constantFrom<Verdict>('bad', 'skip'), { maxLength: 60 })
    await fc.assert(
        fc.asyncProperty(some, others, probes, fc.boolean(), async (before, behind, count, exact) => {
            const verdicts: Verdict[] = ['good', ...before, ...behind, 'bad']
            const expected = scan(verdicts)
            const sought = await all(verdicts, { probes: count, exact })
            assert.deepEqual({ first: sought.first, last: sought.last }, expected)
            assert.equal(sought.outcome, expected?.first === expected?.last ? 'found' : 'one-of')
        }),
    )
})

test('where it changes again and again, what is found is a change, and every test of all finds the first', async () => {
    const verdicts = fc.array(fc.constantFrom<Verdict>('good', 'bad'), { minLength: 1, maxLength: 80 })
    await fc.assert(
        fc.asyncProperty(verdicts, probes, async (rest, count) => {
            const states: Verdict[] = ['good', ...rest]
            const sought = await all(states, { probes: count })
            const tested = sought.tests.sort((a, b) => a - b).map((position) => states[position])
            const changes = tested.filter((verdict, at) => at > 0 && verdict !== tested[at - 1]).length
            assert.equal(sought.monotonic, changes <= 1)
            if (sought.outcome === 'found')
                assert.deepEqual([states[sought.last - 1], states[sought.last]], ['good', 'bad'])
            else assert.ok(sought.outcome === 'never' && !tested.includes('bad'))
            const exact = await all(states, { exact: true })
            assert.equal(exact.outcome, rest.includes('bad') ? 'found' : 'never')
            if (exact.outcome === 'found') assert.equal(exact.last, states.indexOf('bad'))
        }),
    )
})

test('a second change is seen among the probes', async () => {
    const stretch = (verdict: Verdict) => Array<Verdict>(100).fill(verdict)
    const states = [...stretch('good'), ...stretch('bad'), ...stretch('good'), ...stretch('bad')]
    const sought = await all(states, { probes: 7 })
    assert.deepEqual([sought.outcome, sought.last, sought.monotonic], ['found', 100, false])
})

test('what holds at the start already is not blamed on a record', async () => {
    for (const exact of [false, true]) {
        assert.equal((await all(['bad', 'bad', 'bad'], { exact })).outcome, 'already')
        assert.equal((await all(['good', 'good'], { exact })).outcome, 'never')
        assert.equal((await all(['skip', 'skip'], { exact })).outcome, 'untestable')
        assert.equal((await all(['good'], { exact })).outcome, 'never')
    }
})

test('a tail that cannot be tested does not hide what comes before it', async () => {
    const sought = await all(['good', 'good', 'bad', 'skip', 'skip'])
    assert.deepEqual([sought.outcome, sought.last], ['found', 2])
})
