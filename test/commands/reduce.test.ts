import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'

import { withApp } from '../support/cli.js'
import { errorOf, resultOf } from '../support/envelope.js'
import { contents, listing } from '../support/listing.js'
import { counterLog, LogWriter, reductionFile } from '../support/log-writer.js'
import { copyStore, fixtureStores, makeStore } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { warmComplog } from '../support/warm.js'

const app = withApp()
const { path } = fixtureStores[2]!
/** The counter that adds 1, 2, 3 and so on. */
const stateAt = (position: number) => String((position * (position + 1)) / 2)

describe('reduce', () => {
    test('writes the reduction of the head as a later host would, to the byte', async (t) => {
        const log = counterLog(5)
        const store = makeStore(temporaryFolder(t), log.lines)
        const result = await resultOf('reduce', [store, ...app])
        assert.deepEqual(readdirSync(join(store, 'reduction')), [log.head])
        const bytes = readFileSync(join(store, 'reduction', log.head))
        const json = `{"ReducedCompositionHashBase16":"${log.head}","ReducedValue":{"LiteralString":"15"}}`
        assert.equal(bytes.toString('utf8'), json)
        assert.deepEqual(result.reductions, [
            { hash: log.head, position: 5, outcome: 'new', written: true, sizeBytes: bytes.length },
        ])
        assert.deepEqual(readdirSync(store).sort(), ['composition', 'reduction'])
    })

    test('writes the reduction of REF, and changes nothing of the log', async (t) => {
        const log = counterLog(5)
        const store = makeStore(temporaryFolder(t), log.lines)
        const before = listing(join(store, 'composition'))
        await resultOf('reduce', [store, ...app, '--at', 'head~2'])
        assert.deepEqual(readdirSync(join(store, 'reduction')), [log.hashes[2]])
        assert.deepEqual(listing(join(store, 'composition')), before)
        const result = await resultOf('replay', [store, ...app])
        assert.deepEqual([result.state, result.start.kind, result.records], ['15', 'reduction', 2])
    })

    test('writes the reduction of every Nth record, each as replay gives it', async (t) => {
        const log = counterLog(10)
        const store = makeStore(temporaryFolder(t), log.lines)
        const result = await resultOf('reduce', [store, ...app, '--every', '3'])
        assert.deepEqual(
            result.reductions.map(({ position, outcome }) => [position, outcome]),
            [3, 6, 9].map((position) => [position, 'new']),
        )
        for (const position of [3, 6, 9]) {
            const file = join(store, 'reduction', log.hashes[position - 1]!)
            const json = JSON.parse(readFileSync(file, 'utf8')) as {
                ReducedValue: { LiteralString: string }
            }
            assert.equal(json.ReducedValue.LiteralString, stateAt(position))
        }
        assert.equal((await resultOf('verify-chain', [store, ...app])).reductions.proven, 3)
    })

    test('finds the reductions of each store that Kalmit wrote equal, and leaves them', async (t) => {
        for (const fixture of fixtureStores) {
            const store = temporaryFolder(t)
            copyStore(fixture.path, store)
            const before = listing(store)
            for (const hash of Object.keys(fixture.expected.reductions)) {
                const args = [store, ...withApp(fixture.app), '--at', hash]
                const [reduced] = (await resultOf('reduce', args)).reductions
                assert.deepEqual([reduced?.outcome, reduced?.written], ['equal', false])
            }
            assert.deepEqual(listing(store), before)
        }
    })

    test('with --replace writes those anew that say the same in an older form, and verify-chain is content', async (t) => {
        for (const fixture of fixtureStores) {
            const store = temporaryFolder(t)
            copyStore(fixture.path, store)
            const head = fixture.expected.tip
            const args = [store, ...withApp(fixture.app), '--replace']
            await resultOf('reduce', args)
            const file = join(store, 'reduction', head)
            const isOfNovember = fixture.name.includes('2018-11')
            assert.equal(
                'ReducedCompositionHash' in (JSON.parse(readFileSync(file, 'utf8')) as object),
                isOfNovember,
            )
            const again = await resultOf('reduce', args)
            assert.deepEqual([again.reductions[0]?.outcome, again.reductions[0]?.written], ['equal', false])
            const { findings } = await resultOf('verify-chain', [store])
            const ofForm = findings.filter(({ id }) => id === 'reduction-form')
            // Hosts of March do not read what is written for those since April.
            assert.equal(ofForm.length, fixture.name.includes('2019-03') ? 1 : 0)
        }
    })

    test('warns where hosts of the time of the newest record do not read what was written', async (t) => {
        const march = new LogWriter('2019-03').addAdditions(1, 2)
        const store = makeStore(temporaryFolder(t), march.lines)
        const { exitCode, stderr } = await warmComplog(['reduce', store, ...app])
        assert.equal(exitCode, 0)
        assert.match(stderr, /generation 2019-03, and hosts of that time do\s+not read this form/)
    })

    test('says in a table what it did', async (t) => {
        const store = temporaryFolder(t)
        copyStore(path, store)
        const { exitCode, stdout } = await warmComplog(['reduce', store, ...app, '--every', '24'])
        assert.equal(exitCode, 0)
        assert.match(stdout, /^ {2}record +hash +reduction +size$/m)
        assert.match(stdout, /^ +#24 {2}[0-9A-F]{40}… {2}written +\d+ B$/m)
        assert.match(stdout, /^ +#48 {2}[0-9A-F]{40}… {2}was there, equal +\d+ B$/m)
        assert.match(stdout, /^1 reduction written\.$/m)
    })

    test('touches nothing in a dry run, and says what it would write', async (t) => {
        const store = temporaryFolder(t)
        copyStore(path, store)
        const before = listing(store)
        const result = await resultOf('reduce', [store, ...app, '--every', '24', '--dry-run'])
        assert.equal(result.dryRun, true)
        assert.deepEqual(
            result.reductions.map(({ outcome, written }) => [outcome, written]),
            [
                ['new', false],
                ['equal', false],
            ],
        )
        const { stdout } = await warmComplog(['reduce', store, ...app, '--every', '24', '--dry-run'])
        assert.match(stdout, /would be written/)
        assert.match(stdout, /^Dry run: nothing was written\.$/m)
        assert.deepEqual(listing(store), before)
    })
})

describe('reduce where a reduction is there and differs', () => {
    const log = counterLog(6)
    const wrong = { [log.hashes[3]!]: reductionFile(log.hashes[3]!, '999') }

    test('ends with 3 and writes nothing at all, not even the others', async (t) => {
        const store = makeStore(temporaryFolder(t), log.lines, wrong)
        const before = listing(store)
        const { exitCode, stdout } = await warmComplog(['reduce', store, ...app, '--every', '2'])
        assert.equal(exitCode, 3)
        assert.match(stdout, /^ +#4 .* DIFFERS /m)
        assert.match(stdout, /^ +#2 .* not written /m)
        assert.match(stdout, /^Nothing was written: 1 reduction on disk differs from what replay gives\.$/m)
        assert.match(stdout, /--replace/)
        assert.deepEqual(listing(store), before)
        const result = await resultOf('reduce', [store, ...app, '--at', '#4'], 'no')
        assert.deepEqual(
            result.reductions.map(({ outcome, written }) => [outcome, written]),
            [['differs', false]],
        )
    })

    test('overwrites it with --replace, so that the store is sound', async (t) => {
        const store = makeStore(temporaryFolder(t), log.lines, wrong)
        const result = await resultOf('reduce', [store, ...app, '--every', '2', '--replace'])
        assert.deepEqual(
            result.reductions.map(({ outcome, written }) => [outcome, written]),
            [
                ['new', true],
                ['differs', true],
                ['new', true],
            ],
        )
        assert.equal((await resultOf('verify-chain', [store, ...app])).reductions.proven, 3)
    })

    test('does so for a file that cannot be read as a reduction', async (t) => {
        const store = makeStore(temporaryFolder(t), log.lines, { [log.hashes[3]!]: 'no JSON' })
        assert.equal((await warmComplog(['reduce', store, ...app, '--at', '#4'])).exitCode, 3)
        await resultOf('reduce', [store, ...app, '--at', '#4', '--replace'])
        assert.equal((await resultOf('verify-chain', [store, ...app])).reductions.proven, 1)
    })

    test('does not let a wrong reduction prove itself or a later one', async (t) => {
        const store = makeStore(temporaryFolder(t), log.lines, wrong)
        const args = [store, ...app, '--at', 'head', '--from-genesis']
        assert.equal((await resultOf('reduce', args)).reductions[0]?.outcome, 'new')
        const file = readFileSync(join(store, 'reduction', log.head), 'utf8')
        assert.ok(file.includes(`"${stateAt(6)}"`), file)
    })
})

describe('reduce of a log without a place for reductions', () => {
    test('ends with 2 and says what to name instead', async (t) => {
        const folder = temporaryFolder(t)
        writeFileSync(join(folder, 'log.jsonl'), counterLog(2).lines.join('\n'))
        const before = contents(folder)
        const error = await errorOf('reduce', [join(folder, 'log.jsonl'), ...app])
        assert.equal(error.exitCode, 2)
        assert.match(error.message, /is a log, but not in a process store/)
        assert.match(error.hint ?? '', /`composition\/` and `reduction\/`/)
        assert.deepEqual(contents(folder), before)
    })

    test('has nothing to do for an empty store', async (t) => {
        const { exitCode, stdout } = await warmComplog(['reduce', temporaryFolder(t), ...app])
        assert.deepEqual([exitCode, stdout], [0, 'Nothing to reduce: the chain is too short.\n'])
    })
})
