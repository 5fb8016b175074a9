import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'

import { withApp } from '../support/cli.js'
import { complogJson, resultOf } from '../support/envelope.js'
import { counterLog, hashOf, recordLine, reductionFile } from '../support/log-writer.js'
import { copyStore, fixtureStores, makeStore, readLog, writeLog } from '../support/stores.js'
import { filePaths, readFiles, temporaryFolder, writeFiles } from '../support/temporary.js'
import { warmComplog } from '../support/warm.js'

describe('verify-chain on the stores that Kalmit wrote', () => {
    for (const { name, path, app, expected } of fixtureStores) {
        test(`finds ${name} sound, with every number as expected`, async () => {
            const result = await resultOf('verify-chain', [path, '--expect-head', expected.tip.toLowerCase()])
            assert.equal(result.sound, true)
            assert.equal(result.head, expected.tip)
            assert.deepEqual(result.heads, [expected.tip])
            assert.equal(result.files, expected.files)
            assert.equal(result.records, expected.records)
            assert.equal(result.events, expected.events)
            assert.equal(result.inOrder, true)
            const reductions = Object.keys(expected.reductions).length
            assert.deepEqual(result.reductions, { files: reductions, usable: reductions, proven: null })
            assert.equal(result.counts.error, 0)
            assert.equal(result.findingsOmitted, 0)
        })

        test(`proves every reduction of ${name} by replay, given the app`, async () => {
            const result = await resultOf('verify-chain', [path, ...withApp(app)])
            assert.equal(result.reductions.proven, Object.keys(expected.reductions).length)
        })

        test(`says the same of ${name} where its composition folder is named`, async () => {
            const result = await resultOf('verify-chain', [join(path, 'composition')])
            assert.equal(result.head, expected.tip)
            assert.equal(result.reductions.files, Object.keys(expected.reductions).length)
        })
    }

    test('says which reader read the log: the reference, where it is small or there is no WebAssembly', async (t) => {
        const small = await resultOf('verify-chain', [fixtureStores[2]!.path])
        assert.equal(small.reader, 'reference')
        const path = makeStore(temporaryFolder(t), counterLog(200).lines)
        const fast = await resultOf('verify-chain', [path])
        // V8 warns on stderr of its flag.
        const { stdout } = await warmComplog(['verify-chain', path, '--json'], {
            env: { NODE_OPTIONS: '--jitless' },
        })
        const reference = (JSON.parse(stdout) as { result: typeof fast }).result
        assert.deepEqual([fast.reader, reference.reader], ['fast', 'reference'])
        assert.deepEqual(reference, { ...fast, reader: 'reference', milliseconds: reference.milliseconds })
    })

    test('tells the same in text, and ends with 0', async () => {
        const { path, expected } = fixtureStores[2]!
        const { exitCode, stdout, stderr } = await warmComplog(['verify-chain', path])
        assert.equal(exitCode, 0)
        assert.equal(stderr, '')
        assert.match(stdout, /^ {2}records +48 records, 54 events, in 21 files \(7\.27 kB\)$/m)
        assert.match(stdout, new RegExp(`^ {2}head +${expected.tip}$`, 'm'))
        assert.match(stdout, /^ {2}begins at +genesis$/m)
        assert.match(stdout, /^ {2}reductions +3, 3 usable$/m)
        assert.match(stdout, /^Sound: 1 note\.$/m)
        assert.match(stdout, /^note reduction-form$/m)
    })

    test('takes a single log file for a log of its own, without reductions', async () => {
        const { path } = fixtureStores[2]!
        const [first] = filePaths(join(path, 'composition'))
        const result = await resultOf('verify-chain', [join(path, 'composition', first!)])
        assert.equal(result.files, 1)
        assert.equal(result.reductions.files, 0)
    })
})

