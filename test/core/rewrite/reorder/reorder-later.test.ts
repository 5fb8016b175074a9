import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'

import fc from 'fast-check'

import { parseRef } from '../../../../src/core/composition/ref.js'
import { givenState } from '../../../../src/core/later/contents/given-state.js'
import { readLater } from '../../../../src/core/later/reading/read-later.js'
import { verifyLater } from '../../../../src/core/later/verify-later.js'
import { planReorder } from '../../../../src/core/rewrite/reorder/plan-reorder.js'
import { reorderTo } from '../../../../src/core/rewrite/reorder/reorder.js'
import { type LaterStore, laterStoreAt } from '../../../../src/core/store/recognise.js'
import { crashAfter } from '../../../support/crash.js'
import { expectedOfLater, filesOfLater, unpackLater } from '../../../support/later-stores.js'
import { linesOf } from '../../../support/stores.js'
import { readFiles, temporaryFolder, writeFiles } from '../../../support/temporary.js'
import { thinned } from '../../../support/thinned.js'

const literal = /^composition-log\/literal\//

function opened(path: string): LaterStore {
    const store = laterStoreAt(path)
    assert.ok(store)
    return store
}

async function reordered(t: TestContext, store: string, head?: string) {
    const output = join(temporaryFolder(t), 'ordered')
    const plan = await planReorder(opened(store), head === undefined ? undefined : parseRef(head))
    return { output, plan, done: await reorderTo(plan, output) }
}

/** All lines of a log, dealt out anew: each file keeps the number of its lines. */
function dealtOut(files: Readonly<Record<string, Buffer>>, order: (lines: Buffer[]) => Buffer[]) {
    const names = Object.keys(files).filter((path) => path.startsWith('composition-log/'))
    const lines = order(names.flatMap((name) => linesOf(files[name]!)))
    return Object.fromEntries(
        names.map((name) => {
            const own = lines.splice(0, linesOf(files[name]!).length)
            return [name, Buffer.concat(own.flatMap((line) => [line, Buffer.from('\n')]))] as const
        }),
    )
}

// One host wrote each of them, so the parents leave no choice.
const ofOneHost = [
    'g2-history',
    'history-v2021-09-01',
    'cont-g3d-g4',
    'truncated-v2022-03-20',
    'history-v2023-03-16',
    'v053-history',
]

for (const name of ofOneHost) {
    test(`${name}: whatever order the lines are brought into, the copy has the first one`, async (t) => {
        const files = filesOfLater(name)
        const count = Object.values(dealtOut(files, (lines) => lines)).flatMap(linesOf).length
        const orders = fc.shuffledSubarray([...Array(count).keys()], { minLength: count })
        await fc.assert(
            fc.asyncProperty(orders, async (order) => {
                const store = join(temporaryFolder(t), 'store')
                writeFiles(store, { ...files, ...dealtOut(files, (lines) => order.map((at) => lines[at]!)) })
                const before = readFiles(store)
                const { output, done } = await reordered(t, store)
                assert.deepEqual(readFiles(output), { ...files })
                assert.equal(done.outside.lines, 0)
                assert.deepEqual(readFiles(store), before)
            }),
            { numRuns: 3 },
        )
    })
}

describe('what is no record of the order', () => {
    const name = 'plain-v2022-03-20'
    test('is kept beside the log: copies of a file, in whatever place, and what is no record', async (t) => {
        const store = unpackLater(name, temporaryFolder(t))
        const log = Object.keys(filesOfLater(name)).filter((path) => literal.test(path))
        const copied = filesOfLater(name)[log[1]!]!
        writeFiles(store, { [`${log[1]!}~`]: copied, 'composition-log/literal/0-copy': copied })
        writeFiles(store, { 'composition-log/literal/2022-04-03/notes.txt': Buffer.from('remember\n') })
        const { output, done } = await reordered(t, store)
        assert.equal(done.outside.lines, 2 * linesOf(copied).length + 1)
        assert.ok(existsSync(done.outside.file!))
        const { findings, head } = await verifyLater(opened(output))
        assert.deepEqual([findings.list, head], [[], expectedOfLater(name).head])
    })

    test('never is a record that nothing else holds: then there is no order', async (t) => {
        const store = unpackLater('damaged/two-hosts-at-once-v2022-03-20', temporaryFolder(t))
        const [log] = Object.keys(readFiles(store)).filter((path) => literal.test(path))
        const lines = linesOf(readFiles(store)[log!]!)
        writeFileSync(join(store, log!), lines.reverse().join('\n') + '\n')
        await assert.rejects(planReorder(opened(store), undefined), { code: 'not-in-order' })
    })
})

test('files that have changed their names show it by the parents', async (t) => {
    const name = 'history-v2021-09-01'
    const store = unpackLater(name, temporaryFolder(t))
    const paths = Object.keys(filesOfLater(name))
        .filter((path) => literal.test(path))
        .map((path) => join(store, path))
    renameSync(paths[0]!, join(store, 'aside'))
    renameSync(paths[1]!, paths[0]!)
    renameSync(join(store, 'aside'), paths[1]!)
    assert.equal((await verifyLater(opened(store))).isSound, false)
    const { output } = await reordered(t, store)
    const read = await readLater(opened(output))
    assert.equal(read.log.findings.counts.error, 0)
    assert.equal(givenState(read).hash, expectedOfLater(name).head)
})

