import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'

import { withApp } from '../support/cli.js'
import { errorOf, resultOf } from '../support/envelope.js'
import { listing } from '../support/listing.js'
import { counterLog, LogWriter, reductionFile } from '../support/log-writer.js'
import { copyStore, fixtureStores, makeStore } from '../support/stores.js'
import { filePaths, temporaryFolder } from '../support/temporary.js'
import { thinned } from '../support/thinned.js'
import { warmComplog } from '../support/warm.js'

const app = withApp()

/** Ten records with reductions of the third and the seventh. */
function tenRecords(t: TestContext, states: readonly [string, string] = ['6', '28']) {
    const log = counterLog(10)
    const third = log.hashes[2]!
    const seventh = log.hashes[6]!
    const reductions = {
        [third]: reductionFile(third, states[0]),
        [seventh]: reductionFile(seventh, states[1]),
    }
    return { log, third, seventh, store: makeStore(temporaryFolder(t), log.lines, reductions) }
}

describe('truncate', () => {
    for (const fixture of fixtureStores) {
        test(`cuts ${fixture.name} at each reduction, and the rest restores to the same state`, async (t) => {
            const reduced = Object.keys(fixture.expected.reductions)
            for (const hash of reduced.filter((_, nth) => nth % thinned(2, 1) === 0)) {
                const store = temporaryFolder(t)
                copyStore(fixture.path, store)
                const named = [store, ...withApp(fixture.app)]
                const result = await resultOf('truncate', [...named, '--before', hash, '--yes'])
                const { position } = result.oldest
                assert.deepEqual([result.proven, result.oldest.hash], [true, hash])
                assert.equal(result.records.removed, position - 1)
                assert.equal(result.records.kept, fixture.expected.records - position + 1)
                assert.equal((await warmComplog(['replay', ...named])).stdout, fixture.expected.state)
                const verified = await resultOf('verify-chain', [store])
                assert.equal(verified.records, result.records.kept)
                assert.equal(verified.head, fixture.expected.tip)
                assert.deepEqual(readdirSync(store).sort(), ['composition', 'reduction'])
            }
        })
    }

    test('takes the newest reduction where none is named, and drops the older ones', async (t) => {
        const { store, seventh, log } = tenRecords(t)
        const result = await resultOf('truncate', [store, ...app, '--yes'])
        assert.deepEqual(result.oldest, { hash: seventh, position: 7 })
        assert.deepEqual(result.records, { removed: 6, kept: 4 })
        assert.deepEqual(result.files, { removed: 0, cut: 1, kept: 0 })
        assert.equal(result.reductionsRemoved, 1)
        assert.deepEqual(readdirSync(join(store, 'reduction')), [seventh])
        const verified = await resultOf('verify-chain', [store])
        assert.equal(verified.oldestParent, log.hashes[5])
    })

    test('shows the plan and touches nothing in a dry run', async (t) => {
        const { store, seventh } = tenRecords(t)
        const before = listing(store)
        const { exitCode, stdout, stderr } = await warmComplog(['truncate', store, ...app, '--dry-run'])
        assert.deepEqual([exitCode, stderr], [0, ''])
        assert.match(stdout, /^ +removed +kept$/m)
        assert.match(stdout, /^ {2}records +6 +4$/m)
        assert.match(stdout, /^ {2}log files +0 +1, 1 of them cut$/m)
        assert.match(stdout, /^ {2}reductions +1 +1$/m)
        assert.ok(stdout.includes(`The oldest record will be #7, ${seventh.slice(0, 12)}…`))
        assert.match(stdout, /^Proven by replay: the cut store restores to the same state\.$/m)
        assert.match(stdout, /^Dry run: nothing was removed\.$/m)
        assert.equal((await resultOf('truncate', [store, ...app, '--dry-run'])).dryRun, true)
        assert.deepEqual(listing(store), before)
    })

    test('has nothing to do where the log begins with the reduced record', async (t) => {
        const { store } = tenRecords(t)
        await resultOf('truncate', [store, ...app, '--yes'])
        const before = listing(store)
        const { exitCode, stdout } = await warmComplog(['truncate', store, ...app, '--yes'])
        assert.equal(exitCode, 0)
        assert.equal(stdout, 'Nothing to remove: the log begins with the reduced record already.\n')
        assert.deepEqual(listing(store), before)
    })

    test('keeps what it removes in an archive that is a store of its own', async (t) => {
        const fixture = fixtureStores[3]!
        const folder = temporaryFolder(t)
        const store = join(folder, 'store')
        const archive = join(folder, 'archive')
        copyStore(fixture.path, store)
        const named = [store, ...withApp(fixture.app)]
        const reduced = Object.keys(fixture.expected.reductions)
        const positions = await Promise.all(
            reduced.map(async (hash) => (await resultOf('replay', [...named, '--until', hash])).position!),
        )
        const inOrder = reduced.toSorted(
            (a, b) => positions[reduced.indexOf(a)]! - positions[reduced.indexOf(b)]!,
        )
        let archived = 0
        for (const hash of inOrder) {
            const args = [...named, '--before', hash, '--archive', archive, '--yes']
            const result = await resultOf('truncate', args)
            assert.equal(result.archive?.path, archive)
            archived += result.records.removed
            const verified = await resultOf('verify-chain', [archive])
            assert.equal(verified.records, archived)
            assert.deepEqual([verified.counts.error, verified.counts.warning], [0, 0])
        }
        const { records } = await resultOf('verify-chain', [store])
        assert.equal(records + archived, fixture.expected.records)
        const first = await resultOf('replay', [archive, ...withApp(fixture.app), '--from-genesis'])
        assert.equal(first.position, archived)
    })
})

