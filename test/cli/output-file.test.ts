import assert from 'node:assert/strict'
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { OutputFile } from '../../src/cli/output-file.js'
import { temporaryFolder } from '../support/temporary.js'

test('responses of a replay that begins anew stand once in their file', async (t) => {
    const folder = temporaryFolder(t)
    const path = join(folder, 'responses.jsonl')
    const responses = await OutputFile.create(path)
    assert.ok(responses.canRestart)
    await responses.restart()
    await responses.write(['of a log', 'that was cut'])
    await responses.restart()
    await responses.write(['first'])
    await responses.write(['second'])
    assert.deepEqual(readdirSync(folder), [`responses.jsonl.${process.pid}.part`])
    await responses.finish()
    await responses.discard()
    assert.equal(readFileSync(path, 'utf8'), '"first"\n"second"\n')
    assert.deepEqual(readdirSync(folder), ['responses.jsonl'])
})

test('what goes to its place at once is never taken back', async (t) => {
    const folder = temporaryFolder(t)
    writeFileSync(join(folder, 'target'), '')
    symlinkSync('target', join(folder, 'link'))
    const responses = await OutputFile.create(join(folder, 'link'))
    assert.ok(!responses.canRestart)
    await responses.write(['first'])
    await responses.restart()
    await responses.write(['second'])
    await responses.finish()
    assert.equal(readFileSync(join(folder, 'target'), 'utf8'), '"first"\n"second"\n')
})
