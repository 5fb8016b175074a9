import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'

import { parseRef } from '../../../../src/core/composition/ref.js'
import { type ErrorCode } from '../../../../src/core/errors.js'
import { restore } from '../../../../src/core/restore/restore.js'
import { reduce } from '../../../../src/core/rewrite/reduce.js'
import { archive, checkArchive } from '../../../../src/core/rewrite/truncate/archive.js'
import { planTruncate } from '../../../../src/core/rewrite/truncate/plan-truncate.js'
import { truncate } from '../../../../src/core/rewrite/truncate/truncate.js'
import { openProcessStore } from '../../../../src/core/store/process-store.js'
import { folderCalls } from '../../../support/folder-calls.js'
import { inProcessCounter } from '../../../support/in-process-app.js'
import { isError } from '../../../support/is-error.js'
import { counterLog, LogWriter, reductionFile } from '../../../support/log-writer.js'
import {
    copyStore,
    fixturesFolder,
    makeStore,
    openAndCheck,
    recordsOf,
    summaries,
    writeLog,
} from '../../../support/stores.js'
import { filePaths, readFiles, temporaryFolder, writeFiles } from '../../../support/temporary.js'

/** The state after record #n is the sum of 1 to n. */
const { lines, hashes, head } = counterLog(12)
const sum = (n: number) => String((n * (n + 1)) / 2)
const log = { 'a.jsonl': lines.slice(0, 4), 'b/b.jsonl': lines.slice(4, 8), 'c.jsonl': lines.slice(8) }

function storeIn(t: TestContext, ...reduced: readonly number[]): { folder: string; archive: string } {
    const root = temporaryFolder(t)
    const folder = join(root, 'store')
    const reductions = reduced.map((n) => [hashes[n - 1]!, reductionFile(hashes[n - 1]!, sum(n))] as const)
    makeStore(folder, [], Object.fromEntries(reductions))
    writeLog(folder, log)
    return { folder, archive: join(root, 'archive') }
}

async function truncateTo(folder: string, archive: string, before?: string) {
    const plan = await planTruncate(
        await openProcessStore(folder),
        before === undefined ? undefined : parseRef(before),
    )
    await checkArchive(plan, archive)
    return { plan, done: await truncate(plan, { archive }) }
}

test('what a truncation removes is a sound store of its own, and with the rest the whole', async (t) => {
    const { folder, archive } = storeIn(t, 3, 6)
    const before = readFiles(folder)
    const { plan, done } = await truncateTo(folder, archive)
    assert.deepEqual(filePaths(archive), [
        'composition/a.jsonl',
        'composition/b/b-archived.jsonl',
        `reduction/${hashes[2]!}`,
    ])
    const archived = await openAndCheck(archive, { expectHead: hashes[4]! })
    assert.deepEqual(archived.findings.list, [])
    assert.deepEqual([archived.longest.length, archived.usableReductions.size], [5, 1])
    const restored = await restore(await openProcessStore(archive), inProcessCounter(), { fromGenesis: true })
    assert.equal(restored.state, sum(5))
    assert.equal(done.archivedBytes, plan.bytes.removed)
    const [a, b] = [readFiles(archive), readFiles(folder)]
    for (const [path, bytes] of Object.entries(before)) {
        const parts = [a[path.replace('b.jsonl', 'b-archived.jsonl')], b[path]]
        assert.deepEqual(Buffer.concat(parts.filter((part) => part !== undefined)), bytes, path)
    }
})

test('the same archive takes truncation after truncation, and grows into the whole history', async (t) => {
    const { folder, archive } = storeIn(t, 2)
    for (const position of [2, 3, 6, 7, 11]) {
        const at = parseRef(hashes[position - 1]!)
        await reduce(await openProcessStore(folder), inProcessCounter(), { at })
        await truncateTo(folder, archive)
        const archived = await openAndCheck(archive, { expectHead: hashes[position - 2]! })
        assert.deepEqual(archived.findings.list, [])
        assert.equal(archived.longest.length, position - 1)
        assert.deepEqual((await openAndCheck(folder, { expectHead: head })).findings.list, [])
    }
    const whole = readFiles(archive)
    const rest = readFiles(folder)
    for (const [file, inFile] of Object.entries(log)) {
        const path = `composition/${file}`
        const parts = [whole[path.replace('.jsonl', '-archived.jsonl')], whole[path], rest[path]]
        assert.equal(
            Buffer.concat(parts.filter((part) => part !== undefined)).toString(),
            inFile.map((line) => `${line}\n`).join(''),
        )
    }
})

/** The reductions that a host of April 2019 wrote have the form of their time. */
const isNotOfForm = (summary: string) => !summary.startsWith('reduction-form (note)')