describe('verify-chain on stores with something to find', () => {
    test('a head that differs from the expected one is an error: exit code 3', async () => {
        const { path, expected } = fixtureStores[0]!
        const other = 'A'.repeat(64)
        const { exitCode, stdout } = await warmComplog(['verify-chain', path, '--expect-head', other])
        assert.equal(exitCode, 3)
        assert.match(stdout, /^Not sound: 1 error, 1 note\.$/m)
        assert.match(stdout, /^error head-differs$/m)
        assert.match(
            stdout.replaceAll(/\s+/g, ' '),
            new RegExp(`The head is ${expected.tip}, not .* ${other}`),
        )
    })

    test('warnings and notes alone are no reason to end with anything but 0', async (t) => {
        const { path } = fixtureStores[0]!
        const folder = temporaryFolder(t)
        copyStore(path, folder)
        const [[file, lines]] = Object.entries(readLog(folder)) as [[string, Buffer[]]]
        writeLog(folder, { [file]: [...lines.slice(0, 5), lines[0]!, ...lines.slice(5)] })
        const result = await resultOf('verify-chain', [folder])
        assert.equal(result.sound, true)
        assert.deepEqual(result.counts, { error: 0, warning: 1, note: 1 })
        const duplicate = result.findings.find(({ id }) => id === 'duplicate-record')
        assert.equal(duplicate?.place?.line, 6)
    })

    test('goes on past errors, and names file, line and byte of each', async (t) => {
        const log = counterLog(6)
        const lines = [...log.lines.slice(0, 2), '{', ...log.lines.slice(2), '{"ParentHash']
        const store = makeStore(temporaryFolder(t), lines, { 'not-a-hash': '' })
        const result = await resultOf('verify-chain', [store], 'no')
        const found = result.findings.map(({ id, place }) => [id, place?.file, place?.line])
        assert.deepEqual(found.sort(), [
            ['malformed-record', '2019-04-01.composition.jsonl', 3],
            ['malformed-record', '2019-04-01.composition.jsonl', 8],
            ['reduction-misnamed', 'reduction/not-a-hash', undefined],
        ])
        const offset = Buffer.byteLength(log.lines.slice(0, 2).join('\n')) + 1
        assert.equal(result.findings.find(({ place }) => place?.line === 3)?.place?.offsetBytes, offset)
        const { stdout } = await warmComplog(['verify-chain', store])
        assert.ok(stdout.includes(`  at 2019-04-01.composition.jsonl:3 (byte ${offset})\n`), stdout)
    })

    test('explains each kind of finding once, however often it occurs', async (t) => {
        const store = makeStore(temporaryFolder(t), ['{', '{', '{', ...counterLog(1).lines])
        const { stdout } = await warmComplog(['verify-chain', store])
        assert.equal(stdout.match(/^error malformed-record$/gm)?.length, 3)
        assert.equal(stdout.match(/^ {2}Host:/gm)?.length, 1)
        assert.equal(stdout.match(/^ {2}Help:/gm)?.length, 1)
    })

    test('lists 25 findings in text, and says how many more there are', async (t) => {
        const store = makeStore(temporaryFolder(t), Array<string>(40).fill('{'))
        const { exitCode, stdout } = await warmComplog(['verify-chain', store])
        assert.equal(exitCode, 3)
        assert.equal(stdout.match(/^error /gm)?.length, 25)
        assert.match(stdout, /^… and 15 more; --json lists up to 1,000 of each kind\.$/m)
        assert.equal((await resultOf('verify-chain', [store], 'no')).findings.length, 40)
    })

    test('a reduction that replay disagrees with is found only with the app', async (t) => {
        const log = counterLog(4)
        const reductions = { [log.hashes[1]!]: reductionFile(log.hashes[1]!, '777') }
        const store = makeStore(temporaryFolder(t), log.lines, reductions)
        assert.equal((await resultOf('verify-chain', [store])).sound, true)
        const result = await resultOf('verify-chain', [store, ...withApp()], 'no')
        assert.deepEqual(
            result.findings.map(({ id, hash }) => [id, hash]),
            [['reduction-differs', log.hashes[1]]],
        )
        assert.match(result.findings[0]!.message, /"777"; replay gives "3"/)
    })

    test('with the app it counts the events that the app does not understand, and names the first', async (t) => {
        const { path, app } = fixtureStores[3]!
        const lines = Object.values(readLog(path)).flat().map(String)
        const events = ['{"other":1}', 'no JSON']
        lines.push(recordLine({ parent: hashOf(lines.at(-1)!), events }))
        const store = makeStore(temporaryFolder(t), lines)
        const envelope = await complogJson('verify-chain', [store, ...withApp(app)])
        assert.equal(envelope.status, 'ok')
        const warning = envelope.warnings.at(-1)
        assert.match(
            warning?.message ?? '',
            /^The app did not understand 2 of 122 replayed events .* first, as event 1 of it\.$/,
        )
        assert.equal(warning?.place?.line, lines.length)
    })

    test('a log that is not one chain is not replayed, and a warning says so', async (t) => {
        const log = counterLog(4)
        const store = makeStore(temporaryFolder(t), log.lines.toSpliced(1, 1))
        const envelope = await complogJson('verify-chain', [store, ...withApp()])
        assert.equal(envelope.status, 'no')
        assert.deepEqual(
            envelope.warnings.map(({ message }) => message),
            ['The reductions were not compared with replay: the log is not one chain.'],
        )
    })

    test('a folder without any record is sound, and a warning asks whether it is the right one', async (t) => {
        for (const below of ['', 'composition-log/literal']) {
            const folder = temporaryFolder(t)
            mkdirSync(join(folder, below), { recursive: true })
            const envelope = await complogJson('verify-chain', [folder])
            assert.equal(envelope.status, 'ok')
            assert.match(envelope.warnings.map(({ message }) => message).join(), /^There is no record at all/)
        }
    })

    test('a log in which no line is a record is not taken for the wrong folder', async (t) => {
        const envelope = await complogJson('verify-chain', [makeStore(temporaryFolder(t), ['{"damaged":'])])
        assert.equal(envelope.status, 'no')
        assert.deepEqual(envelope.warnings, [])
    })

    test('leaves every file as it was', async (t) => {
        const store = temporaryFolder(t)
        copyStore(fixtureStores[2]!.path, store)
        writeFiles(store, { 'composition/zzz.jsonl': '{"torn":' })
        const before = readFiles(store)
        await warmComplog(['verify-chain', store, ...withApp()])
        assert.deepEqual(readFiles(store), before)
    })
})
