// Several threads, threads that do not start, and machines that know no vectors.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { truncateSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'

import { checkInOrder, checkLog } from '../../../../src/core/check/check-log.js'
import { Findings } from '../../../../src/core/composition/findings.js'
import { ComplogError } from '../../../../src/core/errors.js'
import { followLog } from '../../../../src/core/fast/in-order/follow-log.js'
import { threadsFor } from '../../../../src/core/fast/threads/threads.js'
import { openProcessStore } from '../../../../src/core/store/process-store.js'
import { packageFolder, sourceExtension, sourceFlags } from '../../../support/build.js'
import { counterLog } from '../../../support/log-writer.js'
import { dailyFile, makeStore } from '../../../support/stores.js'
import { temporaryFolder } from '../../../support/temporary.js'
import { thinned } from '../../../support/thinned.js'
import { agreedCheck } from '../agreement.js'

const mebibyte = 1024 * 1024

test('several threads give the same answer', async (t) => {
    const { lines, hashes } = counterLog(2000)
    const store = makeStore(temporaryFolder(t), [...lines, '', 'x'], { [hashes[1321] ?? '']: '' })
    for (const threads of thinned([2], [2, 3])) {
        const checked = await agreedCheck(store, { threads, pieceSizeBytes: 1000 })
        assert.equal(checked?.counts.records, 2000)
    }
})

test('several threads share the work', async (t) => {
    const store = await openProcessStore(makeStore(temporaryFolder(t), counterLog(5000).lines))
    // This thread would be done before another one has started: it is kept from its pieces for a while.
    const onProgress = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    const followed = await followLog(store, new Findings(), { threads: 2, pieceSizeBytes: 1000, onProgress })
    assert(typeof followed === 'object' && followed.piecesByHelpers > 0)
})

test('several threads find the one record that is out of order', async (t) => {
    const { lines } = counterLog(2000)
    const store = makeStore(temporaryFolder(t), lines.toSpliced(1500, 1))
    // Within a piece, and, where each line is one, between two.
    for (const pieceSizeBytes of [1000, 100])
        assert.equal(await agreedCheck(store, { threads: thinned(2, 3), pieceSizeBytes }), undefined)
})

test('a small log gets one thread, and the environment bounds the number', (t) => {
    const before = process.env['COMPLOG_THREADS']
    t.after(() => {
        if (before === undefined) delete process.env['COMPLOG_THREADS']
        else process.env['COMPLOG_THREADS'] = before
    })
    assert.equal(threadsFor(1000), 1)
    process.env['COMPLOG_THREADS'] = '1'
    assert.equal(threadsFor(1000 * mebibyte), 1)
    process.env['COMPLOG_THREADS'] = '3'
    assert.equal(threadsFor(1000 * mebibyte), 3)
})

test('an interrupt ends the check with its own reason', async (t) => {
    const store = await openProcessStore(makeStore(temporaryFolder(t), counterLog(3000).lines))
    for (const threads of [1, 2]) {
        const controller = new AbortController()
        const reason = new ComplogError('interrupted', 'Enough.')
        const options = {
            threads,
            pieceSizeBytes: 1000,
            signal: controller.signal,
            onProgress: () => controller.abort(reason),
        }
        await assert.rejects(checkInOrder(store, options), reason)
    }
})

test('checks at the same time, and behind one that was interrupted, keep to their own logs', async (t) => {
    const logs = [300, 200].map((records) => counterLog(records))
    const stores = await Promise.all(
        logs.map(({ lines, hashes }) =>
            openProcessStore(makeStore(temporaryFolder(t), lines, { [hashes[lines.length / 2] ?? '']: '' })),
        ),
    )
    const options = { threads: 1, pieceSizeBytes: 1000 }
    const [first] = stores
    assert(first)
    await assert.rejects(checkInOrder(first, { ...options, signal: AbortSignal.abort() }))
    for (let round = 0; round < 2; round++) {
        const checked = await Promise.all(stores.map((store) => checkInOrder(store, options)))
        for (const [i, { hashes }] of logs.entries())
            assert.deepEqual(
                [checked[i]?.longest.head, [...(checked[i]?.longest.reduced.keys() ?? [])]],
                [hashes.at(-1), [hashes[hashes.length / 2]]],
            )
    }
})

test('tells how far it is', async (t) => {
    const store = await openProcessStore(makeStore(temporaryFolder(t), counterLog(300).lines))
    const steps: number[] = []
    const onProgress = ({ done, total }: { done: number; total: number }) => steps.push(done / total)
    await checkInOrder(store, { threads: 1, pieceSizeBytes: 5000, onProgress })
    assert.deepEqual(
        steps,
        steps.toSorted((a, b) => a - b),
    )
    assert(steps.length > 5)
    assert.equal(steps.at(-1), 1)
})

test('a file that became shorter or went away is left to the reference', async (t) => {
    const folder = makeStore(temporaryFolder(t), counterLog(300).lines)
    const store = await openProcessStore(folder)
    const path = join(folder, 'composition', dailyFile)
    truncateSync(path, (store.logFiles.at(0)?.sizeBytes ?? 0) - 1000)
    const checked = await checkLog(store)
    assert.equal(checked.reader, 'reference')
    assert.equal(checked.findings.count('torn-tail'), 1)
    unlinkSync(path)
    await assert.rejects(checkLog(store), { code: 'file-system' })
})

test('without WebAssembly the reference checks, and says so', (t) => {
    const store = makeStore(temporaryFolder(t), counterLog(30).lines)
    const script = `
        const { openAndCheck } = await import(${JSON.stringify(new URL(`../../../support/stores${sourceExtension}`, import.meta.url).href)})
        delete globalThis.WebAssembly
        const { reader, counts } = await openAndCheck(${JSON.stringify(store)})
        process.stdout.write(reader + ' ' + counts.records)`
    const { stdout, stderr } = spawnSync(
        process.execPath,
        [...sourceFlags, '--input-type=module', '--eval', script],
        { encoding: 'utf8', cwd: packageFolder },
    )
    assert.equal(stdout, 'reference 30', stderr)
})
