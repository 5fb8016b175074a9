import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'

import { parseRef } from '../../../../src/core/composition/ref.js'
import { readLater } from '../../../../src/core/later/reading/read-later.js'
import { verifyLater } from '../../../../src/core/later/verify-later.js'
import { planRepair } from '../../../../src/core/rewrite/repair/plan-repair.js'
import { repair } from '../../../../src/core/rewrite/repair/repair.js'
import type { RepairOptions } from '../../../../src/core/rewrite/repair/repair-plan.js'
import { laterStoreAt } from '../../../../src/core/store/recognise.js'
import { crashAfter } from '../../../support/crash.js'
import { expectedOfLater, filesOfLater, laterStoreNames, unpackLater } from '../../../support/later-stores.js'
import { putTogether } from '../../../support/repaired.js'
import { linesOf } from '../../../support/stores.js'
import { readFiles, temporaryFolder, writeFiles } from '../../../support/temporary.js'
import { thinned } from '../../../support/thinned.js'

function opened(path: string) {
    const store = laterStoreAt(path)
    assert.ok(store)
    return store
}

async function repaired(store: string, options: RepairOptions = {}) {
    const plan = await planRepair(opened(store), options)
    await repair(plan)
    return plan
}

async function hashesIn(store: string): Promise<ReadonlySet<string>> {
    const { log } = await readLater(opened(store))
    return new Set(Array.from({ length: log.table.length }, (_, row) => log.table.hashAt(row)))
}

/** What was damaged, and whether it takes `--quarantine` to mend it. */
const mended: Readonly<Record<string, RepairOptions>> = {
    'empty-line-v2022-03-20': {},
    'two-empty-lines-v2022-03-20': {},
    'no-last-lf-v2022-03-20': {},
    'torn-merged-then-reduction-v2024-03-24': {},
    'torn-then-clock-back-v2021-09-01': {},
    'torn-then-later-minute-v2024-03-24': {},
    'torn-then-same-minute-v2022-03-20': {},
    'v0418-c12_crlf': {},
    'g2-last-lf-missing-same-hour': {},
    'g2-two-records-on-one-line': {},
    'stray-ds-store-v2022-03-20': { quarantine: true },
    'reduction-other-hash-v2022-03-20': { quarantine: true },
    'g3d-plain-wrong-beside-deflated-sound': { quarantine: true },
    'g3d-plain-sound-beside-deflated-torn': { quarantine: true },
}

describe('what hosts or people have damaged is mended, and no record is lost', () => {
    for (const [name, options] of Object.entries(mended)) {
        test(name, async (t) => {
            const store = unpackLater(`damaged/${name}`, temporaryFolder(t))
            const [before, files] = [await hashesIn(store), readFiles(store)]
            const plan = await repaired(store, options)
            const { findings, isSound, head } = await verifyLater(opened(store))
            assert.deepEqual([isSound, findings.list], [true, []])
            assert.equal(head, plan.head)
            const after = await hashesIn(store)
            for (const hash of before) assert.ok(after.has(hash), hash)
            assertKept(store, files)
            assert.deepEqual((await planRepair(opened(store), options)).parts, [])
        })
    }

    test('nothing else is touched: a record that is gone or altered takes a backup', async (t) => {
        const folder = temporaryFolder(t)
        for (const name of laterStoreNames) {
            const isMended =
                name.replace('damaged/', '') in mended || name === 'damaged/g2-copied-older-file-after'
            if (!name.startsWith('damaged/') || isMended) continue
            const { isSound } = await verifyLater(opened(unpackLater(name, folder)))
            if (isSound) continue
            for (const quarantine of [false, true]) {
                if (quarantine && /torn-then|g2-fork/.test(name)) continue
                const plan = planRepair(opened(join(folder, name)), { quarantine })
                if (/torn-then/.test(name)) assert.ok((await plan).parts.length > 0)
                else await assert.rejects(plan, { code: 'error-findings' }, name)
            }
        }
    })
})

