// A replay whose log is cut while it reads: it begins anew, and its responses do so with it.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

import { parseRef } from '../../src/core/composition/ref.js'
import { planTruncate } from '../../src/core/rewrite/truncate/plan-truncate.js'
import { truncate } from '../../src/core/rewrite/truncate/truncate.js'
import { openProcessStore } from '../../src/core/store/process-store.js'
import { binary } from '../support/build.js'
import { environment, withApp } from '../support/cli.js'
import { additionEvent, LogWriter, reductionFile } from '../support/log-writer.js'
import { writeLog } from '../support/stores.js'
import { temporaryFolder, writeFiles } from '../support/temporary.js'
import { until } from '../support/until.js'
import { warmComplog } from '../support/warm.js'

const eventsPerRecord = 2000
const [records, kept] = [1000, 5]

/** Enough for seconds of replay, in two files. */
function longLog(): LogWriter {
    const log = new LogWriter()
    const events = Array.from({ length: eventsPerRecord }, () => additionEvent(1))
    for (let i = 0; i < records; i++) log.add({ events })
    return log
}

/** Replays, and stops the process in the midst of the first file to cut the log within the second. */
async function replayCut(t: TestContext, store: string, log: LogWriter, responses: string, bytes: string) {
    const args = ['replay', store, ...withApp(), '--responses', responses]
    const child = spawn(process.execPath, [binary, ...args], {
        env: environment(),
        stdio: ['ignore', 'pipe', 'pipe'],
    })
    t.after(() => child.kill('SIGKILL'))
    const output = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const)
        child[name].setEncoding('utf8').on('data', (text: string) => (output[name] += text))
    const ended = once(child, 'close') as Promise<[number | null]>
    const part = bytes.replace('PID', String(child.pid))
    await until(() => existsSync(part) && statSync(part).size > 0)
    child.kill('SIGSTOP')
    const cutAt = records - kept
    const reduced = log.hashes[cutAt - 1]!
    writeFiles(join(store, 'reduction'), {
        [reduced]: reductionFile(reduced, String(cutAt * eventsPerRecord)),
    })
    await truncate(await planTruncate(await openProcessStore(store), parseRef(reduced)))
    child.kill('SIGCONT')
    const [exitCode] = await ended
    return { exitCode, ...output }
}

test('a replay whose log is cut meanwhile begins anew, also with its responses; only in place it cannot', async (t) => {
    const log = longLog()
    const [folder, store] = [temporaryFolder(t), join(temporaryFolder(t), 'store')]
    const lay = () => {
        rmSync(store, { recursive: true, force: true })
        writeLog(store, { 'a.jsonl': log.lines.slice(0, -20), 'b.jsonl': log.lines.slice(-20) })
    }
    lay()
    const path = join(folder, 'responses')
    const replayed = await replayCut(t, store, log, path, `${path}.PID.part`)
    assert.equal(replayed.exitCode, 0, replayed.stderr)
    assert.equal(replayed.stdout, String(records * eventsPerRecord))
    const fresh = join(folder, 'fresh')
    assert.equal((await warmComplog(['replay', store, ...withApp(), '--responses', fresh])).exitCode, 0)
    const text = readFileSync(path, 'utf8')
    assert.equal(text.split('\n').length - 1, kept * eventsPerRecord)
    assert.ok(text === readFileSync(fresh, 'utf8'))

    lay()
    const [link, target] = [join(folder, 'link'), join(folder, 'target')]
    writeFileSync(target, '')
    symlinkSync(target, link)
    const again = await replayCut(t, store, log, link, target)
    assert.equal(again.exitCode, 12, again.stderr)
    assert.match(again.stderr.replaceAll(/\s+/g, ' '), /removed a part of .* while it was read/)
})
