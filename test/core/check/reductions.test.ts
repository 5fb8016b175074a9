import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'

import { genesis } from '../../../src/core/composition/hash.js'
import { counterLog, hashOf, LogWriter, reductionFile } from '../../support/log-writer.js'
import { dailyFile, makeStore, openAndCheck, summaries } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'

const { lines, hashes, head } = counterLog(6)
const elsewhere = hashOf('a record of another log')

type Reductions = Readonly<Record<string, Uint8Array | string>>

async function check(t: TestContext, log: readonly (string | Uint8Array)[], reductions: Reductions) {
    return openAndCheck(makeStore(temporaryFolder(t), log, reductions))
}

test('a sound reduction can be used at the position of its record, whatever its form and the case of its name', async (t) => {
    const checked = await check(t, lines, {
        [hashes[0]!]: reductionFile(hashes[0]!, '1', '2018-11'),
        [hashes[2]!.toLowerCase()]: reductionFile(hashes[2]!, '6', '2019-03'),
        [head]: reductionFile(head, '21', '2019-04').subarray(3),
    })
    assert.deepEqual(summaries(checked), [
        `reduction-misnamed (warning) reduction/${hashes[2]!.toLowerCase()}`,
        `reduction-form (note) reduction/${head}`,
    ])
    assert.equal(checked.reductions, 3)
    assert.deepEqual(
        [...checked.usableReductions].sort(([, a], [, b]) => a - b),
        [
            [hashes[0], 1],
            [hashes[2], 3],
            [head, 6],
        ],
    )
})

test('garbage, a wrong hash and a wrong name are each an error at the file, and go unused', async (t) => {
    const twin = hashes[1]!
    const checked = await check(t, lines, {
        [hashes[0]!]: '\uFEFF{',
        [twin]: reductionFile(hashes[2]!, '6'),
        'notes.txt': 'hello',
        [`backup/${head}`]: reductionFile(head, '21'),
        [`${head}.bak`]: reductionFile(head, '21'),
    })
    assert.deepEqual(summaries(checked).sort(), [
        `reduction-hash-mismatch (error) reduction/${twin}`,
        `reduction-malformed (error) reduction/${hashes[0]!}`,
        `reduction-misnamed (error) reduction/${head}.bak`,
        `reduction-misnamed (error) reduction/backup/${head}`,
        'reduction-misnamed (error) reduction/notes.txt',
    ])
    assert.equal(checked.usableReductions.size, 0)
    assert.equal(checked.isOneChain, true)
})

test('of two files for one record the second is misnamed', async (t) => {
    const folder = makeStore(temporaryFolder(t), lines, {
        [head]: reductionFile(head, '21'),
        [head.toLowerCase()]: reductionFile(head, '21'),
    })
    const checked = await openAndCheck(folder)
    if (checked.findings.counts.error === 0) {
        t.skip('this file system does not tell upper from lower case')
        return
    }
    assert.deepEqual(summaries(checked), [`reduction-misnamed (error) reduction/${head.toLowerCase()}`])
    assert.equal(checked.usableReductions.size, 1)
})

test('a reduction without record is an error where the log is whole, a warning where it was truncated', async (t) => {
    const stray = { [elsewhere]: reductionFile(elsewhere, '1') }
    const place = `reduction/${elsewhere}`
    const whole = await check(t, lines, stray)
    assert.deepEqual(summaries(whole), [`reduction-without-record (error) ${place}`])
    const first = hashes[2]!
    const truncated = await check(t, lines.slice(2), { ...stray, [first]: reductionFile(first, '6') })
    assert.deepEqual(summaries(truncated), [`reduction-without-record (warning) ${place}`])
})

test('a truncated log whose reductions all point to nothing cannot be restored', async (t) => {
    const checked = await check(t, lines.slice(2), {
        [elsewhere]: reductionFile(elsewhere, '1'),
        [hashes[0]!]: reductionFile(hashes[0]!, '1'),
    })
    assert.deepEqual(
        summaries(checked).sort(),
        [
            `reduction-without-record (warning) reduction/${hashes[0]!}`,
            `reduction-without-record (warning) reduction/${elsewhere}`,
            'unrestorable-chain (error)',
        ].sort(),
    )
})