/** All bytes that were there are there, in the log or in the quarantine. */
function assertKept(store: string, before: Readonly<Record<string, Buffer>>): void {
    const after = { ...readFiles(store), ...putTogether(store, '.') }
    const values = Object.values(after)
    const isLeft = (bytes: Buffer | undefined, path: string) =>
        bytes !== undefined && withoutLineEnds(bytes) === withoutLineEnds(before[path]!)
    for (const path of Object.keys(before))
        assert.ok(isLeft(after[path], path) || values.some((other) => isLeft(other, path)), path)
}

/** Where nothing but line ends was added, nothing is kept. */
function withoutLineEnds(bytes: Buffer): string {
    return bytes.toString('latin1').replaceAll('\n', '')
}

const byMinute = 'plain-v2022-03-20'
const minuteFiles = Object.keys(filesOfLater(byMinute)).filter((path) => path.includes('literal/'))

describe('with --quarantine', () => {
    test('copies go: of a file under another name, of a line, wherever they sort', async (t) => {
        const store = unpackLater(byMinute, temporaryFolder(t))
        const [first, second] = minuteFiles.map((path) => filesOfLater(byMinute)[path]!)
        writeFiles(store, {
            [`${minuteFiles[0]!}~`]: first!,
            'composition-log/literal/0000-copy': first!,
            [minuteFiles[1]!]: Buffer.concat([second!, second!.subarray(0, second!.indexOf(0x0a) + 1)]),
            'composition-log/literal/readme.txt': Buffer.from('nothing to see\n'),
        })
        await assert.rejects(planRepair(opened(store)), (error: Error & { hint?: string }) => {
            assert.match(error.hint ?? '', /complog repair --quarantine` moves 4 lines out of the log/)
            return true
        })
        await repaired(store, { quarantine: true })
        const { findings, head } = await verifyLater(opened(store))
        assert.deepEqual([findings.list, head], [[], expectedOfLater(byMinute).head])
        assert.deepEqual(
            Object.keys(readFiles(join(store, 'composition-log'))).map((path) => `composition-log/${path}`),
            minuteFiles,
        )
    })

    test('a file of a name that no host gives stays where a record stands in it alone', async (t) => {
        const store = unpackLater(byMinute, temporaryFolder(t))
        const odd = `${minuteFiles[1]!} (1)`
        renameSync(join(store, minuteFiles[1]!), join(store, odd))
        assert.deepEqual((await planRepair(opened(store), { quarantine: true })).parts, [])
    })

    test('and where all that it holds is a record without a line end, which gets one', async (t) => {
        const store = unpackLater(byMinute, temporaryFolder(t))
        const last = minuteFiles.at(-1)!
        const bytes = filesOfLater(byMinute)[last]!
        const begin = bytes.lastIndexOf(0x0a, -2) + 1
        writeFiles(store, { [last]: bytes.subarray(0, begin), [`${last}~`]: bytes.subarray(begin, -1) })
        await repaired(store, { quarantine: true })
        assert.equal((await verifyLater(opened(store))).head, expectedOfLater(byMinute).head)
    })

    test('a copy of an older record goes, too, where it has no line end', async (t) => {
        for (const end of ['', '\r']) {
            const store = unpackLater(byMinute, temporaryFolder(t))
            const path = minuteFiles.at(-1)!
            const whole = filesOfLater(byMinute)[path]!
            const [first] = linesOf(filesOfLater(byMinute)[minuteFiles[0]!]!)
            writeFileSync(join(store, path), Buffer.concat([whole, first!, Buffer.from(end)]))
            const [found, ...others] = (await verifyLater(opened(store))).findings.list
            assert.deepEqual([found?.id, others], ['line-end-missing', []])
            assert.match(found?.help ?? '', /^The same record .* `complog repair --quarantine` moves it out/)
            const files = readFiles(store)
            await repaired(store, { quarantine: true })
            assert.deepEqual(readFileSync(join(store, path)), whole)
            assert.deepEqual((await verifyLater(opened(store))).findings.list, [])
            assertKept(store, files)
        }
    })

    test('of two newest records of 2020-05 the chosen one stays, with its chain', async (t) => {
        for (const [name, head] of [
            ['g2-copied-older-file-after', '29618cfe3eb0'],
            ['g2-copied-older-file-after', 'c6846f75e774'],
            ['g2-fork', '8433dac988e1'],
        ] as const) {
            const store = unpackLater(`damaged/${name}`, temporaryFolder(t))
            await assert.rejects(planRepair(opened(store), { quarantine: true }), { code: 'two-heads' })
            const files = readFiles(store)
            await repaired(store, { quarantine: true, head: parseRef(head) })
            const { findings, head: after } = await verifyLater(opened(store))
            assert.deepEqual(findings.list, [], name)
            assert.ok(after?.startsWith(head))
            assertKept(store, files)
        }
    })
})

test('the newest log file, packed by another program, is not moved out: it may hold records', async (t) => {
    const store = unpackLater(byMinute, temporaryFolder(t))
    const newest = join(store, minuteFiles.at(-1) ?? '')
    for (const [name, packed] of [
        [newest, gzipSync(readFileSync(newest))],
        [`${newest}.gz`, gzipSync(readFileSync(newest), { level: 0 })],
    ] as const) {
        rmSync(newest, { force: true })
        writeFileSync(name, packed)
        // No reduction is left to tell of the records in it.
        rmSync(join(store, 'provisional-reduction'), { recursive: true, force: true })
        const { findings } = await verifyLater(opened(store))
        assert.equal(findings.count('malformed-record'), 1)
        await assert.rejects(planRepair(opened(store), { quarantine: true }), {
            code: 'broken-chain',
            message: /packed by gzip/,
            hint: /`gzip -d`/,
        })
        rmSync(name)
    }
})

test('three records on one line, with torn bytes between, get a line each', async (t) => {
    const store = unpackLater(byMinute, temporaryFolder(t))
    const [, path] = minuteFiles
    const lines = linesOf(filesOfLater(byMinute)[path!]!)
    assert.ok(lines.length > 2)
    const torn = Buffer.from('{"parentHashBase16":"00')
    const merged = [lines[0]!, torn, lines[1]!, lines[2]!, Buffer.from('\n')]
    const rest = lines.slice(3).flatMap((line) => [line, Buffer.from('\n')])
    writeFileSync(join(store, path!), Buffer.concat([...merged, ...rest]))
    await repaired(store)
    const { findings, head } = await verifyLater(opened(store))
    assert.deepEqual([findings.list, head], [[], expectedOfLater(byMinute).head])
    assert.deepEqual(readFileSync(join(store, path!)), filesOfLater(byMinute)[path!])
})

test('copies of one record on the last line, which has no end, are found, and all but one go', async (t) => {
    for (const [name, isCounted] of [
        ['g2-plain', true],
        ['plain-v2022-03-20', false],
        ['v053-plain', false],
    ] as const) {
        const store = unpackLater(name, temporaryFolder(t))
        const path = Object.keys(filesOfLater(name))
            .filter((each) => each.startsWith('composition-log/'))
            .sort()
            .at(-1)!
        const whole = filesOfLater(name)[path]!
        const from = whole.lastIndexOf('\n', whole.length - 2) + 1
        const [before, last] = [whole.subarray(0, from), whole.subarray(from, -1)]
        writeFileSync(join(store, path), Buffer.concat([before, last, last, last]))
        const files = readFiles(store)
        const { findings, isSound } = await verifyLater(opened(store))
        assert.equal(isSound, !isCounted)
        assert.equal(findings.list[0]?.id, 'merged-line')
        assert.match(findings.list[0].message, /^3 records stand on the last line/)
        assert.equal(findings.count('torn-tail') + findings.count('reduction-without-record'), 0)
        if (isCounted) await assert.rejects(planRepair(opened(store)), { code: 'error-findings' })
        else {
            await repaired(store)
            assert.deepEqual(readFileSync(join(store, path)), Buffer.concat([whole, last, last]))
            assertKept(store, files)
            const [left] = (await verifyLater(opened(store))).findings.list
            assert.match(left?.help ?? '', /`complog repair --quarantine`/)
        }
        await repaired(store, { quarantine: true })
        assert.deepEqual(readFileSync(join(store, path)), whole)
        assert.deepEqual((await verifyLater(opened(store))).findings.list, [])
        assertKept(store, files)
    }
})

test('a record on the last line, without a line end, counts, and not what was torn beside it', async (t) => {
    for (const name of [byMinute, 'g2-plain']) {
        const files = filesOfLater(name)
        const path = Object.keys(files)
            .filter((each) => each.startsWith('composition-log/'))
            .at(-1)!
        const whole = files[path]!
        const last = linesOf(whole).at(-1)!
        const before = whole.subarray(0, whole.length - last.length - 1)
        const torn = Buffer.from('{"parentHash')
        for (const rest of [
            [last, torn],
            [torn, last],
        ]) {
            const store = unpackLater(name, temporaryFolder(t))
            writeFileSync(join(store, path), Buffer.concat([before, ...rest]))
            const { list } = (await verifyLater(opened(store))).findings
            assert.deepEqual(
                list.map(({ id }) => id),
                ['merged-line'],
            )
            assert.match(list[0]!.message, /^1 record stands .* beside 12 bytes of others that were torn/)
            await repaired(store)
            assert.deepEqual(readFileSync(join(store, path)), whole)
        }
    }
})

test('a line end of which only the CR is left is put right with those before it', async (t) => {
    const store = unpackLater(byMinute, temporaryFolder(t))
    const { head } = await verifyLater(opened(store))
    const path = join(store, minuteFiles.at(-2) ?? '')
    writeFileSync(path, readFileSync(path, 'latin1').replaceAll('\n', '\r\n').slice(0, -1), 'latin1')
    await repaired(store)
    const after = await verifyLater(opened(store))
    assert.deepEqual([after.findings.list, after.head], [[], head])
})

test('torn bytes are cut at every byte of the last record', async (t) => {
    const name = 'truncated-v2022-03-20'
    const files = filesOfLater(name)
    const path = Object.keys(files)
        .filter((each) => each.includes('literal/'))
        .at(-1)!
    const whole = files[path]!
    const begin = whole.lastIndexOf(0x0a, whole.length - 2) + 1
    const store = unpackLater(name, temporaryFolder(t))
    for (let end = begin + 1; end < whole.length - 1; end += 37) {
        writeFileSync(join(store, path), whole.subarray(0, end))
        const before = await hashesIn(store)
        await repaired(store)
        assert.deepEqual(readFileSync(join(store, path)), whole.subarray(0, begin))
        assert.deepEqual(await hashesIn(store), before)
    }
})

test('a record behind torn bytes of which no hash says that it is whole is left where it is', async (t) => {
    const files = filesOfLater(byMinute)
    const [path] = minuteFiles
    const [first] = linesOf(files[path!]!)
    const isLeft = (each: string) => !/literal\/|provisional-reduction\//.test(each)
    const values = Object.fromEntries(Object.entries(files).filter(([each]) => isLeft(each)))
    const store = join(temporaryFolder(t), 'store')
    writeFiles(store, { ...values, [path!]: `{"compositionEv${String(first)}\n` })
    await assert.rejects(planRepair(opened(store)), { code: 'error-findings', message: /nothing proves/ })
})

test('a repair stopped at any step can be run again, and has lost no record', async (t) => {
    for (let steps = 0; ; steps++) {
        const store = unpackLater('damaged/torn-then-same-minute-v2022-03-20', temporaryFolder(t))
        const before = await hashesIn(store)
        const isDone = await crashAfter(steps, () => repaired(store))
        assert.deepEqual(await hashesIn(store), before)
        if (!isDone) await repaired(store)
        assert.deepEqual((await verifyLater(opened(store))).findings.list, [])
        if (isDone) return
    }
})

describe('a head file that names no record is written where the records leave no choice', () => {
    const path = 'composition-log-head-hash'
    const names = ['g3-history', 'g3-truncated', 'g3d-plain']

    test('missing, torn, of zeros, or with the hash of something else: as it was, and what it held is kept', async (t) => {
        for (const [nth, name] of names.entries()) {
            const whole = filesOfLater(name)[path]!
            const { head } = expectedOfLater(name)
            const values = Object.keys(filesOfLater(name)).map((each) => each.split('/').at(-1)!)
            const { log } = await readLater(opened(unpackLater(name, temporaryFolder(t))))
            const value = values.find(
                (each) => /^[0-9a-f]{64}$/.test(each) && log.table.find(each as never) < 0,
            )
            for (const [i, bytes] of [
                undefined,
                Buffer.alloc(0),
                whole.subarray(0, 31),
                Buffer.alloc(32),
                Buffer.from(`${whole.toString('hex')}\n`),
                Buffer.from(value!, 'hex'),
            ].entries()) {
                // Of one store these, of the next one others.
                if ((i + nth) % thinned(3, 1) !== 0) continue
                const store = unpackLater(name, temporaryFolder(t))
                if (bytes === undefined) rmSync(join(store, path))
                else writeFileSync(join(store, path), bytes)
                const plan = await repaired(store)
                assert.deepEqual([plan.head, plan.headFile?.hash], [head, head])
                assert.deepEqual(readFileSync(join(store, path)), whole)
                assert.deepEqual((await verifyLater(opened(store))).findings.counts.error, 0)
                if (bytes !== undefined && bytes.length > 0)
                    assert.ok(
                        Object.values(readFiles(join(store, 'quarantine'))).some((each) =>
                            bytes.equals(each),
                        ),
                    )
                assert.equal((await planRepair(opened(store))).headFile, undefined)
            }
        }
    })

    test('the hash of what may be a lost record only when asked for more, and never where a reduction names it', async (t) => {
        for (const [name, isReduced] of [
            ['g3-history', false],
            ['g3-truncated', true],
        ] as const) {
            const { head, records, reductions } = expectedOfLater(name)
            assert.equal(head in reductions, isReduced)
            for (const left of [undefined, Buffer.alloc(0), Buffer.from('blob 2\0{]')]) {
                const store = unpackLater(name, temporaryFolder(t))
                const file = join('component', head.slice(0, 2), head)
                if (left === undefined) rmSync(join(store, file))
                else writeFileSync(join(store, file), left)
                const { list } = (await verifyLater(opened(store))).findings
                const isLeft = list.filter(({ id }) => id === 'value-differs').map(({ severity }) => severity)
                assert.deepEqual(isLeft, left === undefined ? [] : ['error'])
                assert.equal(list[0]?.id, 'head-file')
                assert.equal(/`complog repair/.test(list[0].help), !isReduced)
                assert.ok(!list.some(({ id }) => id === 'fork'))
                await assert.rejects(planRepair(opened(store)), { code: 'error-findings' })
                const plan = repaired(store, { quarantine: true })
                if (isReduced) await assert.rejects(plan, { code: 'error-findings' })
                else assert.equal((await plan).head, records.at(-2)?.[0])
            }
        }
    })

    test('not where two records are the newest, and not where one on the way is gone', async (t) => {
        const forked = unpackLater('g3-head-lost-redeployed', temporaryFolder(t))
        rmSync(join(forked, path))
        await assert.rejects(planRepair(opened(forked)), { code: 'error-findings' })
        const store = unpackLater('g3d-plain', temporaryFolder(t))
        const [gone] = expectedOfLater('g3d-plain').records.at(-3)!
        rmSync(join(store, path))
        rmSync(join(store, 'literal-element', gone.slice(0, 2), gone))
        await assert.rejects(planRepair(opened(store), { quarantine: true }), { code: 'error-findings' })
    })

    test('the one that is chosen, where the head does not lead to all; the others are kept', async (t) => {
        for (const [name, head, records] of [
            ['g3-head-lost-redeployed', '8448607f5ffc', 2],
            ['damaged/g3-head-one-behind', 'cd1db0835e2a', 20],
            ['damaged/g3-head-one-behind', 'bf909f38532f', 19],
        ] as const) {
            const store = unpackLater(name, temporaryFolder(t))
            const files = readFiles(store)
            const plan = await repaired(store, { quarantine: true, head: parseRef(head) })
            assert.equal(plan.records, records)
            const after = await verifyLater(opened(store))
            assert.deepEqual([after.findings.list, after.head], [[], plan.head])
            assert.ok(plan.head.startsWith(head))
            assertKept(store, files)
        }
    })

    test('of two hosts that write at once, both ends are told, and each choice that is advised is a sound store', async (t) => {
        const { head, records } = expectedOfLater('g3-plain')
        const made = (store: string, parent: string, like: number) => {
            const [hash, before] = records[like]!
            const bytes = readFileSync(join(store, 'component', hash.slice(0, 2), hash), 'latin1')
            const record = bytes.replace(before!, parent)
            const name = createHash('sha256').update(record, 'latin1').digest('hex')
            writeFiles(store, { [`component/${name.slice(0, 2)}/${name}`]: Buffer.from(record, 'latin1') })
            return name
        }
        const forked = (named: (lines: readonly string[][]) => string | undefined) => {
            const store = unpackLater('g3-plain', temporaryFolder(t))
            const one = made(store, head, 1)
            const lines = [[one, made(store, one, 2), ''], [made(store, head, 3)]]
            lines[0]![2] = made(store, lines[0]![1]!, 4)
            const hash = named(lines)
            const file = join(store, path)
            if (hash === undefined) rmSync(file)
            else writeFileSync(file, Buffer.from(hash, 'hex'))
            return { store, ends: lines.map((line) => line.at(-1)!.slice(0, 12)) }
        }
        const witness = ' (witness: the head file)'
        for (const { named, ids, witnesses } of [
            { named: (lines) => lines[0]![2], ids: ['fork'], witnesses: [witness, ''] },
            { named: (lines) => lines[1]![0], ids: ['fork'], witnesses: ['', witness] },
            { named: (lines) => lines[0]![0], ids: ['fork', 'head-not-last'], witnesses: [witness, ''] },
            { named: () => head, ids: ['fork', 'fork'], witnesses: ['', ''] },
            { named: () => undefined, ids: ['head-file', 'fork'], witnesses: ['', ''] },
        ] satisfies { named: Parameters<typeof forked>[0]; ids: string[]; witnesses: string[] }[]) {
            const { store, ends } = forked(named)
            const { findings } = await verifyLater(opened(store))
            assert.deepEqual(findings.list.map(({ id }) => id).toSorted(), ids.toSorted())
            const fork = findings.list.find(({ id }) => id === 'fork')!
            assert.match(
                fork.message,
                new RegExp(`: behind ${head.slice(0, 12)}…, .* two hosts write at once, or one was stopped`),
            )
            for (const [i, end] of ends.entries()) {
                assert.ok(fork.help.includes(`--quarantine --head ${end}${witnesses[i]}`), fork.help)
                const copy = forked(named).store
                const files = readFiles(copy)
                await repaired(copy, { quarantine: true, head: parseRef(end) })
                const after = await verifyLater(opened(copy))
                assert.deepEqual([after.findings.list, after.head?.slice(0, 12)], [[], end])
                assertKept(copy, files)
            }
        }
    })

    test('the chosen one, before what it named may go: stopped at any step, a host starts', async (t) => {
        const lost = 'g3-head-lost-redeployed'
        const options = { quarantine: true, head: parseRef('cd1db0835e2a') }
        await assert.rejects(
            planRepair(opened(unpackLater(lost, temporaryFolder(t))), { quarantine: true }),
            {
                code: 'two-heads',
                hint: 'Choose one: --head 8448607f5ffc (witness: the head file and the reduction of 8448607f5ffc), --head cd1db0835e2a (witness: the reduction of bf909f38532f).',
            },
        )
        for (let steps = 0, isDone = false; !isDone; steps++) {
            const store = unpackLater(lost, temporaryFolder(t))
            isDone = await crashAfter(steps, () => repaired(store, options))
            const named = readFileSync(join(store, path)).toString('hex')
            assert.ok(readFiles(store)[`component/${named.slice(0, 2)}/${named}`], named)
            if (!isDone) await repaired(store, options)
            assert.deepEqual((await verifyLater(opened(store))).findings.list, [])
        }
    })

    test('stopped at any step, the store has a head file of before or after, and the same command ends it', async (t) => {
        const name = 'g3-history'
        for (let steps = 0, isDone = false; !isDone; steps++) {
            const store = unpackLater(name, temporaryFolder(t))
            writeFileSync(join(store, path), 'torn')
            isDone = await crashAfter(steps, () => repaired(store))
            assert.ok(
                ['torn', filesOfLater(name)[path]!.toString()].includes(
                    readFileSync(join(store, path), 'utf8'),
                ),
            )
            if (!isDone) await repaired(store)
            assert.deepEqual(readFileSync(join(store, path)), filesOfLater(name)[path])
        }
    })
})
