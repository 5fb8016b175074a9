import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { withApp } from '../support/cli.js'
import { errorOf, resultOf } from '../support/envelope.js'
import { counterLog, LogWriter } from '../support/log-writer.js'
import { fixtureStores, makeStore } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { thinned } from '../support/thinned.js'

const { path, expected } = fixtureStores[2]!
const app = withApp()

describe('replay --until', () => {
    // The counter of n records that add 1, 2, … n is at n (n + 1) / 2.
    const log = counterLog(12)
    const hash = log.hashes[8]!
    const refs: Readonly<Record<string, number>> = {
        first: 1,
        '#9': 9,
        head: 12,
        'head~3': 9,
        'head~11': 1,
        [hash]: 9,
        [hash.slice(0, 6).toLowerCase()]: 9,
    }
    /** One of each form. */
    const refsAsked = Object.entries(refs).filter(([ref]) =>
        thinned(!/^(?:head~11|[0-9A-F]{64})$/.test(ref), true),
    )

    test('takes every form of REF', async (t) => {
        const store = makeStore(temporaryFolder(t), log.lines)
        for (const [ref, position] of refsAsked) {
            const result = await resultOf('replay', [store, ...app, '--until', ref])
            assert.equal(result.position, position, ref)
            assert.equal(result.hash, log.hashes[position - 1], ref)
            assert.equal(result.state, String((position * (position + 1)) / 2), ref)
        }
    })

    test('counts positions in the chain, whatever the order of the lines', async (t) => {
        const store = makeStore(temporaryFolder(t), log.lines.toReversed())
        const result = await resultOf('replay', [store, ...app, '--until', '#9'])
        assert.equal(result.hash, hash)
        assert.equal(result.state, '45')
    })

    const unknown: Readonly<Record<string, RegExp>> = {
        '#49': /^#49 names no record: the chain has 48\./,
        'head~48': /^head~48 names no record: the chain has 48\./,
        AAAAAAAA: /^No record of the chain has a hash that begins with AAAAAAAA\./,
    }
    for (const [ref, message] of Object.entries(unknown)) {
        test(`ends with 2 where ${ref} names no record, and says what would`, async () => {
            const error = await errorOf('replay', [path, ...app, '--until', ref])
            assert.equal(error.exitCode, 2)
            assert.equal(error.code, 'unknown-ref')
            assert.match(error.message, message)
            assert.notEqual(error.hint, null)
        })
    }

    const noRefs = ['xyz', '#0', 'head~', '', `${hash}0`]
    const moreNoRefs = ['ABC12', '#', '#-1', 'head~x', 'HEAD']
    for (const ref of thinned(noRefs, [...noRefs, ...moreNoRefs])) {
        test(`ends with 2 where "${ref.slice(0, 12)}" is no REF, and shows the forms of one`, async () => {
            const error = await errorOf('replay', [path, ...app, '--until', ref])
            assert.equal(error.exitCode, 2)
            assert.equal(error.code, 'usage')
            assert.equal(error.message, `--until: "${ref}" does not name a record.`)
            assert.match(error.hint ?? '', /head~3, first, #12/)
        })
    }

    test('ends with 2 where a prefix fits two records, and asks for more digits', async (t) => {
        const { lines, prefix } = logWithSharedPrefix()
        const store = makeStore(temporaryFolder(t), lines)
        const error = await errorOf('replay', [store, ...app, '--until', prefix])
        assert.equal(error.exitCode, 2)
        assert.equal(error.code, 'ambiguous-ref')
        assert.match(error.message, new RegExp(prefix))
        assert.equal(error.hint, 'Give more digits of the hash.')
    })

    test('names only records up to the head that --head chooses', async () => {
        const result = await resultOf('replay', [path, ...app, '--head', '#20', '--until', 'head~2'])
        assert.equal(result.position, 18)
        const error = await errorOf('replay', [path, ...app, '--head', '#20', '--until', expected.tip])
        assert.equal(error.code, 'unknown-ref')
    })
})

/** Two records whose hashes share 6 digits: 24 bits, so some thousands of records hold such a pair. */
function logWithSharedPrefix(): { readonly lines: readonly string[]; readonly prefix: string } {
    const log = new LogWriter()
    const seen = new Set<string>()
    for (let addition = 0; ; addition++) {
        const prefix = log.addAdditions(addition).head.slice(0, 6)
        if (seen.has(prefix)) return { lines: log.lines, prefix }
        seen.add(prefix)
    }
}