test('nor can one whose only reduction is not sound', async (t) => {
    const first = hashes[2]!
    const checked = await check(t, lines.slice(2), { [first]: '{}' })
    assert.deepEqual(summaries(checked), [
        `reduction-malformed (error) reduction/${first}`,
        'unrestorable-chain (error)',
    ])
})

test('reductions without any record are one error: a host would start from the initial state', async (t) => {
    const reductions = { [head]: reductionFile(head, '21'), [elsewhere]: reductionFile(elsewhere, '1') }
    const checked = await check(t, [], reductions)
    assert.deepEqual(summaries(checked), ['records-missing (error)'])
    assert.match(checked.findings.list[0]?.message ?? '', /2 reduction/)
    const garbage = await check(t, ['garbage'], reductions)
    assert.deepEqual(summaries(garbage), [
        `malformed-record (error) ${dailyFile}:1`,
        'records-missing (error)',
    ])
})

test('the expected head of an empty log is genesis', async (t) => {
    const folder = makeStore(temporaryFolder(t), [])
    assert.deepEqual(summaries(await openAndCheck(folder, { expectHead: genesis })), [])
    assert.deepEqual(summaries(await openAndCheck(folder, { expectHead: head })), ['head-differs (error)'])
})

test('a reduction of a record beside the chain is not without record, and cannot be used', async (t) => {
    const other = counterLog(2)
    other.addAdditions(50)
    const checked = await check(t, [...lines, other.lines[2]!], {
        [other.head]: reductionFile(other.head, '53'),
    })
    assert.equal(checked.findings.count('reduction-without-record'), 0)
    assert.equal(checked.usableReductions.size, 0)
    assert.equal(checked.findings.count('fork'), 1)
})

test('the form of the newest reduction is told as what hosts of other times make of it', async (t) => {
    const formOf = async (log: readonly string[], reduction: Buffer, hash = head) => {
        const older = { [hashOf(log[0]!)]: reductionFile(hashOf(log[0]!), '1', '2018-11') }
        const { findings } = await check(t, log, { ...older, [hash]: reduction })
        return findings.list
            .filter(({ id }) => id === 'reduction-form')
            .map(({ severity, message, host }) => `${severity}: ${message} ${host}`)
    }
    const written = reductionFile(head, '21')
    assert.deepEqual(await formOf(lines, written), [])

    const ofApril = reductionFile(head, '21', '2019-04')
    const [marked, ...others] = await formOf(lines, ofApril)
    assert.match(
        marked!,
        /^note: .*ReducedValueLiteralString.* since 2019-09-30 take its value for null.*mark\.$/,
    )
    assert.deepEqual(others, [])
    assert.doesNotMatch((await formOf(lines, ofApril.subarray(3))).join(), /mark/)

    const [ofMark] = await formOf(lines, Buffer.concat([Buffer.from('\uFEFF'), written]))
    assert.match(ofMark!, /^note: .*byte order mark.*2020-03-08 to 2020-04-19 do not start/)

    const [ofNovember] = await formOf(lines, reductionFile(head, '21', '2018-11'))
    assert.match(ofNovember!, /^warning: .*form of 2018-11.*since 2019-04-09 refuse/)

    const march = new LogWriter('2019-03').addAdditions(1, 2, 3)
    const [ofLater] = await formOf(march.lines, reductionFile(march.head, '6'), march.head)
    assert.match(ofLater!, /^warning: .*generation 2019-03.*until 2019-04-08 refuse to start/)

    const november = new LogWriter('2018-11').addAdditions(1, 2, 3)
    const own = reductionFile(november.head, '6', '2018-11')
    assert.deepEqual(await formOf(november.lines, own, november.head), [])
})

test('a hash in lower case and a second value are told of any reduction', async (t) => {
    const json = (fields: object) => JSON.stringify({ ReducedValue: { LiteralString: '1' }, ...fields })
    const checked = await check(t, lines, {
        [hashes[0]!]: json({ ReducedCompositionHashBase16: hashes[0]!.toLowerCase() }),
        [hashes[1]!]: json({ ReducedCompositionHashBase16: hashes[1]!, ReducedValueLiteralString: '3' }),
        [head]: reductionFile(head, '21'),
    })
    assert.deepEqual(
        summaries(checked),
        [hashes[0]!, hashes[1]!].sort().map((hash) => `reduction-form (warning) reduction/${hash}`),
    )
})
