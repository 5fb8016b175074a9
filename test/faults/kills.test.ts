// The short form of the sweep that `npm run test:faults` does whole: real processes, killed at real system calls.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { thinned } from '../support/thinned.js'
import { whyNoStrace } from './strace.js'
import { subjectNamed, subjects } from './subjects.js'
import { sweepErrors, sweepKills } from './sweep.js'

const skip = whyNoStrace() ?? false

const withErrors = subjects.filter((_, index) => index % thinned(5, 1) === 0)

for (const subject of subjects.filter((_, index) => index % thinned(2, 1) === 0)) {
    test(`a kill at any system call leaves a store as before or after, and run again it finishes: ${subject.name}`, {
        skip,
    }, async () => {
        const tally = await sweepKills(subject, { every: 97 })
        assert.ok(tally.injected > 0)
        assert.equal(tally.missed, 0)
        assert.equal(tally.describeLost(), '')
    })

    if (!withErrors.includes(subject)) continue
    test(`a disk that fails ends the command with 16 and leaves a usable store: ${subject.name}`, {
        skip,
    }, async () => {
        const tally = await sweepErrors(subject, () => ['EIO'], { every: 97 })
        assert.ok(tally.injected > 0)
        assert.equal(tally.describeLost(), '')
    })
}

test('the sweep of kills notices a command that removes files and writes them anew', { skip }, async () => {
    const tally = await sweepKills(subjectNamed('truncate'), {
        weakness: 'without-rename',
        every: thinned(8, 2),
    })
    assert.ok(tally.isGood, `${tally.lost.length} of ${tally.injected}`)
})

test('the sweep of errors notices a command that ignores a sync that fails', { skip }, async () => {
    const tally = await sweepErrors(
        subjectNamed('truncate'),
        ({ name }) => (name === 'fsync' ? ['EIO'] : []),
        { weakness: 'deaf-to-sync', every: thinned(7, 3) },
    )
    assert.ok(tally.isGood, `${tally.lost.length} of ${tally.injected}`)
})