test('a state that was set behind a deployment is of the administrator where an event is left', async (t) => {
    const name = 'history-v2021-09-01'
    const files = Object.entries(filesOfLater(name))
    const texts = files.filter(([path]) => literal.test(path)).map(([, bytes]) => String(bytes))
    const eventIn = (kind: string) =>
        new RegExp(`"compositionEvent":\\{"${kind}".*\\}(?=\\}\n)`).exec(texts.join(''))?.[0] ?? ''
    const [deploy, event, migrate, set] = [
        'DeployAppConfigAndInitElmAppState',
        'UpdateElmAppStateForEvent',
        'DeployAppConfigAndMigrateElmAppState',
        'SetElmAppState',
    ].map(eventIn)
    const lineOf = (said = '', parent = '') => {
        const line = `{${parent && `"parentHashBase16":"${parent}",`}${said}}`
        const hash = createHash('sha256')
            .update(`blob ${Buffer.byteLength(line)}\0${line}`)
            .digest('hex')
        return { line: `${line}\n`, hash }
    }
    const first = lineOf(deploy)
    const ordinary = lineOf(event)
    const migrated = lineOf(migrate, ordinary.hash)
    const wasSet = lineOf(set, migrated.hash)
    const written = [first, ordinary, migrated, wasSet, lineOf(event, ordinary.hash)].map(({ line }) => line)
    const store = join(temporaryFolder(t), 'store')
    const path = 'composition-log/literal/2021-09-26/2021-09-26T08-00'
    const swapped = [...written.slice(0, 3), ...written.slice(3).reverse()].join('')
    const values = files.filter(([each]) => each.startsWith('literal-element/'))
    writeFiles(store, { ...Object.fromEntries(values), [path]: swapped })
    const { output } = await reordered(t, store)
    assert.equal(String(readFiles(output)[path]), written.join(''))
})

test('a log of 2020-05-01 with two newest records is copied up to the one that was chosen', async (t) => {
    const store = unpackLater('damaged/g2-fork', temporaryFolder(t))
    await assert.rejects(planReorder(opened(store), undefined), {
        code: 'two-heads',
        hint: 'Choose one: --head 8433dac988e1 (witness: the reduction of 8433dac988e1), --head 29618cfe3eb0.',
    })
    const { head } = expectedOfLater('g2-plain')
    const { output, done } = await reordered(t, store, head)
    const { findings, head: after, isSound } = await verifyLater(opened(output))
    assert.deepEqual([isSound, after, findings.counts.error], [true, head, 0])
    assert.ok(done.outside.lines > 0)
})

test('lines that lie out of order and have one newest record leave nothing to choose', async (t) => {
    const store = unpackLater('g2-plain', temporaryFolder(t))
    const [path, bytes] = Object.entries(readFiles(store)).find(([name]) =>
        name.startsWith('composition-log/'),
    )!
    writeFileSync(join(store, path), `${linesOf(bytes).toReversed().join('\n')}\n`)
    const [found] = (await verifyLater(opened(store))).findings.list
    assert.match(found?.help ?? '', /^`complog reorder --output DIR` writes a copy in which the lines stand/)
})

test('of several newest records, each choice that is advised leaves a sound copy, and no line is lost', async (t) => {
    for (const [name, count] of [
        ['damaged/g2-fork', 2],
        ['damaged/g2-copied-older-file-after', 3],
    ] as const) {
        const store = unpackLater(name, temporaryFolder(t))
        const { list } = (await verifyLater(opened(store))).findings
        const [first, ...others] = list
            .filter(({ id }) => ['fork', 'out-of-order'].includes(id))
            .map(({ help }) => [...help.matchAll(/--head ([0-9a-f]{12})/g)].map(([, head]) => head!))
        assert.equal(first?.length, count)
        for (const other of others) assert.deepEqual(other, first)
        const linesIn = (path: string) =>
            new Set(
                Object.entries(readFiles(path))
                    .filter(([file]) => /^(?:composition-log|outside-chain)\//.test(file))
                    .flatMap(([, bytes]) => linesOf(bytes).map(String)),
            )
        for (const head of first) {
            const { output } = await reordered(t, store, head)
            const after = await verifyLater(opened(output))
            assert.deepEqual([after.findings.list, after.head?.slice(0, 12)], [[], head])
            assert.deepEqual([...linesIn(output)].toSorted(), [...linesIn(store)].toSorted())
        }
    }
})

test('what is not offered says so', async (t) => {
    const folder = temporaryFolder(t)
    const headFile = opened(unpackLater('g3d-plain', folder))
    await assert.rejects(planReorder(headFile, undefined), { code: 'generation-not-read' })
    const byFiles = unpackLater('plain-v2022-03-20', folder)
    await assert.rejects(planReorder(opened(byFiles), parseRef('head')), { code: 'usage' })
    const plan = await planReorder(opened(byFiles), undefined)
    await assert.rejects(reorderTo(plan, join(byFiles, 'ordered')), { code: 'usage' })
})

test('a copy that was stopped at any step is finished by the same command', async (t) => {
    const store = unpackLater('damaged/g2-last-lf-missing-same-hour', temporaryFolder(t))
    for (let steps = 0; ; steps++) {
        const output = join(temporaryFolder(t), 'ordered')
        const run = async () => {
            await reorderTo(await planReorder(opened(store), undefined), output)
        }
        const isDone = await crashAfter(steps, run)
        if (!isDone) await run()
        const { findings } = await verifyLater(opened(output))
        assert.deepEqual(findings.list, [])
        rmSync(output, { recursive: true })
        if (isDone) break
        // Most steps put one more of the values in its place.
        if (steps > thinned(2, 4)) steps += thinned(39, 19)
    }
})
