import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

const page = readFileSync('docs/guarantees.md', 'utf8')

test('every test that docs/guarantees.md names is there', () => {
    const named = [...page.matchAll(/`(test\/[^`]+)`/g)].map(([, path]) => path!)
    assert.ok(named.length > 10)
    assert.deepEqual(
        named.filter((path) => !existsSync(path)),
        [],
    )
})

test('every promise of docs/guarantees.md names a test that holds it', () => {
    const [promises = ''] = page.split('\n## What was injected')
    const sections = promises.split(/^## /m).slice(1)
    assert.ok(sections.length >= 15)
    for (const section of sections) {
        const [promise, tests = ''] = section.split('\nHeld by:\n')
        assert.match(tests, /^(?:\n*- `test\/[^`]+\.test\.ts`)+\n*$/, promise)
    }
})
