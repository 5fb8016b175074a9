import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { VisitedPaths } from '../../../../src/core/store/listing/visited-paths.js'
import { temporaryFolder, writeFiles } from '../../../support/temporary.js'

/** As `stat` tells numbers: those beyond 53 bits are rounded, and of two files they may be the same then. */
const numbered = (ino: number) => Object.assign(statSync('.'), { dev: 1, ino })

test('files whose rounded numbers are the same are two all the same, and each is visited again by its own path', (t) => {
    const folder = temporaryFolder(t)
    writeFiles(folder, { a: '', b: '' })
    const [a, b] = [join(folder, 'a'), join(folder, 'b')]
    const visited = new VisitedPaths()
    const number = numbered(2 ** 60)
    assert.equal(visited.visitedAs({ path: 'a', absolutePath: a }, number), undefined)
    assert.equal(visited.visitedAs({ path: 'b', absolutePath: b }, number), undefined)
    assert.equal(visited.visitedAs({ path: 'again/a', absolutePath: a }, number), 'a')
    assert.equal(visited.visitedAs({ path: 'again/b', absolutePath: b }, number), 'b')
})

test('where a file system numbers nothing, no file is taken for another', (t) => {
    const folder = temporaryFolder(t)
    writeFiles(folder, { a: '' })
    const visited = new VisitedPaths()
    for (const path of ['a', 'b'])
        assert.equal(visited.visitedAs({ path, absolutePath: join(folder, 'a') }, numbered(0)), undefined)
})

test('a file that is gone meanwhile was visited by no other path', (t) => {
    const folder = temporaryFolder(t)
    const visited = new VisitedPaths()
    for (const path of ['a', 'b'])
        assert.equal(visited.visitedAs({ path, absolutePath: join(folder, path) }, numbered(7)), undefined)
})
