import assert from 'node:assert/strict'
import { appendFileSync } from 'node:fs'
import { type TestContext, test } from 'node:test'

import { type CheckedLog } from '../../../src/core/check/check-log.js'
import { chooseChain, positionOf } from '../../../src/core/check/choose-chain.js'
import { parseRef } from '../../../src/core/composition/ref.js'
import { ComplogError, type ErrorCode } from '../../../src/core/errors.js'
import { counterLog, LogWriter, reductionFile } from '../../support/log-writer.js'
import { makeStore, openAndCheck } from '../../support/stores.js'
import { temporaryFolder, writeFiles } from '../../support/temporary.js'

const { lines, hashes, head } = counterLog(6)

async function check(t: TestContext, log: readonly string[]): Promise<CheckedLog> {
    return openAndCheck(makeStore(temporaryFolder(t), log))
}

/** The position that a reference names in the one chain of a log. */
async function resolve(checked: CheckedLog, ref: string): Promise<number> {
    return positionOf({ chain: checked.longest, head: checked.longest.length }, parseRef(ref))
}

function isError(code: ErrorCode, message: RegExp, hint = /./) {
    return (error: unknown) => {
        assert.ok(error instanceof ComplogError)
        assert.equal(error.code, code)
        assert.match(error.message, message)
        assert.match(error.hint ?? '', hint)
        return true
    }
}

test('every form of a reference finds its record, in logs in order and out of order', async (t) => {
    for (const log of [lines, lines.toReversed()]) {
        const checked = await check(t, log)
        for (const [ref, position] of [
            ['head', 6],
            ['head~0', 6],
            ['head~5', 1],
            ['first', 1],
            ['#1', 1],
            ['#6', 6],
            [hashes[3]!, 4],
            [hashes[3]!.slice(0, 6).toLowerCase(), 4],
            [`${hashes[3]!.slice(0, 12)}~3`, 1],
            ['#5~2', 3],
            ['@2019-04-01', 6],
            ['@2019-04-02T13:05~4', 2],
        ] as const) {
            assert.equal(await resolve(checked, ref), position, ref)
            const chosen = await chooseChain(checked, parseRef(ref))
            assert.equal(chosen.head, position)
            for await (const [record] of chosen.chain.read(position, position))
                assert.equal(record?.hash, hashes[position - 1])
        }
    }
})

