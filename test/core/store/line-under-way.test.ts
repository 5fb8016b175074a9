import assert from 'node:assert/strict'
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { LogAppender } from '../../../src/core/store/changes/log-appender.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { counterLog } from '../../support/log-writer.js'
import { dailyFile, makeStore, openAndCheck, summaries } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'

const { lines } = counterLog(4)
const begun = lines[3]!.slice(0, 70)

/** A line that grows, a byte at a time, for as long as some work takes. */
async function whileItGrows<T>(file: string, work: () => Promise<T>): Promise<T> {
    let at = begun.length
    const writer = setInterval(() => {
        appendFileSync(file, lines[3]!.charAt(at++))
    }, 5)
    try {
        return await work()
    } finally {
        clearInterval(writer)
    }
}

test('a line that another program is writing is not there yet, and no damage', async (t) => {
    const folder = makeStore(temporaryFolder(t), lines.slice(0, 3))
    const file = join(folder, 'composition', dailyFile)
    appendFileSync(file, begun)
    const checked = await whileItGrows(file, () => openAndCheck(folder))
    assert.deepEqual([summaries(checked), checked.longest.length], [[], 3])
    writeFileSync(file, `${lines.join('\n')}\n`)
    const after = await openAndCheck(folder)
    assert.deepEqual([summaries(after), after.longest.length], [[], 4])
})

test('one that nobody goes on with is torn, and is waited for once', async (t) => {
    const folder = makeStore(temporaryFolder(t), lines.slice(0, 3))
    appendFileSync(join(folder, 'composition', dailyFile), begun)
    assert.deepEqual(summaries(await openAndCheck(folder)), [`torn-tail (error) ${dailyFile}:4`])
    // Whoever waits takes 200 ms each time, on whatever machine.
    const times: number[] = []
    for (let i = 0; i < 5; i++) {
        const begin = performance.now()
        await openProcessStore(folder)
        times.push(performance.now() - begin)
    }
    assert.ok(Math.min(...times) < 150, times.join())
})

test('nobody appends behind a line that another program is writing', async (t) => {
    const folder = makeStore(temporaryFolder(t), lines.slice(0, 3))
    const file = join(folder, 'composition', dailyFile)
    appendFileSync(file, begun)
    const store = await whileItGrows(file, () => openProcessStore(folder))
    await assert.rejects(LogAppender.open(store), { code: 'store-changed' })
})
