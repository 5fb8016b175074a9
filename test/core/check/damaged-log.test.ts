import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'

import { hashFromHex } from '../../../src/core/composition/hash.js'
import { counterLog, hashOf, LogWriter, recordLine, reductionFile } from '../../support/log-writer.js'
import {
    dailyFile,
    fixtureStores,
    makeStore,
    openAndCheck,
    readLog,
    summaries,
    writeLog,
} from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'

const { lines, hashes } = counterLog(10)

async function findingsOf(
    t: TestContext,
    log: readonly (string | Uint8Array)[],
    reductions: Readonly<Record<string, Uint8Array | string>> = {},
) {
    const checked = await openAndCheck(makeStore(temporaryFolder(t), log, reductions))
    return { checked, found: summaries(checked) }
}

/** As a finding with this place is summed up. */
const at = (line: number) => `${dailyFile}:${line}`

test('a line that was cut out is an error at the line before it', async (t) => {
    for (let cut = 1; cut < lines.length - 1; cut++) {
        const { checked, found } = await findingsOf(t, lines.toSpliced(cut, 1))
        assert.deepEqual(found, [`altered-record (error) ${at(cut)}`])
        assert.match(checked.findings.list[0]?.message ?? '', /was changed, or lines behind it were removed/)
        assert.equal(checked.isOneChain, false)
    }
})

test('where a reduction bears witness of the line before, a cut-out line is missing, not altered', async (t) => {
    for (let cut = 1; cut < lines.length - 1; cut++) {
        const before = hashes[cut - 1]!
        const { found } = await findingsOf(t, lines.toSpliced(cut, 1), {
            [before]: reductionFile(before, '1'),
        })
        assert.deepEqual(found, [`missing-parent (error) ${at(cut + 1)}`])
    }
})

test('without its first lines a log cannot be restored, unless a reduction covers it', async (t) => {
    const cut = lines.slice(3)
    const { found } = await findingsOf(t, cut)
    assert.deepEqual(found, ['unrestorable-chain (error)'])
    const first = hashes[3]!
    const covered = await findingsOf(t, cut, { [first]: reductionFile(first, '10') })
    assert.deepEqual(covered.found, [])
    const later = hashes[5]!
    const half = await findingsOf(t, cut, { [later]: reductionFile(later, '21') })
    assert.deepEqual(half.found, ['unreplayable-records (warning)'])
    assert.equal(half.checked.findings.list[0]?.lines, 2)
})

test('a line that cannot be read before a first record of unknown parent may be that parent: the log is not called truncated', async (t) => {
    const reduced = { [hashes[5]!]: reductionFile(hashes[5]!, '21') }
    const damaged = [
        `#${lines[0]!.slice(1)}`,
        lines[0]!.slice(40),
        Buffer.from([0x1f, 0x8b, 8, 0xff]),
        'x'.repeat(30),
    ]
    for (const [i, line] of damaged.entries()) {
        const id = i === 2 ? 'invalid-utf8' : 'malformed-record'
        const { checked, found } = await findingsOf(t, [line, ...lines.slice(1)], reduced)
        assert.deepEqual(found, [`${id} (error) ${at(1)}`, `missing-parent (error) ${at(2)}`])
        assert.match(
            checked.findings.list[1]!.message,
            /may be a line before it that cannot be read, such as .*:1\./,
        )
        // No reduction at all is told in the same words: it is the same cause.
        assert.deepEqual((await findingsOf(t, [line, ...lines.slice(1)])).found, found)
    }
    // Behind the first record, in lines that stand in order, it cannot be the parent.
    const behind = await findingsOf(t, [lines[3]!, 'garbage', ...lines.slice(4)], reduced)
    assert.deepEqual(behind.found, [`malformed-record (error) ${at(2)}`, 'unreplayable-records (warning)'])
    // Where the lines stand in any order, so may the parent.
    const shuffled = await findingsOf(
        t,
        [lines[4]!, lines[3]!, ...lines.slice(5, 9), 'garbage', lines[9]!],
        reduced,
    )
    assert.ok(shuffled.found.includes(`missing-parent (error) ${at(2)}`), shuffled.found.join())
})

test('without its last lines a log is sound, unless the head is known or a reduction is left over', async (t) => {
    const cut = lines.slice(0, -1)
    assert.deepEqual((await findingsOf(t, cut)).found, [])
    const head = hashes.at(-1)!
    const left = await findingsOf(t, cut, { [head]: reductionFile(head, '55') })
    assert.deepEqual(left.found, [`reduction-without-record (error) reduction/${head}`])
    const folder = makeStore(temporaryFolder(t), cut)
    assert.deepEqual(summaries(await openAndCheck(folder, { expectHead: head })), ['head-differs (error)'])
})

test('any record cut out of a store of Kalmit, but the last, is an error', async (t) => {
    for (const { path } of fixtureStores) {
        const folder = temporaryFolder(t)
        const log = readLog(path)
        const order = Object.entries(log).flatMap(([file, inFile]) =>
            inFile.map((_, line) => [file, line] as const),
        )
        for (const [index, [file, line]] of order.slice(0, -1).entries()) {
            if (index % thinned(9, 1) !== 0) continue
            writeLog(folder, { ...log, [file]: log[file]!.toSpliced(line, 1) })
            const { findings } = await openAndCheck(folder)
            assert.ok(findings.counts.error > 0, `${file} without line ${line + 1}`)
        }
    }
})

