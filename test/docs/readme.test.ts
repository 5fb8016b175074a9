import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

import { assertExamples } from '../support/examples.js'
import { temporaryFolder } from '../support/temporary.js'

test('every example in the README prints what the README says', async (t) =>
    assert.ok((await assertExamples('README.md', temporaryFolder(t))) >= 5))

test('the README can be read in a few minutes', () => {
    const words = readFileSync('README.md', 'utf8').split(/\s+/)
    assert.ok(words.length <= 1000, `${words.length} words`)
})
