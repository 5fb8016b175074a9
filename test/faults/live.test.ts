// The short form of what `npm run test:faults` does in a hundred rounds each: others at work on the same store.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { thinned } from '../support/thinned.js'
import { sweepHostAtSteps, sweepHosts } from './live-host.js'
import { subjectNamed } from './subjects.js'
import { sweepTwoWriters } from './two-writers.js'

test('a record that a host appends while its log is cut or put in order is never lost', async () => {
    assert.equal((await sweepHosts(subjectNamed('truncate'), thinned(1, 4))).describeLost(), '')
    assert.equal((await sweepHosts(subjectNamed('reorder --in-place'), thinned(1, 4))).describeLost(), '')
})

test('a record that a host appends just before a step of a command is never lost', async () => {
    for (const name of ['truncate', 'reorder --in-place'])
        assert.equal(
            (await sweepHostAtSteps(subjectNamed(name), { every: thinned(9, 4) })).describeLost(),
            '',
        )
})

test('a command that does not see what a host appends loses some of it', async () => {
    const control = { weakness: 'blind-to-growth', every: thinned(3, 1) } as const
    assert.ok((await sweepHostAtSteps(subjectNamed('truncate'), control)).isGood)
})

test('of two writers at once one waits, or is told whom for', async () =>
    assert.equal(
        (await sweepTwoWriters(subjectNamed('truncate --archive'), thinned(2, 6))).describeLost(),
        '',
    ))

test('without the lock, two writers at once do harm', async () =>
    assert.ok((await sweepTwoWriters(subjectNamed('truncate --archive'), 6, 'without-lock')).isGood))
