import assert from 'node:assert/strict'
import { test } from 'node:test'

import { headsOf, listOfHeads } from '../../../../src/core/composition/chain/heads.js'
import type { CompositionHash } from '../../../../src/core/composition/hash.js'

const hash = (row: number) => row.toString(16).padStart(2, '0').repeat(32) as CompositionHash

test('of many heads those with a witness are listed first, and none goes unsaid', () => {
    // All of them branch off the first record, and the last one by a record between.
    const parents = Int32Array.of(-1, 0, 0, 0, 0, 0, 0, 0, 7)
    const rows = [1, 2, 3, 4, 5, 6, 8]
    const reduced = [hash(0), hash(7)]
    const heads = headsOf(rows, parents, {
        hash,
        isReduced: (each) => reduced.includes(each),
        named: hash(6),
    })
    assert.deepEqual(
        heads.map(({ witness }) => witness),
        [...Array<undefined>(5).fill(undefined), 'the head file', 'the reduction of 070707070707'],
    )
    assert.equal(
        listOfHeads(heads, ''),
        '060606060606 (witness: the head file), 080808080808 (witness: the reduction of 070707070707), 010101010101, 020202020202, 030303030303, or 2 more',
    )
})
