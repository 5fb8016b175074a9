import assert from 'node:assert/strict'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, mock, test } from 'node:test'

import { openAndCheck } from '../../support/stores.js'
import { temporaryFolder, writeFiles } from '../../support/temporary.js'
import { add, opened } from './opening.js'

type Method = (this: FileHandle, ...args: unknown[]) => Promise<unknown>

/** Lets a method of all file handles fail from its nth call on. */
async function failing(t: TestContext, method: 'datasync' | 'write', fromCall: number): Promise<void> {
    const folder = temporaryFolder(t)
    writeFiles(folder, { any: '' })
    const handle = await open(join(folder, 'any'))
    const prototype = Object.getPrototypeOf(handle) as Record<typeof method, Method>
    await handle.close()
    const original = prototype[method]
    let calls = 0
    const mocked = mock.method(prototype, method, function (this: FileHandle, ...args: unknown[]) {
        calls += 1
        if (calls < fromCall) return Reflect.apply(original, this, args)
        const error = Object.assign(new Error('EIO: i/o error'), { code: 'EIO', syscall: method })
        return Promise.reject(error)
    })
    t.after(() => {
        mocked.mock.restore()
    })
}

for (const method of ['datasync', 'write'] as const) {
    test(`after a ${method} that failed, nothing is answered any more, and the process says why`, async (t) => {
        const store = temporaryFolder(t)
        const process = await opened(t, store)
        assert.deepEqual(await add(process, 1), ['1'])
        await failing(t, method, 1)
        const first = add(process, 2)
        const others = [add(process, 3), add(process, 4)]
        await assert.rejects(first, /EIO/)
        for (const other of others) await assert.rejects(other, /EIO/)
        assert.match(String(await process.died), /EIO/)
        await assert.rejects(add(process, 5), /EIO/)
        await assert.rejects(process.serializeState(), /EIO/)
        await assert.rejects(process.setState('1'), /EIO/)
    })
}

test('what was answered before the disk failed is in the log', async (t) => {
    const store = temporaryFolder(t)
    const process = await opened(t, store)
    await failing(t, 'datasync', 6)
    const answered: string[] = []
    for (let i = 0; i < 10; i++) {
        try {
            answered.push(...(await add(process, 1)))
        } catch {
            break
        }
    }
    assert.deepEqual(answered, ['1', '2', '3', '4', '5'])
    mock.restoreAll()
    assert.ok((await openAndCheck(store)).counts.records >= 5)
})
