import assert from 'node:assert/strict'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'

import { complogJson } from '../support/envelope.js'
import { expectedOfLater, kindsOfEvents, laterStoreNames, unpackLater } from '../support/later-stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { thinned } from '../support/thinned.js'
import { warmComplog } from '../support/warm.js'

const folder = temporaryFolder({ after })
/** Also the kinds that a store does not have. */
const isWhole = thinned(false, true)
const oneSpace = (text: string) => text.replaceAll(/\s+/g, ' ')

interface Line {
    readonly position: number
    readonly kind: string
    readonly event: unknown
}

async function found(store: string, ...flags: readonly string[]): Promise<readonly Line[]> {
    const { stdout } = await warmComplog(['search', store, ...flags, '--lines'])
    return stdout === ''
        ? []
        : stdout
              .trimEnd()
              .split('\n')
              .map((line) => JSON.parse(line) as Line)
}

for (const name of laterStoreNames.filter((each) => !each.startsWith('damaged/'))) {
    test(`${name}: as many of each kind as its host has written`, async () => {
        const store = unpackLater(name, folder)
        const { records } = expectedOfLater(name)
        const kinds = Object.entries(kindsOfEvents).filter(
            ([event, kind]) =>
                kind !== 'apply-function' && (isWhole || records.some(([, , each]) => each === event)),
        )
        for (const [event, kind] of kinds) {
            const wanted = records.flatMap(([, , each], row) => (each === event ? [row + 1] : []))
            assert.deepEqual(
                (await found(store, '--kind', kind)).map(({ position }) => position),
                wanted,
                kind,
            )
        }
        const { stdout } = await warmComplog(['search', store, '--count'])
        assert.equal(Number(stdout), records.length)
    })
}

test('search finds what is asked for in a store since 2020-05, and leaves out what is not', async () => {
    const store = unpackLater('history-v2023-03-16', folder)
    const all = await found(store)
    const notTime = await found(store, '--kind', '!time')
    assert.ok(notTime.length > 0 && notTime.length < all.length)
    assert.deepEqual(
        notTime,
        all.filter(({ kind }) => kind !== 'time'),
    )
    const positions = async (...flags: readonly string[]) =>
        (await found(store, ...flags)).map(({ position }) => position)
    assert.deepEqual(await positions('--kind', 'deploy'), [1, 9, 39])
    assert.deepEqual(await positions('--kind', 'deploy', '--since', '#2', '--until', '2023-03-21T08:05'), [9])
    assert.deepEqual(await positions('--kind', 'POST', '--where', 'record.body === "seven"'), [26])
    assert.deepEqual(await positions('--where', 'record.void && record.does === "revert"'), [23])
    assert.deepEqual(await positions('--kind', 'revert', '--where', 'event.to.position === 7'), [28])
    assert.deepEqual(await positions('--match', 'set by admin'), [16])
    assert.deepEqual(await positions('--match', 'set by \\w+ ✓'), [16])
    const some = await warmComplog(['search', store, '--kind', 'POST', '--limit', '2'])
    assert.match(some.stdout, /^#4 .*POST \/ .* one\n#5 .*two — Zwei\n$/)
    assert.match(oneSpace(some.stderr), /Ended after 2 hits\. Go on with --since '#6'/)
    const none = await warmComplog(['search', store, '--kind', 'DELETE'])
    assert.equal(none.exitCode, 3)
})

test('search answers with JSON that its schema promises, and refuses by name what it does not do', async () => {
    const store = unpackLater('v044-history', folder)
    const envelope = await complogJson('search', [store, '--kind', 'deploy'])
    assert.equal(envelope.status, 'ok')
    for (const flags of [
        ['--app', 'nowhere'],
        ['--changed', '/notes'],
    ]) {
        const { exitCode, stderr } = await warmComplog(['search', store, ...flags])
        assert.equal(exitCode, 12)
        assert.match(oneSpace(stderr), new RegExp(`${flags[0] ?? ''} is not for such a store`))
    }
    const { exitCode, stderr } = await warmComplog(['search', store, '--where', 'state.notes'])
    assert.equal(exitCode, 2)
    assert.match(oneSpace(stderr), /complog replays no app/)
})

test('what a damaged log no longer tells is no silent no: the findings on it are warnings', async (t) => {
    const damaged = unpackLater('damaged/broken-json-middle-v2022-03-20', temporaryFolder(t))
    const lost = unpackLater('plain-v2022-03-20', temporaryFolder(t))
    rmSync(join(lost, 'composition-log'), { recursive: true })
    const asked = [
        ['search', [damaged, '--match', 'no such text'], 3, 'malformed-record'],
        ['search', [lost, '--match', 'no such text'], 3, 'records-missing'],
        ['show', [damaged, '#3'], 0, 'malformed-record'],
        ['profile', [damaged], 0, 'malformed-record'],
        ['profile', [lost], 0, 'records-missing'],
        ['files', [damaged, '--output', join(temporaryFolder(t), 'app')], 0, 'malformed-record'],
    ] as const
    for (const [command, args, code, id] of asked) {
        const { exitCode, warnings } = await complogJson(command, args)
        assert.deepEqual([exitCode, warnings.map((warning) => warning.id)], [code, [id]], command)
    }
})

test('where all records are lost, no record is said to be none that there was', async (t) => {
    const store = unpackLater('plain-v2022-03-20', temporaryFolder(t))
    rmSync(join(store, 'composition-log'), { recursive: true })
    const app = join(temporaryFolder(t), 'app')
    for (const args of [['show'], ['show', '#1'], ['replay'], ['files', '--output', app]]) {
        const [command = '', ...rest] = args
        const { exitCode, stderr } = await warmComplog([command, store, ...rest])
        assert.equal(exitCode, 12, command)
        assert.match(oneSpace(stderr), /There are reductions, but no log.* Restore the composition log/)
    }
    // Without newer values too, those that are left look like those of another generation.
    rmSync(join(store, 'value'), { recursive: true, force: true })
    mkdirSync(join(store, 'composition-log', 'literal'), { recursive: true })
    for (const args of [
        ['bisect', store, '--decode-error'],
        ['compare', store],
        ['reduce', store],
    ]) {
        const { exitCode, stderr } = await warmComplog(args)
        assert.equal(exitCode, 12, stderr)
        assert.match(oneSpace(stderr), /values or reductions of hosts since 2020-05, but no log: /)
    }
})
