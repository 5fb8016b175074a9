import assert from 'node:assert/strict'
import { mkdirSync, realpathSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { physicalPath } from '../../../src/core/store/physical-path.js'
import { temporaryFolder } from '../../support/temporary.js'

test('all links are followed, also behind the end of what is there, and a circle of them ends', async (t) => {
    const top = realpathSync(temporaryFolder(t))
    mkdirSync(join(top, 'a', 'b'), { recursive: true })
    symlinkSync('a/b', join(top, 'to-b'))
    symlinkSync('b/new/er', join(top, 'a', 'to-nothing'))
    symlinkSync('to-itself', join(top, 'a', 'b', 'to-itself'))
    for (const [path, expected] of [
        ['to-b', 'a/b'],
        ['to-b/x/y', 'a/b/x/y'],
        ['a/to-nothing', 'a/b/new/er'],
        ['a/to-nothing/x', 'a/b/new/er/x'],
        ['none/x', 'none/x'],
        ['to-b/to-itself', 'to-b/to-itself'],
    ] as const)
        assert.equal(await physicalPath(join(top, path)), join(top, expected), path)
})