test('an archive copied into the store that it was cut from is the whole log again, however often it was cut', async (t) => {
    const from = join(fixturesFolder, 'stores', 'kalmit-2019-04', 'process-store')
    const whole = await openAndCheck(from)
    for (const cuts of [[45], [30, 31, 45], [3, 20, 21, 22, 46]]) {
        const root = temporaryFolder(t)
        const [store, history] = [join(root, 'store'), join(root, 'history')]
        copyStore(from, store)
        const hashes = (await recordsOf(whole.longest)).map(({ hash }) => hash)
        for (const position of cuts) {
            const at = parseRef(hashes[position - 1]!)
            await reduce(await openProcessStore(store), inProcessCounter(), { at })
            await truncateTo(store, history, hashes[position - 1])
            assert.deepEqual(summaries(await openAndCheck(history)).filter(isNotOfForm), [])
        }
        const kept = readFiles(join(store, 'composition'))
        // As docs/format.md says.
        execFileSync('cp', ['-r', 'history/composition', 'history/reduction', 'store/'], { cwd: root })
        for (const [path, bytes] of Object.entries(kept))
            assert.deepEqual(readFiles(join(store, 'composition'))[path], bytes, path)
        const joined = await openAndCheck(store)
        assert.deepEqual(summaries(joined).filter(isNotOfForm), [])
        assert.deepEqual(
            (await recordsOf(joined.longest)).map(({ hash }) => hash),
            hashes,
        )
        assert.ok(joined.longest.inOrder)
    }
})

test('a truncation that was interrupted after it archived goes on, and archives nothing twice', async (t) => {
    const { folder, archive } = storeIn(t, 3, 6)
    const stopped = join(archive, '..', 'stopped')
    await truncateTo(folder, archive)
    // As it is right before the first removal: all of it archived, nothing removed.
    const again = storeIn(t, 3, 6)
    for (const [path, bytes] of Object.entries(readFiles(archive))) writeFiles(stopped, { [path]: bytes })
    const { done } = await truncateTo(again.folder, stopped)
    assert.deepEqual(readFiles(stopped), readFiles(archive))
    assert.deepEqual(readFiles(again.folder), readFiles(folder))
    assert.ok(done.archivedBytes < 1000)
})

test('an archive that only has some of the files when the machine stops is completed', async (t) => {
    const { folder, archive } = storeIn(t, 3, 6)
    writeLog(archive, { 'a.jsonl': lines.slice(0, 4) })
    await truncateTo(folder, archive)
    const archived = await openAndCheck(archive, { expectHead: hashes[4]! })
    assert.deepEqual([archived.findings.list, archived.longest.length], [[], 5])
})

test('a folder that holds anything else is refused, and neither it nor the store is touched', async (t) => {
    const other = new LogWriter().addAdditions(7, 8)
    const contents: readonly [ErrorCode, Record<string, string>][] = [
        ['output-not-empty', { 'composition/a.jsonl': `${other.lines.join('\n')}\n` }],
        ['output-not-empty', { 'composition/a.jsonl': `${lines.join('\n')}\n` }],
        ['output-not-empty', { 'composition/a.jsonl': 'garbage\n' }],
        ['output-not-empty', { [`reduction/${head}`]: '{' }],
        ['no-process-store', { 'readme.txt': 'hello' }],
    ]
    for (const [code, content] of contents) {
        const { folder, archive } = storeIn(t, 3, 6)
        writeFiles(archive, content)
        const before = [readFiles(folder), readFiles(archive)]
        await assert.rejects(truncateTo(folder, archive), isError(code))
        // Whoever calls the library may forget to ask before.
        const plan = await planTruncate(await openProcessStore(folder), undefined)
        await assert.rejects(truncate(plan, { archive }), isError(code))
        assert.deepEqual([readFiles(folder), readFiles(archive)], before)
    }
})

test('an archive where a host would read it is refused', async (t) => {
    const { folder } = storeIn(t, 6)
    for (const archive of ['', 'composition', 'composition/old', 'reduction', 'reduction/deep/er', 'x/..']) {
        await assert.rejects(
            truncateTo(folder, join(folder, archive)),
            isError('usage', /a host would read it/),
        )
        const plan = await planTruncate(await openProcessStore(folder), undefined)
        await assert.rejects(truncate(plan, { archive: join(folder, archive) }), isError('usage'))
    }
    const links = temporaryFolder(t)
    symlinkSync(folder, join(links, 'store'))
    for (const store of [folder, join(links, 'store')]) {
        await assert.rejects(
            truncateTo(store, join(folder, '.complog', 'a')),
            isError('usage', /temporary files/),
        )
    }
    symlinkSync(join(folder, 'composition', 'old'), join(links, 'leads-nowhere'))
    symlinkSync(join(folder, 'reduction'), join(links, 'reduction'))
    const before = readFiles(folder)
    for (const [store, archive] of [
        [folder, join(links, 'store', 'composition', 'old')],
        [join(links, 'store'), join(folder, 'composition', 'old')],
        [join(links, 'store'), folder],
        [folder, join(links, 'leads-nowhere', 'deeper')],
        [folder, join(links, 'reduction', 'old')],
    ] as const)
        await assert.rejects(truncateTo(store, archive), isError('usage', /a host would read it/))
    assert.deepEqual(readFiles(folder), before)
    await truncateTo(folder, join(folder, 'archive'))
    assert.equal((await openAndCheck(join(folder, 'archive'))).longest.length, 5)
    assert.deepEqual(summaries(await openAndCheck(folder, { expectHead: head })), [])
})

