import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { ComplogError } from '../../../src/core/errors.js'
import { LogAppender } from '../../../src/core/store/log-appender.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { readFiles, temporaryFolder } from '../../support/temporary.js'

const at = (iso: string) => new Date(`2026-11-23T${iso}Z`)

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

test('a last line without its end gets one before the next', async (t) => {
    const store = temporaryFolder(t)
    mkdirSync(join(store, 'composition'))
    writeFileSync(join(store, 'composition', '2030.composition.jsonl'), 'whole')
    const appender = await appenderOf(store)
    await appender.append(Buffer.from('a\n'), at('12:00:00'))
    await appender.append(Buffer.from('b\n'), at('12:00:00'))
    await appender.close()
    assert.equal(String(readFiles(store)['composition/2030.composition.jsonl']), 'whole\na\nb\n')
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