test('a file that was deleted is an error at the end of the file before it', async (t) => {
    const web = fixtureStores.at(-1)!
    const log = readLog(web.path)
    const files = Object.keys(log)
    const folder = temporaryFolder(t)
    for (const [i, gone] of files.slice(1, -1).entries()) {
        const rest = Object.fromEntries(Object.entries(log).filter(([file]) => file !== gone))
        writeLog(folder, rest)
        const before = files[i]!
        assert.deepEqual(summaries(await openAndCheck(folder)), [
            `altered-record (error) ${before}:${log[before]!.length}`,
        ])
    }
})

test('a parent reference in which a digit or two were altered is an error at its own line', async (t) => {
    for (const line of [0, 1, 5, 8]) {
        for (const digits of [[0], [63], [10, 40]]) {
            const altered = lines.with(line, alterReference(lines[line]!, digits))
            const { checked, found } = await findingsOf(t, altered)
            assert.ok(found.includes(`altered-record (error) ${at(line + 1)}`), found.join('\n'))
            assert.equal(checked.findings.count('altered-record'), 1)
            assert.equal(checked.findings.count('missing-parent'), 0)
        }
    }
})

test('the last line is accused of an altered reference, too', async (t) => {
    const { found } = await findingsOf(t, lines.with(9, alterReference(lines[9]!, [3])))
    assert.deepEqual(found, [`altered-record (error) ${at(10)}`])
})

test('altered content is an error at its own line', async (t) => {
    for (let line = 0; line < 9; line++) {
        const altered = lines.with(line, lines[line]!.replace('addition', 'subtraction'))
        assert.deepEqual((await findingsOf(t, altered)).found, [`altered-record (error) ${at(line + 1)}`])
    }
})

test('two altered lines, one behind the other, are two errors', async (t) => {
    const alter = (line: string) => line.replace('addition', 'subtraction')
    const altered = lines.with(4, alter(lines[4]!)).with(5, alter(lines[5]!))
    const { checked, found } = await findingsOf(t, altered)
    assert.deepEqual(found, [`altered-record (error) ${at(5)}`, `altered-record (error) ${at(6)}`])
    assert.equal(checked.longest.length, 10)
    assert.equal(checked.isOneChain, false)
})

test('a line that is no record any more is named, and so is the record behind it', async (t) => {
    const { found } = await findingsOf(t, lines.with(4, lines[4]!.slice(0, -1)))
    assert.deepEqual(found, [`malformed-record (error) ${at(5)}`, `missing-parent (error) ${at(6)}`])
})

test('a line that is no record does no harm to a chain that is whole without it', async (t) => {
    const { checked, found } = await findingsOf(t, lines.toSpliced(4, 0, '# a note'))
    assert.deepEqual(found, [`malformed-record (error) ${at(5)}`])
    assert.equal(checked.longest.length, 10)
    assert.equal(checked.isOneChain, false)
})

test('a record of nowhere is not part of the chain, wherever but at the end it stands', async (t) => {
    const stray = recordLine({ parent: hashOf('of another log'), events: ['{}'] })
    for (let line = 0; line < 10; line++) {
        const { checked, found } = await findingsOf(t, lines.toSpliced(line, 0, stray))
        assert.deepEqual(found, [`unlinked-record (error) ${at(line + 1)}`])
        assert.equal(checked.heads.length, 2)
        assert.equal(checked.longest.head, hashes.at(-1))
    }
})

test('pieces that each stand where the other seems to end are not taken for a circle', async (t) => {
    const piece = new LogWriter('2019-04', hashOf('gone')).addAdditions(1, 2, 3)
    const [root, middle, tail] = [piece.lines[0]!, piece.lines[1]!, piece.lines[2]!]
    const stray = recordLine({ parent: hashOf('gone as well') })
    const { checked } = await findingsOf(t, [lines[0]!, middle, tail, stray, root])
    assert.equal(checked.isOneChain, false)
    assert.ok(checked.findings.counts.error > 0)
    assert.ok(checked.longest.length >= 3)
})

test('a copy of a record is a warning, and as the last line an error: a host would start there', async (t) => {
    for (let line = 1; line < 10; line++) {
        const copied = await findingsOf(t, lines.toSpliced(line, 0, lines[0]!))
        assert.deepEqual(copied.found, [`duplicate-record (warning) ${at(line + 1)}`])
        assert.equal(copied.checked.isOneChain, true)
    }
    const { checked, found } = await findingsOf(t, [...lines, lines[4]!])
    assert.deepEqual(found, [`head-not-last (error) ${at(10)}`, `duplicate-record (warning) ${at(11)}`])
    assert.deepEqual(checked.heads, [hashes.at(-1)])
})

test('a copy of the head as the last line is a warning only: a host starts from the same record', async (t) => {
    const { found } = await findingsOf(t, [...lines, lines[9]!])
    assert.deepEqual(found, [`duplicate-record (warning) ${at(11)}`])
})

test('lines out of order are a warning, and an error where the head is not the last line', async (t) => {
    const swapped = lines.with(4, lines[5]!).with(5, lines[4]!)
    assert.deepEqual((await findingsOf(t, swapped)).found, [`out-of-order (warning) ${at(5)}`])
    const turned = await findingsOf(t, lines.toReversed())
    assert.deepEqual(turned.found, [`head-not-last (error) ${at(1)}`, `out-of-order (warning) ${at(9)}`])
})

/** Another digit in some places of the 64 that name the parent. */
function alterReference(line: string, places: readonly number[]): string {
    const [hash] = /[0-9A-F]{64}/.exec(line)!
    const digits = Array.from(hash)
    for (const place of places) digits[place] = digits[place] === '0' ? '1' : '0'
    return line.replace(hash, hashFromHex(digits.join(''))!)
}
