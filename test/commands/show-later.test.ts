import assert from 'node:assert/strict'
import { after, test } from 'node:test'

import { complogJson } from '../support/envelope.js'
import { expectedOfLater, unpackLater } from '../support/later-stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { warmComplog } from '../support/warm.js'

const folder = temporaryFolder({ after })
const oneSpace = (text: string) => text.replaceAll(/\s+/g, ' ')

test('show tells a record of a store since 2020-05, by whatever names it', async () => {
    const store = unpackLater('plain-v2022-03-20', folder)
    const [, second = ''] = expectedOfLater('plain-v2022-03-20').records.map(([hash]) => hash)
    for (const ref of ['#2', second, second.slice(0, 8).toUpperCase(), '#3~1']) {
        const { exitCode, stdout } = await warmComplog(['show', store, ref])
        assert.equal(exitCode, 0)
        assert.match(stdout, new RegExp(`record #2\\n +hash +${second}`))
        assert.match(oneSpace(stdout), /time 2022-04-03 10:00:05 UTC, as an event says .* event time/)
    }
    const web = await warmComplog(['show', store, '#3'])
    assert.match(oneSpace(web.stdout), /event POST \/ POST http:\/\/127.0.0.1:\d+\/ .* first note/)
    const deployed = await warmComplog(['show', store, 'first'])
    assert.match(oneSpace(deployed.stdout), /parent none .* event deploy-init .*"files": \["elm.json", "src/)
})

test('show lists a range of such records, the newest first, and says which are void', async () => {
    const name = 'history-v2023-03-16'
    const store = unpackLater(name, folder)
    const { records, void: voidRecords } = expectedOfLater(name)
    const text = await warmComplog(['show', store, '..head'])
    const lines = text.stdout.trimEnd().split('\n')
    assert.equal(lines.length, records.length)
    assert.equal(lines.filter((line) => line.endsWith('(void)')).length, voidRecords)
    const some = await warmComplog(['show', store, '#10..#20', '--limit', '3', '--lines'])
    assert.match(oneSpace(some.stderr), /has 7 older records beyond these: .* #10\.\.#17/)
    const positions = some.stdout.trimEnd().split('\n')
    assert.deepEqual(
        positions.map((line) => (JSON.parse(line) as { position: number }).position),
        [20, 19, 18],
    )
    const { result } = (await complogJson('show', [store, '..head'])) as unknown as {
        result: { records: { hash: string; void: boolean; events: { does: string }[] }[] }
    }
    assert.deepEqual(
        result.records.map(({ hash }) => hash).reverse(),
        records.map(([hash]) => hash),
    )
    assert.equal(result.records.filter((each) => each.void).length, voidRecords)
})

test('show prints the state where one is given, a part of it, and what changed between two', async () => {
    const store = unpackLater('v040-plain', folder)
    const { head, state } = expectedOfLater('v040-plain')
    const shown = await warmComplog(['show', store, '--state'])
    assert.deepEqual(JSON.parse(shown.stdout), JSON.parse(state ?? ''))
    assert.match(shown.stderr, new RegExp(head))
    const fields = Object.keys(JSON.parse(state ?? '') as object)
    const part = await warmComplog(['show', store, '--state', '--path', `/${fields[0] ?? ''}`])
    assert.deepEqual(
        JSON.parse(part.stdout),
        (JSON.parse(state ?? '') as Record<string, unknown>)[fields[0] ?? ''],
    )
    const none = await warmComplog(['show', store, '--state', '--path', '/nowhere'])
    assert.equal(none.exitCode, 3)
    const range = await warmComplog(['show', store, '..head', '--diff', '--lines'])
    const differences = range.stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { difference?: { changes: unknown[] } | null }).difference)
    assert.ok(differences.some((each) => (each?.changes.length ?? 0) > 0))
    const only = await warmComplog(['show', unpackLater('plain-v2022-03-20', folder), '#3', '--state'])
    assert.equal(only.exitCode, 12)
    assert.match(oneSpace(only.stderr), /nly the app could say/)
})

test('show refuses by name what it does not do on such a store', async () => {
    const store = unpackLater('g2-plain', folder)
    const { exitCode, stderr } = await warmComplog(['show', store, '--app', 'nowhere'])
    assert.equal(exitCode, 12)
    assert.match(oneSpace(stderr), /--app is not for such a store/)
    assert.doesNotMatch(stderr, /does not\s+read it/)
})
