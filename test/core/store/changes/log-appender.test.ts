import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { ComplogError } from '../../../../src/core/errors.js'
import { LogAppender } from '../../../../src/core/store/changes/log-appender.js'
import { openProcessStore } from '../../../../src/core/store/process-store.js'
import { failingDisk } from '../../../support/failing-disk.js'
import { listing } from '../../../support/listing.js'
import { readFiles, temporaryFolder, writeFiles } from '../../../support/temporary.js'

const last = '2030-01-01.composition.jsonl'
const at = (iso: string) => new Date(`2026-11-23T${iso}Z`)

function logIn(store: string): Record<string, string> {
    const files = Object.entries(readFiles(join(store, 'composition')))
    return Object.fromEntries(files.map(([path, bytes]) => [path, String(bytes)]))
}

async function appenderOf(folder: string): Promise<LogAppender> {
    return LogAppender.open(await openProcessStore(folder))
}

test('each hour has a file of its own, and a clock that jumps back none', async (t) => {
    const store = temporaryFolder(t)
    const appender = await appenderOf(store)
    await appender.append(Buffer.from('a\n'), at('12:00:00'))
    await appender.append(Buffer.from('b\n'), at('12:59:59'))
    await appender.append(Buffer.from('c\n'), at('13:00:00'))
    await appender.append(Buffer.from('d\n'), at('12:30:00'))
    await appender.append(Buffer.from('e\n'), new Date('2026-11-24T00:00:00Z'))
    await appender.close()
    assert.deepEqual(
        Object.entries(readFiles(join(store, 'composition'))).map(([path, bytes]) => [path, String(bytes)]),
        [
            ['2026-11-23/2026-11-23T12.composition.jsonl', 'a\nb\n'],
            ['2026-11-23/2026-11-23T13.composition.jsonl', 'c\nd\n'],
            ['2026-11-24/2026-11-24T00.composition.jsonl', 'e\n'],
        ],
    )
})

test('a last line without its end gets one as soon as the log is opened', async (t) => {
    for (const [log, opened] of [
        [{ [last]: 'whole' }, { [last]: 'whole\n' }],
        [{ [last]: 'one\r\ntwo\r' }, { [last]: 'one\r\ntwo\r\n' }],
        // What an empty file stands behind is the last line all the same.
        [
            { '2029-01-01.composition.jsonl': 'whole', [last]: '' },
            { '2029-01-01.composition.jsonl': 'whole\n', [last]: '' },
        ],
        // What nobody appends to is left as it is.
        [
            { [last]: 'whole', 'backup/copy.jsonl': 'whole' },
            { [last]: 'whole\n', 'backup/copy.jsonl': 'whole' },
        ],
    ] as const) {
        const store = temporaryFolder(t)
        writeFiles(join(store, 'composition'), log)
        const appender = await appenderOf(store)
        assert.deepEqual(logIn(store), opened)
        await appender.append(Buffer.from('a\n'), at('12:00:00'))
        await appender.append(Buffer.from('b\n'), at('12:00:00'))
        await appender.close()
        assert.deepEqual(logIn(store), { ...opened, [last]: `${opened[last]}a\nb\n` })
    }
})

test('that line end is there for good, or the log is not opened', async (t) => {
    const store = temporaryFolder(t)
    writeFiles(join(store, 'composition'), { [last]: 'whole' })
    const now = await openProcessStore(store)
    const mend = await failingDisk(t, 'sync', 1)
    await assert.rejects(LogAppender.open(now), (error) => {
        assert.ok(error instanceof ComplogError)
        assert.equal(error.code, 'file-system')
        assert.match(error.message, /2030-01-01\.composition\.jsonl: EIO/)
        return true
    })
    mend()
    await (await appenderOf(store)).close()
    assert.deepEqual(logIn(store), { [last]: 'whole\n' })
})

test('a log whose last line has its end is opened without a change', async (t) => {
    const store = temporaryFolder(t)
    const log: Readonly<Record<string, string>>[] = [{}, { [last]: '' }, { [last]: 'whole\r\n' }]
    for (const files of log) {
        writeFiles(join(store, 'composition'), files)
        const before = listing(store)
        await (await appenderOf(store)).close()
        assert.deepEqual(listing(store), before)
    }
})

test('a folder that cannot be made is told with its path and code', async (t) => {
    const store = temporaryFolder(t)
    const appender = await appenderOf(store)
    writeFileSync(join(store, 'composition'), 'a file')
    await assert.rejects(
        appender.append(Buffer.from('a\n'), at('12:00:00')),
        (error) =>
            error instanceof ComplogError &&
            error.code === 'file-system' &&
            /composition/.test(error.message),
    )
})
