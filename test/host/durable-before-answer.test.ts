import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { startHost } from '../support/host-process.js'
import { temporaryFolder } from '../support/temporary.js'

const noTracer =
    spawnSync('strace', ['-qq', '-e', 'trace=none', 'true']).status === 0
        ? false
        : 'strace cannot be used here'

test('a record is synced before the answer to its request is sent, by the trace of system calls', {
    skip: noTracer,
}, async (t) => {
    const folder = temporaryFolder(t)
    const trace = join(folder, 'trace')
    const host = await startHost(t, join(folder, 'store'), {
        args: ['--no-admin'],
        under: [
            'strace',
            '-D',
            '-f',
            '-qq',
            '-ttt',
            '-y',
            '-s',
            '2000',
            '-e',
            'trace=write,writev,sendto,sendmsg,pwrite64,fsync,fdatasync',
            '-o',
            trace,
        ],
    })
    const marks = Array.from({ length: 20 }, (_, i) => `mark-${i}-`)
    for (const mark of marks) await (await fetch(host.url, { method: 'POST', body: mark })).text()
    await host.end('SIGTERM')

    const lines = readFileSync(trace, 'utf8').split('\n')
    for (const mark of marks) {
        const appended = lines.findIndex((line) => line.includes('composition.jsonl') && line.includes(mark))
        const answered = lines.findIndex(
            (line) => /<(?:TCP|socket)/.test(line) && line.includes('HTTP/1.1 200') && line.includes(mark),
        )
        const synced = lines.findIndex((_, at) => at > appended && isEndOfSync(lines, at))
        assert.ok(
            appended >= 0 && synced >= 0 && answered >= 0,
            `${mark}: ${appended}, ${synced}, ${answered}`,
        )
        assert.ok(appended < synced && synced < answered, `${mark}: ${appended}, ${synced}, ${answered}`)
    }
})

/** Whether this line of a trace is where a sync of the log returned. */
function isEndOfSync(lines: readonly string[], at: number): boolean {
    const line = lines[at] ?? ''
    if (!/f(?:data)?sync/.test(line) || !line.endsWith('= 0')) return false
    if (!line.includes('resumed')) return line.includes('composition.jsonl')
    // A call that another thread's came in between of stands on two lines.
    const [thread = ''] = line.split(' ')
    const begun = lines
        .slice(0, at)
        .findLast((other) => other.startsWith(`${thread} `) && other.includes('unfinished'))
    return begun?.includes('composition.jsonl') ?? false
}