describe('truncate refuses', () => {
    test('a reduction that replay disagrees with: exit code 3, nothing touched', async (t) => {
        const { store } = tenRecords(t, ['6', '999'])
        const before = listing(store)
        const error = await errorOf('truncate', [store, ...app, '--yes'])
        assert.deepEqual([error.exitCode, error.code], [3, 'reduction-differs'])
        assert.match(error.message, /is not what replay gives\. Nothing was removed\.$/)
        assert.equal(error.place?.line, 7)
        assert.match(error.hint ?? '', /`complog reduce --replace --at [0-9A-F]{12}`/)
        assert.deepEqual(listing(store), before)
    })

    test('to go without an app, unless it is told to, and then says what is missing', async (t) => {
        const { store } = tenRecords(t)
        const before = listing(store)
        const error = await errorOf('truncate', [store, '--yes'])
        assert.equal(error.exitCode, 2)
        assert.match(error.hint ?? '', /--app, .*--unproven/)
        assert.deepEqual(listing(store), before)
        const { exitCode, stdout } = await warmComplog(['truncate', store, '--unproven', '--yes'])
        assert.equal(exitCode, 0)
        assert.match(stdout, /^Not proven by replay\.$/m)
        assert.match(stdout, /^Removed 6 records, .* freed\.$/m)
    })

    test('without --yes where nobody can answer: exit code 2, the plan, nothing touched', async (t) => {
        const { store } = tenRecords(t)
        const before = listing(store)
        const { exitCode, stdout, stderr } = await warmComplog(['truncate', store, ...app], { input: 'y\n' })
        assert.deepEqual([exitCode, stdout], [2, ''])
        assert.match(stderr, /^ {2}records +6 +4$/m)
        assert.match(stderr, /^Error: Not confirmed\. Nothing was removed\.$/m)
        assert.match(stderr, /--dry-run, and confirm with --yes\.$/m)
        assert.equal((await errorOf('truncate', [store, ...app])).code, 'not-confirmed')
        assert.deepEqual(listing(store), before)
    })

    test('a store with error findings, and names the first', async (t) => {
        const { store } = tenRecords(t)
        const branch = new LogWriter().addAdditions(9)
        makeStore(store, [...counterLog(10).lines, ...branch.lines])
        const before = listing(store)
        const error = await errorOf('truncate', [store, ...app, '--yes'])
        assert.deepEqual([error.exitCode, error.code], [12, 'error-findings'])
        assert.equal(error.place?.line, 11)
        assert.match(error.hint ?? '', /`complog verify-chain`/)
        assert.deepEqual(listing(store), before)
    })

    test('lines that are not in chain order, and names the command that helps', async (t) => {
        const { store, log } = tenRecords(t)
        makeStore(store, [log.lines[1]!, log.lines[0]!, ...log.lines.slice(2)])
        const error = await errorOf('truncate', [store, ...app, '--yes'])
        assert.deepEqual([error.exitCode, error.code], [12, 'not-in-order'])
        assert.match(error.hint ?? '', /`complog reorder --in-place`/)
    })

    test('a record without a reduction, and names the command that writes one', async (t) => {
        const { store, log } = tenRecords(t)
        const error = await errorOf('truncate', [store, ...app, '--before', '#5', '--yes'])
        assert.deepEqual([error.exitCode, error.code], [12, 'no-reduction'])
        assert.ok(error.hint?.includes(`complog reduce --at ${log.hashes[4]!.slice(0, 12)}`))
    })

    test('an archive within the store, or one that holds another log', async (t) => {
        const { store } = tenRecords(t)
        const before = listing(store)
        for (const archive of [store, join(store, 'composition', 'old'), join(store, 'reduction', 'x')]) {
            const error = await errorOf('truncate', [store, ...app, '--archive', archive, '--yes'])
            assert.equal(error.exitCode, 2)
        }
        const other = makeStore(temporaryFolder(t), new LogWriter().addAdditions(5).lines)
        const filesOfOther = filePaths(other)
        const error = await errorOf('truncate', [store, ...app, '--archive', other, '--yes'])
        assert.deepEqual([error.exitCode, error.code], [2, 'output-not-empty'])
        assert.deepEqual(listing(store), before)
        assert.deepEqual(filePaths(other), filesOfOther)
    })
})