test('a reference beyond either end of the chain names what there is', async (t) => {
    const checked = await check(t, lines)
    await assert.rejects(resolve(checked, 'head~6'), isError('unknown-ref', /head~6 .*has 6/, /#1 to #6/))
    await assert.rejects(
        resolve(checked, '#3~3'),
        isError('unknown-ref', /#3~3 .*the chain has 2/, /#1 to #6/),
    )
    await assert.rejects(chooseChain(await check(t, lines.toReversed()), parseRef(`${head}~6`)), {
        code: 'unknown-ref',
    })
    await assert.rejects(
        resolve(checked, '@2019-03-31T23:59'),
        isError('unknown-ref', /2019-03-31T23:59:00.000Z or before/, /2019-04-01T00:00:00.000Z/),
    )
    await assert.rejects(resolve(checked, '#7'), isError('unknown-ref', /#7 .*has 6/))
    await assert.rejects(resolve(checked, '000000000'), isError('unknown-ref', /begins with 000000000/))
})

test('in an empty log only the head names something: the initial state', async (t) => {
    const checked = await check(t, [])
    assert.equal(await resolve(checked, 'head'), 0)
    for (const ref of ['first', 'head~1', '#1', 'ABCDEF'])
        await assert.rejects(resolve(checked, ref), isError('unknown-ref', /./))
})

test('digits that begin two hashes name neither, more digits name one', async (t) => {
    const log = new LogWriter()
    const seen = new Map<string, number>()
    let twins: readonly number[] | undefined
    for (let i = 0; twins === undefined; i++) {
        const prefix = log.add({ events: [String(i)] }).slice(0, 6)
        const other = seen.get(prefix)
        if (other !== undefined) twins = [other, i]
        seen.set(prefix, i)
    }
    const [a, b] = [log.hashes[twins[0]!]!, log.hashes[twins[1]!]!]
    for (const inLog of [log.lines, log.lines.toReversed()]) {
        const checked = await check(t, inLog)
        const ref = parseRef(a.slice(0, 6))
        await assert.rejects(
            resolve(checked, a.slice(0, 6)),
            isError('ambiguous-ref', /More than one/, /digits/),
        )
        await assert.rejects(chooseChain(checked, ref), isError('ambiguous-ref', /More than one/))
        assert.equal(await resolve(checked, a), twins[0]! + 1)
        assert.equal(await resolve(checked, b), twins[1]! + 1)
    }
})

test('a log with two heads is refused, and names them; a hash chooses any record as the head', async (t) => {
    const other = new LogWriter('2019-04', hashes[3]).addAdditions(50)
    const checked = await check(t, [...lines, ...other.lines])
    const names = new RegExp(`${head.slice(0, 12)}.*${other.head.slice(0, 12)}`)
    await assert.rejects(chooseChain(checked, undefined), isError('two-heads', names, /--head/))
    await assert.rejects(chooseChain(checked, parseRef('head')), isError('usage', /only a hash/, names))
    for (const [hash, expected] of [
        [head, hashes],
        [other.head, [...hashes.slice(0, 4), other.head]],
        [hashes[2]!, hashes.slice(0, 3)],
        [`${other.head}~1`, hashes.slice(0, 4)],
    ] as const) {
        const { chain, head: length } = await chooseChain(checked, parseRef(hash))
        assert.equal(length, expected.length)
        const found = []
        for await (const batch of chain.read(1, length)) found.push(...batch.map((record) => record.hash))
        assert.deepEqual(found, expected)
    }
    await assert.rejects(chooseChain(checked, parseRef('000000000')), isError('unknown-ref', /000000000/))
})

test('a broken chain is refused with the place of the break, and used up to it or from it on by name', async (t) => {
    const checked = await check(t, lines.toSpliced(3, 1))
    await assert.rejects(chooseChain(checked, undefined), (error) => {
        assert.equal((error as ComplogError).place?.line, 3)
        return isError('broken-chain', /not one whole chain/, /--head/)(error)
    })
    assert.equal((await chooseChain(checked, parseRef(hashes[2]!))).chain.length, 3)
    const rest = await chooseChain(checked, parseRef(head))
    assert.deepEqual([rest.chain.length, rest.chain.oldestParent], [2, hashes[3]])
})

test('of the pieces of a broken chain, those with a witness are named first, then the longest', async (t) => {
    const folder = makeStore(temporaryFolder(t), lines.toSpliced(3, 1))
    const short = (at: number) => hashes[at]!.slice(0, 12)
    const pieces = async () => {
        const error = await chooseChain(await openAndCheck(folder), undefined).catch(
            (thrown: unknown) => thrown,
        )
        return /newest record: (.*?)\. Run/.exec((error as ComplogError).hint ?? '')?.[1]
    }
    assert.equal(await pieces(), `${short(2)} (#3), ${short(5)} (#2)`)
    writeFiles(folder, { [`reduction/${hashes[4]!}`]: reductionFile(hashes[4]!, '1') })
    assert.equal(await pieces(), `${short(5)} (#2, witness: the reduction of ${short(4)}), ${short(2)} (#3)`)
})

test('a torn tail is refused, and the last whole record is offered', async (t) => {
    const folder = makeStore(temporaryFolder(t), lines)
    const torn = await openAndCheck(folder)
    assert.equal(torn.isOneChain, true)
    appendFileSync(torn.store.logFiles.at(0)!.absolutePath, '{"Parent')
    const checked = await openAndCheck(folder)
    await assert.rejects(
        chooseChain(checked, undefined),
        isError('torn-tail', /within a record/, new RegExp(`--head ${head.slice(0, 12)}`)),
    )
    assert.equal((await chooseChain(checked, parseRef(head))).head, 6)
    assert.equal((await chooseChain(checked, parseRef('head~1'))).head, 5)
})
