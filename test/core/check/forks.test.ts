import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'

import type { CompositionHash } from '../../../src/core/composition/hash.js'
import { counterLog, LogWriter, reductionFile } from '../../support/log-writer.js'
import { dailyFile, makeStore, openAndCheck, summaries } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'

const trunk = counterLog(5)

/** A branch from the nth record of the trunk on. */
function branch(behind: number, ...additions: number[]): LogWriter {
    const hash = trunk.hashes[behind - 1]
    return new LogWriter('2019-04', hash).addAdditions(...additions)
}

async function check(t: TestContext, ...lines: readonly string[]) {
    return openAndCheck(makeStore(temporaryFolder(t), lines))
}

const at = (line: number) => `${dailyFile}:${line}`

test('of two branches the longer counts as the chain, and the other is named with where it begins', async (t) => {
    const long = branch(3, 10, 11, 12)
    const checked = await check(t, ...trunk.lines, ...long.lines)
    assert.deepEqual(summaries(checked), [`fork (error) ${at(4)}`, `unlinked-record (error) ${at(4)}`])
    const [fork, unlinked] = checked.findings.list
    assert.match(fork?.message ?? '', new RegExp(`${dailyFile}:6\\) names the same parent`))
    assert.deepEqual([unlinked?.lines, unlinked?.lastPlace?.line], [2, 5])
    assert.match(unlinked?.message ?? '', /branches off the chain behind .*:3\.$/)
    assert.equal(checked.longest.head, long.head)
    assert.deepEqual(checked.heads, [trunk.head, long.head])
    assert.equal(checked.isOneChain, false)
})

test('of equally long branches the last counts as the chain, as for a host', async (t) => {
    const other = branch(3, 10, 11)
    const checked = await check(t, ...trunk.lines, ...other.lines)
    assert.equal(checked.longest.head, other.head)
    assert.deepEqual(summaries(checked), [`fork (error) ${at(4)}`, `unlinked-record (error) ${at(4)}`])
    const turned = await check(t, ...trunk.lines.slice(0, 3), ...other.lines, ...trunk.lines.slice(3))
    assert.equal(turned.longest.head, trunk.head)
    assert.deepEqual(summaries(turned), [`fork (error) ${at(4)}`, `unlinked-record (error) ${at(4)}`])
})

test('branches whose lines alternate are named line by line', async (t) => {
    const [a, b] = [branch(5, 1, 2, 3), branch(5, 10, 11)]
    const [a1, a2, a3] = a.lines as [string, string, string]
    const [b1, b2] = b.lines as [string, string]
    const checked = await check(t, ...trunk.lines, a1, b1, a2, b2, a3)
    assert.equal(checked.longest.head, a.head)
    assert.deepEqual(summaries(checked), [
        `fork (error) ${at(7)}`,
        `unlinked-record (error) ${at(7)}`,
        `unlinked-record (error) ${at(9)}`,
    ])
})

test('of three branches two are forks', async (t) => {
    const checked = await check(
        t,
        ...trunk.lines,
        ...branch(2, 20).lines,
        ...branch(2, 30).lines,
        ...branch(4, 40).lines,
    )
    assert.equal(checked.findings.count('fork'), 3)
    assert.equal(checked.heads.length, 4)
    assert.deepEqual(
        checked.findings.list.map(({ id, place }) => [id, place?.line]),
        [
            ['fork', 5],
            ['fork', 6],
            ['fork', 7],
            ['unlinked-record', 5],
            ['unlinked-record', 6],
            ['unlinked-record', 7],
        ],
    )
})

test('of two chains from genesis the shorter is named as a chain of its own', async (t) => {
    const other = new LogWriter().addAdditions(10, 11)
    const checked = await check(t, ...trunk.lines, ...other.lines)
    assert.deepEqual(summaries(checked), [`fork (error) ${at(6)}`, `unlinked-record (error) ${at(6)}`])
    assert.match(checked.findings.list[0]?.message ?? '', /genesis, so there are two first records/)
    assert.match(checked.findings.list[1]?.message ?? '', /a chain of its own, which begins at genesis/)
    assert.equal(checked.findings.list[1]?.lines, 2)
    assert.equal(checked.longest.head, trunk.head)
})

test('of heads, those are told that a reduction of what leads to them alone bears witness for', async (t) => {
    const other = branch(4, 10, 11)
    const lines = [...trunk.lines, ...other.lines]
    const helpWith = async (...reduced: readonly CompositionHash[]) => {
        const reductions = Object.fromEntries(reduced.map((hash) => [hash, reductionFile(hash, '1')]))
        const { findings } = await openAndCheck(makeStore(temporaryFolder(t), lines, reductions))
        return /Heads with a witness: .*/.exec(findings.list[0]?.help ?? '')?.[0]
    }
    const short = (hash: string | undefined) => hash?.slice(0, 12)
    const [shared, first] = [trunk.hashes[3]!, other.hashes[0]!]
    assert.equal(await helpWith(shared), undefined)
    assert.equal(
        await helpWith(shared, first),
        `Heads with a witness: ${short(other.head)} (witness: the reduction of ${short(first)}).`,
    )
    assert.equal(
        await helpWith(trunk.head, first),
        `Heads with a witness: ${short(trunk.head)} (witness: the reduction of ${short(trunk.head)}), ${short(other.head)} (witness: the reduction of ${short(first)}).`,
    )
})

test('a log with two heads has not the expected one, whichever that is', async (t) => {
    const other = branch(4, 10, 11)
    const folder = makeStore(temporaryFolder(t), [...trunk.lines, ...other.lines])
    for (const expectHead of [trunk.head, other.head]) {
        const { findings } = await openAndCheck(folder, { expectHead })
        const differs = findings.list.find(({ id }) => id === 'head-differs')
        assert.match(differs?.message ?? '', new RegExp(`2 heads.*${expectHead}`))
    }
})
