// The short form of what `npm run test:faults` does with every bit and every byte.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { sweepBitsOfLog, sweepBitsOfReductions } from './bits.js'
import { subjectNamed } from './subjects.js'
import { sweepTornTails } from './torn-tails.js'

test('a flipped bit anywhere in a log ends verify-chain with 3, in its last record by the expected head', async () =>
    assert.equal((await sweepBitsOfLog(59)).describeLost(), ''))

test('without an expected head, some flips in the last record do not show', async () =>
    assert.ok((await sweepBitsOfLog(59, false)).isGood))

test('a flipped bit in a reduction that changes what it says shows by replay', async () =>
    assert.equal((await sweepBitsOfReductions(19)).describeLost(), ''))

test('a log cut at any byte is a torn tail, which no command that writes touches', async () =>
    assert.equal((await sweepTornTails(subjectNamed('truncate'), 41)).describeLost(), ''))
