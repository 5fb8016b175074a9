import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { removeDurably, removeEmptyFolders } from '../../../src/core/store/durable-files.js'
import { temporaryFolder } from '../../support/temporary.js'

test('a removed file is gone, and with it the folders that it leaves empty, but never the top one', async (t) => {
    const top = join(temporaryFolder(t), 'composition')
    mkdirSync(join(top, 'a', 'b', 'c'), { recursive: true })
    mkdirSync(join(top, 'a', 'full'))
    writeFileSync(join(top, 'a', 'full', 'file'), '')
    writeFileSync(join(top, 'a', 'b', 'c', 'file'), '')
    await removeDurably(join(top, 'a', 'b', 'c', 'file'))
    await removeEmptyFolders(join(top, 'a', 'b', 'c'), top)
    assert.deepEqual(readdirSync(join(top, 'a')), ['full'])
    rmSync(join(top, 'a', 'full', 'file'))
    await removeEmptyFolders(join(top, 'a', 'full'), top)
    assert.deepEqual(readdirSync(top), [])
    await removeEmptyFolders(top, top)
    assert.ok(existsSync(top))
    await assert.rejects(removeDurably(join(top, 'gone')), { code: 'file-system', message: /ENOENT/ })
})