test('an empty folder may be the archive; nothing but the archive is left in it', async (t) => {
    const { folder, archive } = storeIn(t, 6)
    mkdirSync(join(archive, 'composition'), { recursive: true })
    await truncateTo(folder, archive)
    assert.ok(!existsSync(join(archive, '.complog')))
    assert.deepEqual(filePaths(archive), ['composition/a.jsonl', 'composition/b/b-archived.jsonl'])
})

test('records that no reduction covers by themselves are not dropped into an archive that could not use them', async (t) => {
    const { folder, archive } = storeIn(t, 8)
    writeLog(folder, { 'b/b.jsonl': lines.slice(4, 8), 'c.jsonl': lines.slice(8) })
    const before = readFiles(folder)
    await assert.rejects(truncateTo(folder, archive), {
        code: 'no-reduction',
        hint: 'Name the archive of the earlier truncations of this store, which they continue. Where there is none, they can stay.',
    })
    assert.deepEqual(readFiles(folder), before)
    assert.ok(!existsSync(archive), 'refused before anything was written')
    // To the archive that has what came before, they are a continuation: that is what a finding advises.
    const [found] = (await openAndCheck(folder)).findings.list
    const advised = `complog truncate --unproven --before ${hashes[7]!.slice(0, 12)} --archive ARCHIVE`
    assert.ok(
        found?.help.includes(`\`${advised}\` moves just them into that of earlier truncations`),
        found?.help,
    )
    const older = join(archive, '..', 'older')
    writeLog(older, { 'a.jsonl': lines.slice(0, 4) })
    await truncateTo(folder, older, hashes[7]!.slice(0, 12))
    assert.deepEqual((await openAndCheck(older, { expectHead: hashes[6]! })).findings.list, [])
})

test('a truncation that was interrupted behind its archive, and then goes further, archives nothing twice', async (t) => {
    for (const [first, second] of [
        ['#6', '#9'],
        ['#5', '#6'],
        ['#3', '#6'],
        ['#9', '#9'],
    ] as const) {
        const { folder, archive: path } = storeIn(t, 3, 5, 6, 9)
        const interrupted = await planTruncate(await openProcessStore(folder), parseRef(first))
        await archive(interrupted, path)
        const { plan } = await truncateTo(folder, path, second)
        const archived = await openAndCheck(path, { expectHead: plan.target.parentHash })
        assert.deepEqual(archived.findings.list, [], `${first}, then ${second}`)
        assert.equal(archived.longest.length, plan.target.position - 1)
    }
})

test('what a killed run has archived and not synced is synced, folders and all, before it leaves the store', async (t) => {
    for (const [what, archivedFiles] of Object.entries({
        all: { 'a.jsonl': lines.slice(0, 4), 'b/b.jsonl': lines.slice(4, 5) },
        'a part': { 'a.jsonl': lines.slice(0, 4) },
    })) {
        const { folder, archive } = storeIn(t, 3, 6)
        // As after a rename that the power may still undo.
        writeLog(archive, archivedFiles)
        const reduction = join('reduction', hashes[1]!)
        writeFiles(archive, { [reduction]: reductionFile(hashes[1]!, sum(2)) })
        const calls = await folderCalls(() => truncateTo(folder, archive))
        const firstRemoval = calls.findIndex(({ name, path }) => name === 'unlink' && path.startsWith(folder))
        assert.ok(firstRemoval > 0)
        const synced = new Set<string>()
        // What was synced stays so under another name.
        for (const { name, path, from = '' } of calls.slice(0, firstRemoval))
            if (name === 'sync' || synced.has(from)) synced.add(path)
        const files = Object.keys(archivedFiles).map((path) => join(archive, 'composition', path))
        for (const path of [
            ...files,
            ...files.map((file) => dirname(file)),
            join(archive, reduction),
            join(archive, 'composition', 'b'),
            join(archive, 'composition'),
            join(archive, 'reduction'),
            archive,
            dirname(archive),
        ])
            assert.ok(synced.has(path), `${what}: ${path}`)
    }
})
