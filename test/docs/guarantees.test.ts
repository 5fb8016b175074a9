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
    const [promises = ''] = page.split('\n## ')
    const rows = promises
        .split('\n')
        .filter((line) => line.startsWith('| ') && !/^\| (?:promise|-+) /.test(line))
    assert.ok(rows.length >= 9)
    for (const row of rows) assert.match(row.split('|')[3] ?? '', /`test\/[^`]+\.test\.ts`/, row)
})
