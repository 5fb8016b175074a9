import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'

import { hashOfBlob, hashOfValue, type ValueHash } from '../../src/core/later/values/value.js'
import { complogJson } from '../support/envelope.js'
import {
    expectedOfLater,
    lastKalmitStoreNames,
    laterStoreNames,
    unpackLater,
} from '../support/later-stores.js'
import { readFiles, temporaryFolder, writeFiles } from '../support/temporary.js'
import { thinned } from '../support/thinned.js'
import { warmComplog } from '../support/warm.js'

const folder = temporaryFolder({ after })
const oneSpace = (text: string) => text.replaceAll(/\s+/g, ' ')

interface Result {
    readonly app: string | null
    readonly record: { readonly hash: string; readonly position: number } | null
    readonly saidBy: string
    readonly files: readonly { readonly path: string; readonly sizeBytes: number }[]
}

async function files(...argv: readonly string[]): Promise<Result> {
    const envelope = await complogJson('files', argv)
    assert.equal(envelope.status, 'ok')
    return (envelope as unknown as { result: Result }).result
}

for (const name of laterStoreNames.filter((each) => !/^damaged\/|^odd-/.test(each))) {
    test(`${name}: the app of each deployment is written, file for file, and the store stays as it was`, async () => {
        const store = unpackLater(name, folder)
        const before = readFiles(store)
        const { records } = expectedOfLater(name)
        const deployments = records.flatMap(([hash, , event], row) =>
            event.startsWith('Deploy') ? [{ hash, position: row + 1 }] : [],
        )
        const asked = thinned([deployments[0], undefined], [...deployments, undefined])
        for (const [index, at] of asked.entries()) {
            const output = join(folder, 'out', name, String(index))
            const ref = at === undefined ? [] : ['--at', at.hash.slice(0, 16)]
            const result = await files(store, ...ref, '--output', output)
            if (at !== undefined) assert.deepEqual([result.record, result.saidBy], [at, 'deployment'])
            const written = readFiles(output)
            assert.deepEqual(
                Object.entries(written).map(([path, { length }]) => [path, length]),
                result.files
                    .map(({ path, sizeBytes }) => [path, sizeBytes] as const)
                    .toSorted(([a], [b]) => (a < b ? -1 : 1)),
            )
            const elmJson = Object.keys(written).find((path) => /^(?:elm-app\/)?elm\.json$/.test(path)) ?? ''
            assert.ok('elm-version' in (JSON.parse(written[elmJson]?.toString() ?? '{}') as object))
        }
        assert.deepEqual(readFiles(store), before)
    })
}

test('of hosts of spring 2020 the app is in the zip beside the store', async () => {
    const name = lastKalmitStoreNames.find((each) => each === 'l2b-migrations') ?? ''
    const store = unpackLater(name, folder)
    const result = await files(store, '--output', join(folder, 'zip'))
    assert.deepEqual([result.saidBy, result.record], ['zip', null])
    assert.ok(readFiles(join(folder, 'zip'))['elm-app/elm.json'])
    const at = await warmComplog(['files', store, '--at', '#1', '--output', join(folder, 'other')])
    assert.equal(at.exitCode, 12)
    assert.match(oneSpace(at.stderr), /has the app that ran last, and no other/)
})

test('a store that keeps no app says so', async () => {
    const store = unpackLater('l2-plain', folder)
    const { exitCode, stderr } = await warmComplog(['files', store, '--output', join(folder, 'none')])
    assert.equal(exitCode, 12)
    assert.match(oneSpace(stderr), /keep no app in the store.* Look for its files where it was deployed/)
    const odd = unpackLater('odd-v2022-03-20', folder)
    const nothing = await warmComplog(['files', odd, '--output', join(folder, 'none')])
    assert.equal(nothing.exitCode, 14)
    assert.match(oneSpace(nothing.stderr), /says which app ran there/)
})

test('a folder that is not empty, or lies in the store, is refused and stays as it is', async () => {
    const store = unpackLater('g2-plain', folder)
    const output = join(folder, 'full')
    writeFiles(output, { mine: 'x' })
    const full = await warmComplog(['files', store, '--output', output])
    assert.equal(full.exitCode, 2)
    assert.deepEqual(readFiles(output), { mine: Buffer.from('x') })
    const within = await warmComplog(['files', store, '--output', join(store, 'component/app')])
    assert.equal(within.exitCode, 2)
    assert.match(oneSpace(within.stderr), /lies in the store/)
})

/** A store with one record, which deploys an app that a stranger has made. */
function storeWith(name: string, entries: readonly (readonly [string, string])[]): string {
    const store = join(folder, name)
    const values = new Map<ValueHash, Buffer>()
    const blob = (text: string) => {
        const bytes = Buffer.from(text)
        values.set(hashOfBlob(bytes), Buffer.concat([Buffer.from(`blob ${bytes.length}\0`), bytes]))
        return hashOfBlob(bytes)
    }
    const list = (items: readonly ValueHash[]) => {
        const hash = hashOfValue({ kind: 'list', items })
        const form = [Buffer.from(`list ${items.length}\0`), Buffer.from(items.join(''), 'hex')]
        values.set(hash, Buffer.concat(form))
        return hash
    }
    const app = list(entries.map(([path, text]) => list([blob(path), blob(text)])))
    const record = { compositionEvent: { DeployAppConfigAndInitElmAppState: { HashBase16: app } } }
    writeFiles(store, {
        'composition-log/literal/2021-07-20/2021-07-20T10-00': `${JSON.stringify(record)}\n`,
        ...Object.fromEntries(
            [...values].map(([hash, bytes]) => [`literal-element/${hash.slice(0, 2)}/${hash}`, bytes]),
        ),
    })
    return store
}

test('names that a stranger must not choose are refused, and nothing is written', async () => {
    for (const [index, [entries, why]] of (
        [
            [[['../../evil', 'x']], /no name of a file/],
            [[['/etc/evil', 'x']], /no name of a file/],
            [[['..', 'x']], /has a "\.\." part/],
            [[['C:evil', 'x']], /drive letter/],
            [
                [
                    ['Main.elm', 'x'],
                    ['MAIN.elm', 'y'],
                ],
                /differ only by case/,
            ],
            [[['.complog', 'x']], /temporary files/],
        ] as const
    ).entries()) {
        const store = storeWith(`hostile-${index}`, entries)
        const output = join(folder, `hostile-out-${index}`)
        const { exitCode, stderr } = await warmComplog(['files', store, '--output', output])
        assert.equal(exitCode, 14, stderr)
        assert.match(oneSpace(stderr), why)
        assert.deepEqual(readFiles(output), {})
    }
    const plain = storeWith('plain', [['elm.json', '{}']])
    await files(plain, '--output', join(folder, 'plain-out'))
    assert.equal(readFileSync(join(folder, 'plain-out/elm.json'), 'utf8'), '{}')
})
